# Managed by poc2prod; extend in a module of your own that imports it.
"""Metrics and one structured log line a request, as a single pure ASGI middleware.

Starlette's BaseHTTPMiddleware would cost more than the prediction does.
"""

import json
import logging
import re
import sys
import time
import traceback
import uuid
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict

from ..quoting import quotable

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger("service")


class Metrics:
    """The service's metrics, in a registry of their own so that tests can have many services."""

    def __init__(self) -> None:
        """Declare them."""
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests", "Requests.", ["route", "method", "status"], registry=registry
        )
        self.seconds = Histogram(
            "http_request_duration_seconds",
            "Time from the first byte of a request that succeeds to the last of its reply.",
            ["route"],
            registry=registry,
            buckets=sorted({*_BUCKETS, *latency_limits()}),
        )
        self.in_flight = Gauge("http_requests_in_flight", "Requests at work.", registry=registry)
        self.refused = Counter("requests_refused", "Bodies refused.", registry=registry)
        self.ready = Gauge("service_ready", "1 when /ready says 200.", registry=registry)
        ProcessCollector(registry=registry)
        # What is counted only once it happens can't be told from what is not counted at all.
        for status in (200, 500):
            self.requests.labels("/predict", "POST", status)
        self.seconds.labels("/predict")


def latency_limits() -> list[float]:
    """Read, in seconds, the limits of the KPI contract: alerts ask how many requests kept them."""
    compiled = json.loads(Path(__file__).with_name("limits.json").read_text(encoding="utf-8"))
    return [milliseconds / 1000 for milliseconds in compiled["latency_ms"]]


class Telemetry:
    """Counts, times and logs every request, and gives it an id."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: frozenset[str]) -> None:
        """Wrap an application whose paths are `routes`; any other path counts as "other"."""
        self._app = app
        self._metrics = metrics
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        # Unbounded label values would let a stranger fill the memory of Prometheus.
        route = scope["path"] if scope["path"] in self._routes else "other"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._metrics.in_flight.dec()
            seconds = time.perf_counter() - started
            self._metrics.requests.labels(route, method, status).inc()
            if status < 400:
                # A refusal at once is no fast prediction, and a slow caller no slow one.
                self._metrics.seconds.labels(route).observe(seconds)
            if route not in ("/live", "/ready", "/metrics"):
                log.info(
                    "request",
                    request_id=request_id,
                    method=method,
                    route=route,
                    status=status,
                    milliseconds=round(seconds * 1000, 2),
                )


def configure_logging() -> None:
    """Write logs as JSON lines to stderr, uvicorn's among them."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info if quotable() else _without_values,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


def _without_values(_: Any, __: str, event: EventDict) -> EventDict:
    """Say where an exception came from, and not what it says: that may quote somebody's data."""
    found = event.pop("exc_info", None)
    if isinstance(found, tuple) and found[0]:
        lines = traceback.format_tb(found[2])
        event["exception"] = f"{''.join(lines)}{found[0].__name__}"
    return event


def _request_id(scope: Scope) -> str:
    """Take the caller's id where it is harmless, else make one."""
    for name, value in scope["headers"]:
        text: str = value.decode("latin-1")
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(text):
            return text
    return uuid.uuid4().hex
