"""A small repository to audit, built in a few files, and audits of made-up checks on it."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from poc2prod.audit.catalogue import Catalogue, Check, load
from poc2prod.audit.context import Context
from poc2prod.audit.engine import Result
from poc2prod.audit.files.tree import Tree
from poc2prod.audit.git import view
from poc2prod.audit.outcome import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = date(2026, 11, 23)
ADA, BOB, EVE = "ada@plant.eu", "bob@plant.eu", "eve@plant.eu"

WAIVER: dict[str, Any] = {
    "id": "W-2026-004",
    "check": "ZZZ-01",
    "category": "accepted_risk",
    "reason": "Replication to the second site is delivered in Q4",
    "ticket": "OPS-5123",
    "owner": "ada@plant.eu",
    "approver": "bob@plant.eu",
    "granted": "2026-11-01",
    "expires": "2026-11-30",
    "check_version": 2,
    "renewals": 0,
}
"""One that is in force on TODAY, for version 2 of a blocker."""

ENVELOPE: dict[str, Any] = {
    "schema": "poc2prod/evidence/v1",
    "checks": ["MDL-02"],
    "produced_by": {"tool": "pump", "version": "0.1.0", "command": "pump evaluate"},
    "git_sha": None,
    "dirty": False,
    "started": "2026-11-10T09:00:00+00:00",
    "finished": "2026-11-10T09:05:00+00:00",
    "inputs": [],
    "subject": {},
    "env": {"python": "3.13", "lock": None},
    "ci": None,
    "values": {"recall": 0.91},
}


def check(name: str, severity: str = "blocker", **fields: Any) -> Check:
    """Return a check of no catalogue, as severe at every tier."""
    values: dict[str, Any] = {
        "title": name,
        "step": 1,
        "why": "because",
        "fix": "mend it",
        "role": "engineer",
        "kinds": ("static",),
        "profile": "fast",
        "severity": dict.fromkeys(("low", "medium", "high"), severity),
        "probe": "success.contract.contract_valid",
        "since": "0.4.0",
        "arguments": {},
        "maps": {},
        "package": "poc2prod.audit",
    }
    return Check(id=name, **(values | fields))


def catalogue(*checks: Check) -> Catalogue:
    """Return poc2prod's own checks, with others added or replaced."""
    return Catalogue({**load().checks, **{each.id: each for each in checks}}, "0" * 64)


def result(of: Check, status: str = "FAIL", message: str = "it is broken") -> Result:
    """Return what a check came to."""
    return Result(of, Outcome(Status(status), message, 1), of.severity["low"])


@contextmanager
def context(
    root: Path, *checks: Check, on: date = TODAY, about: Check | None = None
) -> Iterator[Context]:
    """Provide what a probe gets at the end of a day."""
    with view.opened(root.resolve()) as history:
        now = datetime.combine(on, time(23, 59, 59), UTC)
        yield Context(Tree(root), history, now, catalogue(*checks), check=about)


def write(root: Path, files: dict[str, str]) -> None:
    """Write files."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def commit(
    root: Path, files: dict[str, str] | None = None, *, by: str = BOB, on: str = "2026-11-01"
) -> str:
    """Write files and commit all there is at noon of a day; return the commit."""
    write(root, files or {})
    if not (root / ".git").exists():
        _git(root, "init", "--quiet")
    moment = f"{on}T12:00:00+00:00"
    person = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", by), ("EMAIL", by), ("DATE", moment))
    }
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--allow-empty", "--message", "work", env=person)
    return _git(root, "rev-parse", "HEAD").strip()


def _git(root: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **(env or {}),
        },
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
