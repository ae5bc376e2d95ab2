"""A whole project whose people did their part: generated, trained, gated, filled in, committed."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from audit.filled import ADA, ANSWERS, CONTRACT, approve, commit, finish
from bundles import NEXT, git
from osv import without_holes
from poc2prod import releases
from poc2prod.audit import engine
from poc2prod.audit.catalogue import Catalogue, load
from projects import WITHOUT_THOSE_OF_OPS, Project, clean_environment

if TYPE_CHECKING:
    from poc2prod.audit.engine import Result
    from updates import Workbench


def today() -> date:
    """Return the day on which runs in this test measure."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Whole:
    """The project and what is needed to work on it.

    Attributes:
        project: its root, and an environment in which its code runs.
        bench: the releases, of which it is the newest.
    """

    project: Project
    bench: Workbench

    @property
    def root(self) -> Path:
        """Its folder."""
        return self.project.root

    @property
    def key(self) -> Path:
        """The key that signs its models, of which it has the public half."""
        return Path(self.project.environment["HOME"], "model.key")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace `old`, which must be there once, in a file."""
        file = self.root / path
        text = file.read_text("utf-8")
        assert text.count(old) == 1, (path, old)
        file.write_text(text.replace(old, new), encoding="utf-8")

    def code(self, name: str) -> str:
        """Return the path of a module of the project's package."""
        return f"src/{self.project.package}/{name}"

    def commit(self) -> None:
        """Commit what was changed, yesterday, as one of the two who maintain it."""
        commit(self.root, today() - timedelta(days=1), [ADA])

    def contract(self, old: str, new: str, version: str) -> None:
        """Edit the contract as it should be done: a version, an approval, and what follows."""
        self.edit(CONTRACT, "version: 0.1.0", f"version: {version}")
        self.edit(CONTRACT, old, new)
        approve(self.root, today() - timedelta(days=1))
        self.run("contract", "compile")
        self.commit()
        for command in ("evaluate", "drill", "scan"):
            self.run(command)

    def measure(self) -> None:
        """Train, evaluate, register and sign what is committed; show that it comes back."""
        for command in ("train", "evaluate", "register", "backup", "drill", "scan"):
            self.run(command)
        self.run("sign", "--key", str(self.key))

    def run(self, *command: str) -> None:
        """Run one of the project's commands, which must succeed; measurements come in pairs."""
        with without_holes() as database:
            variables = {**self.project.environment, "OPS_VULNERABILITIES": database}
            done = replace(self.project, environment=variables).command(*command)
        assert done.returncode == 0, done.stdout
        if command == ("evaluate",):
            self.join()
            self.compare()

    def join(self, **values: float) -> None:
        """Write what a team's own job would, that joins predictions with what became of them."""
        found = {"predictions": 1200, "labels": 1180, "joined_share": 0.97, "lag_seconds": 777_600}
        self._record("truth", "DAT-09", **{**found, **values})

    def compare(self, differences: int = 0) -> None:
        """Write what a team's own job would, that compares the cluster with the chart."""
        self._record("drift", "INF-07", differences=differences, stores=2, unencrypted=[])

    def _record(self, name: str, check: str, **values: Any) -> None:
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        envelope = {
            "schema": "poc2prod/evidence/v1",
            "checks": [check],
            "produced_by": {"tool": "own", "version": "1", "command": f"own {name}"},
            "git_sha": git(self.root, "rev-parse", "HEAD").strip(),
            "dirty": False,
            "started": moment,
            "finished": moment,
            "inputs": [],
            "subject": {},
            "env": {},
            "ci": None,
            "values": values,
        }
        file = self.root / f"readiness/evidence/{name}.json"
        file.write_text(json.dumps(envelope), encoding="utf-8")

    def copy(self, into: Path) -> Whole:
        """Return a copy of it, git and all, to break."""
        root = into / self.root.name
        shutil.copytree(self.root, root, symlinks=True)
        return Whole(_with_code(Project(root, self.project.environment)), self.bench)

    def audit(self, *checks: str) -> dict[str, Result]:
        """Audit it by the static checks and by some of the others."""
        every = load()
        chosen = {n: c for n, c in every.checks.items() if c.profile == "fast" or n in checks}
        with ExitStack() as stack:
            for context in (
                patch.object(engine, "load", lambda: Catalogue(chosen, every.sha256)),
                patch.object(releases, "BUNDLE", self.bench.bundle.file),
                patch.object(releases, "HISTORY", self.bench.bundle.history),
            ):
                stack.enter_context(context)
            found = engine.audit(
                self.root, profile="release", now=datetime.now(UTC), allow_exec=bool(checks)
            )
        return {result.check.id: result for result in found.results}


def made(bench: Workbench, trained: Project, folder: Path) -> Whole:
    """Generate a project, let its people do their part, train it and gate the model.

    Args:
        bench: has the release that it is generated from.
        trained: a project with the same answers, whose environment and data it uses.
        folder: where.
    """
    root = folder / trained.root.name
    options = [part for name, value in ANSWERS.items() for part in ("-d", f"{name}={value}")]
    done = bench("new", root, "--defaults", "--no-git", "--ref", NEXT, *options)
    assert done.status == 0, done.stderr
    key = folder / "model.key"
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key))
    openssl("ec", "-in", str(key), "-pubout", "-out", str(root / "model.pub"))
    (root / "conftest.py").write_text(WITHOUT_THOSE_OF_OPS, encoding="utf-8")
    finish(root, today())
    (root / ".venv").mkdir()  # a link itself would not be ignored by git
    for entry in (trained.root / ".venv").iterdir():
        (root / ".venv" / entry.name).symlink_to(entry)
    shutil.copytree(trained.root / "data", root / "data")
    whole = Whole(_with_code(Project(root, clean_environment(folder))), bench)
    whole.measure()
    return whole


def openssl(*arguments: str) -> None:
    """Run openssl, which must succeed."""
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def _with_code(project: Project) -> Project:
    """Let a project's commands run its own code, whatever is installed in its environment."""
    variables = {**project.environment, "PYTHONPATH": str(project.root / "src")}
    return replace(project, environment=variables)
