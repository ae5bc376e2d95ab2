"""Images of generated projects and what runs of them, asked through a docker client."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
