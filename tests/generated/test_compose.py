"""The Compose stack under a real engine: it serves, is watched, and Alertmanager hears of its end.

Images that no registry gives here are made from Debian's programs, under the names in the file. Of
Grafana there is none: its files are checked for what they name, and never loaded.
"""

from __future__ import annotations

import json
import re
import shutil
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from containers import PATIENCE, answer, output, with_image
from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from projects import Project

STAND_IN = """
FROM debian:bookworm-slim
COPY program /bin/program
COPY share /usr/share/prometheus/
RUN mkdir /prometheus && chown 65534 /prometheus
USER 65534
VOLUME /prometheus
ENTRYPOINT ["/bin/program"]
"""
PROGRAMS = {"prometheus": "prometheus", "alertmanager": "prometheus-alertmanager"}


def stand_in(docker: str, image: str, program: str, context: Path) -> None:
    """Make an image that runs a program, unless this engine has one of that name."""
    if output(docker, "image", "ls", "--quiet", image):
        return
    binary = Path(require_tool(program)).resolve()
    shutil.copy(binary, context / "program")
    # Debian's programs look for their templates there, those of the real images hold them.
    shutil.copytree(binary.parents[1] / "share/prometheus", context / "share", symlinks=True)
    (context / "Dockerfile").write_text(STAND_IN, encoding="utf-8")
    output(docker, "build", "--quiet", "--tag", image, str(context))


@pytest.mark.xdist_group("images")
def test_the_stack_serves_and_an_alert_reaches_alertmanager(
    generated: Callable[[str], Project],
    copy_of: Callable[[Project], Project],
    docker: str,
    tmp_path: Path,
) -> None:
    project = copy_of(with_image(generated("default")))
    hurry(project.root)
    file = project.root / "deploy/compose/compose.yaml"
    services = yaml.safe_load(file.read_text(encoding="utf-8"))["services"]
    for name, program in PROGRAMS.items():
        context = tmp_path / name
        context.mkdir()
        stand_in(docker, services[name]["image"], program, context)

    compose = (docker, "compose", "--file", str(file), "--project-name", uuid.uuid4().hex[:12])
    ports = dict.fromkeys(("PORT", "PROMETHEUS_PORT", "ALERTMANAGER_PORT"), "0")
    more: dict[str, Any] = {"env": {**project.environment, **ports}}
    here = ("--pull=never", "service", *PROGRAMS)
    said = commands(project.root)
    try:
        for command in ("up", "restart", "up"):  # of an image, a model, another image
            output(*compose, *said[command], *(here if command == "up" else ()), **more)
        got, expected = answer(output(*compose, "port", "service", "8000", **more), project)
        assert len(got) == len(expected)

        prometheus = output(*compose, "port", "prometheus", "9090", **more)
        alertmanager = output(*compose, "port", "alertmanager", "9093", **more)
        job = f'up{{job="{project.root.name}"}}'
        until(lambda: values(prometheus, job) == ["1"], "the service is scraped")
        health = {
            rule["health"]
            for group in get(f"http://{prometheus}/api/v1/rules")["data"]["groups"]
            for rule in group["rules"]
        }
        assert "err" not in health
        until(lambda: "Watchdog" in alerts(alertmanager), "the watchdog arrives")
        assert "ServiceDown" not in alerts(alertmanager)
        output(*compose, "kill", "service", **more)
        until(lambda: "ServiceDown" in alerts(alertmanager), "the end of the service arrives")
    finally:
        output(*compose, *said["down"], **more)


def commands(root: Path) -> dict[str, list[str]]:
    """What the page tells people to type after docker compose, by its first word."""
    page = (root / "docs/deploy-compose.md").read_text(encoding="utf-8")
    found = [line.split() for line in re.findall(r"docker compose ([^`\n]+)", page)]
    return {words[0]: words for words in found}


def hurry(root: Path) -> None:
    """Make a project's Prometheus look every second; nothing else changes."""
    for name, before, after in (
        ("deploy/compose/prometheus.yml", "_interval: 15s", "_interval: 1s"),
        ("deploy/compose/alertmanager.yml", "group_wait: 10s", "group_wait: 1s"),
        ("monitoring/rules/service.yaml", "for: 1m\n", "for: 2s\n"),
    ):
        text = (root / name).read_text(encoding="utf-8")
        assert before in text
        (root / name).write_text(text.replace(before, after), encoding="utf-8")


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as reply:
        return json.load(reply)


def values(prometheus: str, query: str) -> list[str]:
    url = f"http://{prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    return [each["value"][1] for each in get(url)["data"]["result"]]


def alerts(alertmanager: str) -> set[str]:
    return {each["labels"]["alertname"] for each in get(f"http://{alertmanager}/api/v2/alerts")}


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)
