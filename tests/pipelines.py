"""Run a generated project's GitLab pipeline for real, through gitlab-ci-local.

The jobs' scripts run on this machine as they are, one after the other, in the repository itself:
its `.venv` is made once. Only what installs packages of an image is a stand-in, in `tests/gitlab/`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rendering import ROOT
from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STUBS = [str(ROOT / "tests" / folder / "bin") for folder in ("gitlab", "act")]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def verdicts(log: str) -> dict[str, str]:
    """Return job → PASS or FAIL, as a pipeline's log ends."""
    return {
        job.strip(): said for said, job in re.findall(r"^ (PASS|FAIL)  (.+)$", log, re.MULTILINE)
    }


def said(log: str, job: str) -> str:
    """Return what a job printed."""
    return "".join(re.findall(rf"^{re.escape(job)} +> (.*\n)", log, re.MULTILINE))


@dataclass
class GitLab:
    """A repository on a stand-in for GitLab.

    Attributes:
        root: its working tree, as a runner has it.
        home: a folder for everything else.
        environment: of the runner.
    """

    root: Path
    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def host(cls, root: Path, home: Path, environment: Mapping[str, str] | None = None) -> GitLab:
        """Commit what is there and give it a remote that takes push options."""
        hosted = cls(root, home, environment or {})
        (home / "bin").mkdir(parents=True)
        (home / "bin/python").symlink_to(sys.executable)
        if not (root / ".git").exists():
            hosted.git("init", "--quiet", "--initial-branch=main")
        hosted.commit("Start")
        hosted.git("clone", "--quiet", "--bare", str(root), str(hosted.remote))
        hosted.git("config", "receive.advertisePushOptions", "true", cwd=hosted.remote)
        hook = hosted.remote / "hooks/pre-receive"
        hook.write_text(f"#!/bin/sh\nenv | grep ^GIT_PUSH_OPTION >'{home}/options'\ntrue\n")
        hook.chmod(0o755)
        hosted.git("remote", "add", "origin", "git@gitlab.example.com:plant/pumps.git")
        (root / ".git/info").mkdir(exist_ok=True)
        (root / ".git/info/exclude").write_text(".gitlab-ci-local/\n", encoding="utf-8")
        return hosted

    @property
    def remote(self) -> Path:
        """Where jobs push to."""
        return self.home / "remote.git"

    def run(
        self,
        *jobs: str,
        variables: Mapping[str, str] | None = None,
        source: str = "push",
        isolated: bool = False,
        fails: bool = False,
        timeout: int = 600,
    ) -> str:
        """Run a pipeline of the main branch, or some of its jobs, and return its log.

        Args:
            jobs: names; without any, all that its rules let run.
            variables: of the project.
            source: what started it.
            isolated: give each job a checkout of its own, as runners do.
            fails: whether it must fail.
            timeout: in seconds.
        """
        values = {
            "CI_PIPELINE_SOURCE": source,
            "CI_PROJECT_URL": f"file://{self.remote.with_suffix('')}",
            **(variables or {}),
        }
        options = ["--shell-isolation"] if isolated else []
        options += [f"--variable={name}={value}" for name, value in values.items()]
        done = subprocess.run(
            [
                require_tool("gitlab-ci-local"),
                "--force-shell-executor",
                "--concurrency=1",
                "--ignore-predefined-vars=CI_PIPELINE_SOURCE,CI_PROJECT_URL",
                *options,
                *jobs,
            ],
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout,
        )
        log = COLOUR.sub("", done.stdout)
        assert (done.returncode != 0) == fails, log
        return log

    def jobs(self, variables: Mapping[str, str], source: str = "push") -> set[str]:
        """Return the jobs that a pipeline of the main branch has."""
        log = self.run("--list-csv", variables=variables, source=source)
        return set(re.findall(r"^([\w ]+);\"?\"?;", log, re.MULTILINE)) - {"name"}

    def pushed(self, branch: str) -> str:
        """The newest commit of a branch: its id, author and subject; empty without one."""
        there = self.git("branch", "--list", branch, cwd=self.remote)
        return self.git("log", "-1", "--format=%H %ae %s", branch, cwd=self.remote) if there else ""

    def changed(self, branch: str) -> list[str]:
        """The files that a branch changes."""
        listed = self.git("diff", "--name-only", "-z", "main", branch, cwd=self.remote)
        return sorted(listed.split("\0")[:-1])

    def options(self) -> list[str]:
        """What the newest push asked for."""
        text = (self.home / "options").read_text(encoding="utf-8")
        return re.findall(r"^GIT_PUSH_OPTION_\d+=(.*)$", text, re.MULTILINE)

    def commit(self, message: str) -> None:
        """Commit what differs."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run git, in the working tree unless `cwd` says otherwise, and return its output."""
        return subprocess.run(
            ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", *arguments],
            cwd=cwd or self.root,
            env=self._environment(),
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def _environment(self) -> dict[str, str]:
        path = [
            *STUBS,
            str(self.home / "bin"),
            self.environment.get("PATH", os.environ["PATH"]),
        ]
        return {
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            **self.environment,
            "PATH": os.pathsep.join(path),
            "HOME": str(self.home),
            "INSTALLED": str(self.home / "installed"),
            "GITHUB": str(self.home),  # where the stand-ins that both have in common write
        }
