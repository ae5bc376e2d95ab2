# Managed by poc2prod; extend in a module of your own that imports it.
"""Sends a service the load that the KPI contract promises, and judges what comes back."""

import http.client
import json
import math
import threading
import time
import urllib.parse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from queue import Empty, SimpleQueue

from .. import kpi, registry
from ..console import step
from ..errors import ProjectError
from ..predictor import Predictor
from ..settings import Settings
from . import promises
from .promises import Answer, Verdict
from .smoke import running_service

_PATIENCE_SECONDS = 10.0  # for an answer, and at the end for those that are late
_IDLE_SECONDS = 2.0  # servers close what is idle for longer, ours after 5
_FEWEST_CONNECTIONS, _MOST_CONNECTIONS = 4, 64


def test(settings: Settings, url: str | None, seconds: float) -> list[Verdict]:
    """Send golden rows of the local champion, one a request, as fast as the contract promises.

    Args:
        settings: where the champion is.
        url: a running service; None starts one on a free port and stops it again.
        seconds: how long.

    Returns:
        A verdict on the load itself, then one on each objective of the contract.

    Raises:
        ProjectError: there is no champion, the service does not start, or it refuses the rows.
    """
    promised = kpi.load().nonfunctional
    name, per_second = promises.load(promised)
    # Twice as many as a service that is as slow as it may be keeps busy.
    needed = math.ceil(2 * per_second * promises.slowest_ms(promised) / 1000)
    connections = min(_MOST_CONNECTIONS, max(_FEWEST_CONNECTIONS, needed))
    rows = Predictor(registry.champion(settings.models), settings.signed_by).golden_rows
    bodies = [json.dumps(row).encode() for row in rows]
    title = f"Send {per_second:g} requests a second for {seconds:g} s ({name})"
    with running_service() if url is None else nullcontext(url) as base, step(title):
        answers = send(base, bodies, per_second, seconds, connections)
    for answer in answers:
        if answer.status not in (None, 200) and not answer.failed:
            raise ProjectError(
                f"{base}/predict answers {answer.status} instead of a prediction; does it serve"
                " another model, or does something in between refuse the requests?"
            )
    return promises.judge(promised, answers)


def send(
    base: str, bodies: Sequence[bytes], per_second: float, seconds: float, connections: int
) -> list[Answer]:
    """Send requests at a fixed pace that does not wait for answers, while a connection is free.

    Raises:
        ProjectError: `base` is no address of a service.
    """
    _connect(base)
    turns: SimpleQueue[int] = SimpleQueue()
    for turn in range(max(1, round(per_second * seconds))):
        turns.put(turn)
    sender = _Sender(base, bodies, per_second, seconds + _PATIENCE_SECONDS)
    with ThreadPoolExecutor(connections) as threads:
        try:
            parts = list(threads.map(sender.run, [turns] * connections))
        finally:
            sender.stop.set()  # such as on Ctrl-C: the threads would go on to the end
    return sorted((answer for part in parts for answer in part), key=lambda answer: answer.due)


class _Sender:
    """What the threads share: each takes the next turn, waits until it is due, and sends."""

    def __init__(
        self, base: str, bodies: Sequence[bytes], per_second: float, deadline: float
    ) -> None:
        self.stop = threading.Event()
        self._base = base
        self._path = f"{urllib.parse.urlsplit(base).path.rstrip('/')}/predict"
        self._bodies = bodies
        self._per_second = per_second
        self._started = time.perf_counter()
        self._deadline = deadline

    def run(self, turns: "SimpleQueue[int]") -> list[Answer]:
        """Take turns on one connection until none is left."""
        connection = _connect(self._base)
        answers: list[Answer] = []
        try:
            while not self.stop.is_set():
                turn = turns.get_nowait()
                due = turn / self._per_second
                self.stop.wait(max(0.0, due - self._now()))
                if answers and self._now() - answers[-1].ended > _IDLE_SECONDS:
                    connection.close()  # the next request opens it again
                answers.append(self._ask(connection, due, self._bodies[turn % len(self._bodies)]))
        except Empty:
            pass
        finally:
            connection.close()
        return answers

    def _ask(self, connection: http.client.HTTPConnection, due: float, body: bytes) -> Answer:
        sent = self._now()
        if sent > self._deadline:
            return Answer(due, None, sent, None)
        status = None
        try:
            connection.request("POST", self._path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            status = response.status
        except (OSError, http.client.HTTPException):
            connection.close()
        return Answer(due, sent, self._now(), status)

    def _now(self) -> float:
        return time.perf_counter() - self._started


def _connect(base: str) -> http.client.HTTPConnection:
    """Prepare a connection; its first request opens it."""
    kinds: dict[str, type[http.client.HTTPConnection]] = {
        "http": http.client.HTTPConnection,
        "https": http.client.HTTPSConnection,
    }
    try:
        parts = urllib.parse.urlsplit(base)
        host = parts.hostname or ""
        return kinds[host and parts.scheme](host, parts.port, timeout=_PATIENCE_SECONDS)
    except (KeyError, ValueError, http.client.InvalidURL):
        raise ProjectError(f"{base} is no address such as http://127.0.0.1:8000") from None
