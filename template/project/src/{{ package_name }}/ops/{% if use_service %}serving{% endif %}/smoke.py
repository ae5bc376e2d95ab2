# Managed by poc2prod; extend in a module of your own that imports it.
"""Asks a service what a caller would ask, and compares with what the model said in training."""

import json
import math
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from .. import kpi, registry
from ..console import step
from ..errors import ProjectError
from ..files import to_json
from ..predictor import Predictor, difference
from ..settings import Settings

_START_SECONDS = 60.0
_REQUESTS = 200


def check(settings: Settings, url: str | None) -> str:
    """Ask for the golden rows of the local champion; then time single-row requests.

    Args:
        settings: where the champion is.
        url: a running service; None starts one on a free port and stops it again.

    Returns:
        A request with the service's reply, and a line on its latency.

    Raises:
        ProjectError: the service does not start, does not answer, or answers something else.
    """
    predictor = Predictor(registry.champion(settings.models), settings.signed_by)
    rows = predictor.golden_rows
    with running_service() if url is None else nullcontext(url) as base:
        with step("Compare the replies to the golden rows"):
            reply = _post(base, rows)
            found = difference(reply["predictions"], predictor.reply(rows))
            if found:
                raise ProjectError(
                    f"{base} predicts something else: {found}; does it serve another model? It"
                    f" says {reply['model']}"
                )
        with step(f"Send {_REQUESTS} requests"):
            milliseconds = sorted(_milliseconds(base, rows[0]) for _ in range(_REQUESTS))
        last = _post(base, rows[-1])
    p50, p99 = milliseconds[_REQUESTS // 2], milliseconds[math.ceil(_REQUESTS * 0.99) - 1]
    limit = latency_limit_ms()
    latency = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, limit {limit:g} ms"
    if p99 > limit:
        latency += ": too slow on this machine"
    return f"{to_json(rows[-1])}is answered by\n{to_json(last)}{latency}\n"


def latency_limit_ms() -> float:
    """Read the latency limit from the KPI contract.

    Raises:
        ProjectError: there is none.
    """
    for slo in kpi.load().nonfunctional.slos:
        if slo.kind == "latency":
            return slo.limit_ms
    raise ProjectError(f"{kpi.PATH}: nonfunctional.slos has no latency objective")


@contextmanager
def running_service() -> Iterator[str]:
    """Start the service as an operator would, on a free port; stop it by SIGTERM."""
    package = __package__.split(".")[0]
    command = [sys.executable, "-m", package, "serve", "--host", "127.0.0.1", "--port", "0"]
    # A file, not a pipe: nobody reads the log while requests run, and a full pipe would block.
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "log"
        with log.open("w") as stderr, subprocess.Popen(command, stderr=stderr) as process:
            try:
                with step("Start the service"):
                    url = _wait_until_ready(process, log)
                yield url
            finally:
                process.terminate()
        if process.returncode:
            raise ProjectError(f"the service ended with {process.returncode}: {log.read_text()}")


def _wait_until_ready(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Read the address from the service's log, then ask until it is ready."""
    deadline = time.monotonic() + _START_SECONDS
    reason = "it said no address"
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r'"url": "(http://[^"]+)"', log.read_text(encoding="utf-8")):
            try:
                _open(f"{found[1]}/ready").close()
                return found[1]
            except urllib.error.HTTPError as error:
                raise ProjectError(f"{found[1]} is not ready: {error.read().decode()}") from None
            except OSError as error:
                reason = str(error)
        time.sleep(0.05)
    raise ProjectError(f"the service did not start, {reason}: {log.read_text().strip()}")


def _post(base: str, body: Any) -> Any:
    request = urllib.request.Request(
        f"{base}/predict",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with _open(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise ProjectError(
            f"{base}/predict answers {error.code}: {error.read(1000).decode(errors='replace')}"
        ) from None
    except (OSError, ValueError) as error:
        raise ProjectError(f"{base} does not answer: {error}") from None


def _open(request: urllib.request.Request | str) -> Any:
    return urllib.request.urlopen(request, timeout=10)


def _milliseconds(base: str, row: dict[str, Any]) -> float:
    started = time.perf_counter()
    _post(base, row)
    return (time.perf_counter() - started) * 1000
