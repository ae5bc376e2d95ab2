"""Projects that are generated from three profiles of answers, and running their commands."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

WORKING_TREE = ("--template", str(ROOT), "--ref", "HEAD")
"""Makes `poc2prod new` render the template as it is now instead of its newest release."""

PROFILES: dict[str, dict[str, str]] = {
    "default": {},
    "batch": {
        "problem": "multiclass",
        "latency": "batch",
        "deployment": "[]",
        "ci": "gitlab",
        "license": "MIT",
        "python_version": "3.12",
    },
    "regression": {
        "problem": "regression",
        "deployment": "[serverless, edge]",
        "license": "Apache-2.0",
        "python_version": "3.11",
        "team": 'Plant & "Pump" Ölwerk: #1',
        "kpi_direction": "increase",
        "privacy": "personal",
    },
}

NAMES = {"regression": "pumps"}
"""What a team is likely to call its project: as a module of the simulator is called."""


WITHOUT_THOSE_OF_OPS = 'collect_ignore_glob = ["tests/ops/test_*"]\n'
"""A conftest.py of a team that leaves out what test_profiles runs: it takes two minutes."""


UNKILLED = "-k 'not killed'"
"""Selects a project's tests but those that kill processes: the batch profile runs these too."""


@dataclass(frozen=True)
class Project:
    """A generated project and the environment of its commands."""

    root: Path
    environment: dict[str, str]

    def __call__(self, *command: str, timeout: int = 600) -> subprocess.CompletedProcess[str]:
        """Run a command in the project; its output is in `stdout`, errors too."""
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout,
        )

    def make(self, *targets: str) -> str:
        """Make targets, which must succeed."""
        done = self("make", *targets)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the project's own command."""
        return self(str(self.root / ".venv/bin/python"), "-m", self.package, *arguments)

    @property
    def package(self) -> str:
        """The name of its Python package."""
        (package,) = (self.root / "src").iterdir()
        return package.name


def clean_environment(home: Path) -> dict[str, str]:
    """Variables for commands that must not see this test run's own settings."""
    kept = (
        "PATH",
        "LANG",
        "UV_CACHE_DIR",
        "PIP_CERT",
        "SSL_CERT_FILE",
        "DOCKER_HOST",
        "DOCKER_CONFIG",
    )
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHON": sys.executable,
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache/uv")),
    }


def generate(root: Path, environment: dict[str, str], answers: dict[str, str]) -> Project:
    """Generate a project from the working tree's template."""
    options = [part for name, value in answers.items() for part in ("-d", f"{name}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "poc2prod", "new", str(root), "--defaults", *WORKING_TREE, *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Project(root, environment)


def with_model(project: Project) -> Project:
    """Let a project have a champion, and return it."""
    if not (project.root / "models/champion").exists():
        project.make("demo")
    return project
