"""Fixtures for all tests: an environment without the user's configuration, and the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from rendering import compile_once, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytest_plugins = ["generating", "tools", "updates", "charts"]

compile_once()

# In the background a shell makes a run ignore Ctrl-C, and so would every process that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Run(Protocol):
    """Run `poc2prod ARGUMENTS` in a process of its own, without a terminal."""

    def __call__(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for a process that must not see the user's git, Copier or pytest configuration."""
    home = tmp_path_factory.mktemp("home")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "TMPDIR": str(tmp_path_factory.mktemp("tmp")),
    }


@pytest.fixture
def poc2prod(environment: dict[str, str], tmp_path: Path) -> Run:
    """The command line, in an empty folder unless `cwd` says otherwise."""

    def run(
        *arguments: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "poc2prod", *map(str, arguments)],
            cwd=cwd or tmp_path,
            env={**environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the template that is no repository: Copier renders it without cloning."""
    return snapshot(tmp_path_factory.mktemp("template"))
