"""A real Prometheus watches a generated service under load, until both instances are killed."""

from __future__ import annotations

import json
import math
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from projects import Project

PATIENCE = 60.0
"""Seconds until something that takes a few must have happened."""

SCRAPING = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules/*.yaml]
scrape_configs:
  - job_name: {job}
    static_configs: [{{targets: {targets}}}]
"""


class Prometheus:
    """Asks a running Prometheus."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1"

    def get(self, path: str, **parameters: str) -> Any:
        url = f"{self._url}/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as reply:
            return json.load(reply)["data"]

    def values(self, query: str) -> list[float]:
        """The query's values now, without those that are no number."""
        found = [float(each["value"][1]) for each in self.get("query", query=query)["result"]]
        return [value for value in found if not math.isnan(value)]

    def up(self) -> bool:
        try:
            return bool(self.get("query", query="vector(1)"))
        except OSError:
            return False


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def started(command: list[str], log: Path, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process, killed at the end if it still runs."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, **more)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def service(project: Project, log: Path, **environment: str) -> Any:
    command = [str(project.root / ".venv/bin/python"), "-m", project.package]
    return started(
        [*command, "serve", "--port", "0"],
        log,
        cwd=project.root,
        env={**project.environment, **environment},
    )


def address(log: Path) -> str:
    until(lambda: "http://127" in log.read_text(), f"no address in {log}")
    found = re.search(r"http://(127\.0\.0\.1:\d+)", log.read_text())
    assert found
    return found[1]


def post(target: str, body: bytes) -> None:
    try:
        urllib.request.urlopen(f"http://{target}/predict", body, timeout=10).close()
    except urllib.error.HTTPError as error:
        error.close()


@contextmanager
def load(targets: list[str], row: dict[str, object]) -> Iterator[None]:
    """Ask each of the targets 20 times a second; every fifth body is none."""
    over = threading.Event()

    def run() -> None:
        number = 0
        while not over.wait(0.05):
            number += 1
            for target in targets:
                post(target, b"[]" if number % 5 == 0 else json.dumps(row).encode())

    client = threading.Thread(target=run)
    client.start()
    try:
        yield
    finally:
        over.set()
        client.join()


def watched(project: Project, directory: Path, targets: list[str]) -> list[str]:
    """Set Prometheus up with the project's rules; return the command.

    One thing is shorter than in production: ServiceDown waits for 2 seconds and not for a minute.
    """
    rules = shutil.copytree(project.root / "monitoring/rules", directory / "rules")
    text = (rules / "service.yaml").read_text(encoding="utf-8")
    assert text.count("for: 1m\n") == 1
    (rules / "service.yaml").write_text(text.replace("for: 1m\n", "for: 2s\n"), encoding="utf-8")
    settings = SCRAPING.format(job=project.root.name, targets=json.dumps(targets))
    (directory / "prometheus.yml").write_text(settings, encoding="utf-8")
    return [
        require_tool("prometheus"),
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={directory / 'data'}",
    ]


@pytest.mark.xdist_group("default")
def test_alerts_and_panels_see_the_service_and_its_end(
    generated: Callable[[str], Project], tmp_path: Path
) -> None:
    project = generated("default")
    project.make("train", "evaluate", "register")
    golden = json.loads((project.root / "models/v1/golden.json").read_text(encoding="utf-8"))
    rules = [
        rule
        for file in sorted((project.root / "monitoring/rules").glob("*.yaml"))
        for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"][0]["rules"]
    ]
    dashboard = json.loads((project.root / "monitoring/dashboard.json").read_text(encoding="utf-8"))
    queries = [q["expr"] for panel in dashboard["panels"] for q in panel.get("targets", ())]
    selectors = set(re.findall(r"\w+\{.*?\}", "\n".join([*queries, *(r["expr"] for r in rules)])))

    with ExitStack() as stack:
        logs = tmp_path / "good.log", tmp_path / "bad.log"
        good = stack.enter_context(service(project, logs[0]))
        # One without a model makes the 5xx that alerts count.
        bad = stack.enter_context(service(project, logs[1], OPS_MODELS=str(tmp_path / "none")))
        targets = [address(log) for log in logs]
        port = free_port()
        command = [*watched(project, tmp_path, targets), f"--web.listen-address=127.0.0.1:{port}"]
        stack.enter_context(started(command, tmp_path / "prometheus.log"))
        prometheus = Prometheus(port)
        until(prometheus.up, "Prometheus does not answer")

        with load(targets, golden["rows"][0]):
            for query in [*queries, *sorted(selectors)]:
                until(partial(prometheus.values, query), f"no data: {query}")
            for selector in sorted(selectors):
                if re.match(r"\w+_(total|bucket|count)\b", selector):
                    moved = f"sum(rate({selector}[1m])) > 0"
                    until(partial(prometheus.values, moved), f"no move: {selector}")

        groups = prometheus.get("rules")["groups"]
        health = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
        assert health == {rule["alert"]: "ok" for rule in rules}
        firing = 'ALERTS{alertname="ServiceDown", alertstate="firing"}'
        assert prometheus.values(firing) == []
        good.kill()
        bad.kill()
        until(lambda: prometheus.values(firing), "a killed service fires no alert")
