"""Run a generated project's workflow for real, through act, against stand-ins for GitHub.

The jobs' steps run on this machine as they are. Only the actions are replaced, by those in
`tests/act/`: checkout clones a bare repository, artifacts are copied to a folder, and `gh` writes
down what it is asked.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rendering import ROOT
from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STUBS = ROOT / "tests" / "act"


@dataclass
class GitHub:
    """A repository on a stand-in for GitHub, in the folder `home`."""

    home: Path

    @classmethod
    def host(cls, project: Path, home: Path) -> GitHub:
        """Commit the files of `project` as the repository's only commit."""
        hosted = cls(home)
        for folder in (hosted.state, home / "bin"):
            folder.mkdir(parents=True)
        (home / "bin" / "python").symlink_to(sys.executable)
        hosted.git("init", "--quiet", "--initial-branch=main", cwd=project)
        hosted.git("add", "--all", cwd=project)
        hosted.git("commit", "--quiet", "--message=Start", cwd=project)
        hosted.git("clone", "--quiet", "--bare", str(project), str(hosted.remote))
        return hosted

    @property
    def remote(self) -> Path:
        return self.home / "remote.git"

    @property
    def state(self) -> Path:
        """What `gh` is asked for and what it shows: see `tests/act/bin/gh`."""
        return self.home / "github"

    def run(
        self,
        workflow: str,
        *,
        variables: dict[str, str],
        secrets: dict[str, str],
        environment: dict[str, str],
        fails: bool = False,
        event: str = "workflow_dispatch",
        payload: Mapping[str, object] | None = None,
        job: str = "",
        timeout: int = 120,
    ) -> str:
        """Run a workflow of the default branch, or one of its jobs, and return its log."""
        shutil.rmtree(self.home / "run", ignore_errors=True)
        checkout = self.home / "run" / "checkout"
        self.git("clone", "--quiet", str(self.remote), str(checkout))
        text = (checkout / ".github/workflows" / workflow).read_text(encoding="utf-8")
        stubs = {
            f"{owner}/{repository}@{commit}={STUBS / repository}"
            for owner, repository, commit in re.findall(
                r"uses: ([^/\s]+)/([^/@\s]+)\S*@(\S+)", text
            )
        }
        env = {
            **environment,
            "ARTIFACTS": str(self.home / "run" / "artifacts"),
            "GITHUB": str(self.state),
            "REMOTE": str(self.remote),
        }
        (self.home / "event.json").write_text(json.dumps(payload or {}), encoding="utf-8")
        options = [
            f"--eventpath={self.home / 'event.json'}",
            f"--workflows=.github/workflows/{workflow}",
            "--platform=ubuntu-latest=-self-hosted",
            f"--action-cache-path={self.home / 'run' / 'cache'}",
            "--no-cache-server",
            "--no-skip-checkout",
            *([f"--job={job}"] if job else []),
            *(f"--local-repository={stub}" for stub in stubs),
            *(f"--env={name}={value}" for name, value in env.items()),
            *(f"--var={name}={value}" for name, value in variables.items()),
            *(f"--secret={name}={value}" for name, value in secrets.items()),
        ]
        done = subprocess.run(
            [require_tool("act"), event, *options],
            cwd=checkout,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    def calls(self) -> list[str]:
        """The calls of `gh` so far, one a line."""
        calls = self.state / "calls"
        return calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run git, in the hosted repository unless `cwd` says otherwise, and return its output."""
        return subprocess.run(
            ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", *arguments],
            cwd=cwd or (self.remote if self.remote.exists() else self.home),
            env=self._environment(),
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def _environment(self) -> dict[str, str]:
        path = [str(STUBS / "bin"), str(self.home / "bin"), os.environ["PATH"]]
        return {
            "PATH": os.pathsep.join(path),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
        }
