"""Images of generated projects and what runs of them, asked through a docker client."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from projects import Project

PATIENCE = 60.0
"""Seconds until something that takes a few must have happened."""


def output(*command: str, **more: Any) -> str:
    """Run a command, which must succeed; what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, done.stderr
    said: str = done.stdout
    return said.strip()


def until(expected: str, *command: str) -> None:
    """Repeat a command until it says something."""
    deadline = time.monotonic() + PATIENCE
    while (said := output(*command)) != expected:
        assert time.monotonic() < deadline, said
        time.sleep(0.2)


def with_image(project: Project) -> Project:
    """Give the project a registered model and an image."""
    if not (project.root / "models/champion").exists():
        project.make("train", "evaluate", "register")
    project.make("image")  # the engine remembers the layers of the one before
    return project


def answer(address: str, project: Project) -> Any:
    """Send the champion's golden rows; the service's reply and what it should be."""
    golden = json.loads((project.root / "models/v1/golden.json").read_text())
    request = urllib.request.Request(
        f"http://{address}/predict", json.dumps(golden["rows"]).encode()
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["predictions"], golden["replies"]


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """A registry of images that keeps them in a folder; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {"version": 0.1, "http": {"addr": address}, "log": {"level": "error"}}
    settings["storage"] = {"filesystem": {"rootdirectory": str(folder / "images")}}
    (folder / "registry.yml").write_text(json.dumps(settings), encoding="utf-8")
    command = (require_tool("docker-registry"), "serve", str(folder / "registry.yml"))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    urllib.request.urlopen(f"http://{address}/v2/", timeout=5).close()
                    break
                except OSError:
                    assert process.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            yield address
        finally:
            process.terminate()


@contextmanager
def pinned(docker: str, project: Project, folder: Path) -> Iterator[None]:
    """Pin the base of a project's image as it is in a registry of our own, by `make pin`."""
    text = (project.root / "deploy/Dockerfile").read_text(encoding="utf-8")
    base = text.partition("\nARG BASE=")[2].partition("\n")[0]
    with registry(folder) as address:
        output(docker, "tag", base, f"{address}/{base}")
        try:
            output(docker, "push", f"{address}/{base}")
            project.make("pin", f"BASE={address}/{base}")
            yield
        finally:
            output(docker, "image", "rm", f"{address}/{base}")
