# Managed by poc2prod; extend in settings.toml.
"""Starts the service and stops it so that no request is lost."""

import socket
import time
from types import FrameType

import uvicorn

from ..errors import ProjectError
from ..settings import Settings
from .app import Service, create_app
from .telemetry import configure_logging, log

# For what is open when the drain ends. Bodies have their own limit, predictions take milliseconds.
_FINISH_SECONDS = 20


class DrainingServer(uvicorn.Server):
    """On a signal: not ready at once, still answering for a while, then finish what is open."""

    def __init__(self, config: uvicorn.Config, service: Service, url: str) -> None:
        """Serve `config` at `url` with the state that /ready looks at."""
        super().__init__(config)
        self._service = service
        self._url = url
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; on a second signal wait no longer.

        Unlike its parent this does not raise the signal again at the end, so that a stop that was
        asked for exits with status 0. It only sets flags: a signal may come in the middle of a log
        line, whose lock is held.
        """
        if self._service.draining:
            self.should_exit = True
        self._service.draining = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say where it listens, now that signals are handled."""
        await super().startup(sockets)
        log.info("listening", url=self._url)

    async def on_tick(self, counter: int) -> bool:
        """Look ten times a second whether to stop."""
        if self._service.draining and self._stop_at is None:
            seconds = self._service.settings.drain_seconds
            self._stop_at = time.monotonic() + seconds
            log.info("stopping", drain_seconds=seconds)
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)


def serve(settings: Settings) -> None:
    """Serve until a signal.

    Raises:
        ProjectError: the address cannot be bound.
    """
    configure_logging()
    app = create_app(settings)
    try:
        listener = socket.create_server((settings.host, settings.port))
    except OSError as error:
        raise ProjectError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; another --port"
            " may be free"
        ) from None
    host, port = listener.getsockname()[:2]
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_FINISH_SECONDS,
    )
    DrainingServer(config, app.state.service, f"http://{host}:{port}").run([listener])
