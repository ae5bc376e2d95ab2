"""One check of the catalogue on a small tree, judged as the engine judges it."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bundles import git
from poc2prod.audit import engine
from poc2prod.audit.catalogue import load
from poc2prod.audit.context import Context
from poc2prod.audit.files.tree import Tree
from poc2prod.audit.git import view
from poc2prod.audit.outcome import Outcome, Status
from small import write

NOW = datetime(2026, 12, 1, tzinfo=UTC)
CONTRACT = "kpi-contract.yaml"
WHOLE = Path(__file__).parent / "whole_contract.yaml"


def judged(root: Path, check: str, now: datetime = NOW) -> Outcome:
    """Return what a check of poc2prod's catalogue comes to, NA where it does not apply."""
    catalogue = load()
    with view.opened(root.resolve()) as history:
        context = Context(Tree(root), history, now, catalogue)
        if reason := engine._inapplicable(catalogue[check], context):
            return Outcome(Status.NA, reason)
        return engine._run(catalogue[check], context)[0]


def answered(root: Path, **answers: object) -> None:
    """Write the answers file of the project in `root`."""
    lines = "".join(f"{name}: {value}\n" for name, value in answers.items())
    write(root, {".poc2prod/answers.yaml": lines})


def contracted(root: Path, **changes: str) -> None:
    """Copy the whole contract into `root`, with keys of `changes` replaced by their values."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(WHOLE, root / CONTRACT)
    for old, new in changes.items():
        edited(root / CONTRACT, old, new)


def edited(file: Path, old: str, new: str) -> None:
    """Replace `old`, which must be there, in a file."""
    text = file.read_text("utf-8")
    assert old in text, f"{file} does not have {old!r}"
    file.write_text(text.replace(old, new), "utf-8")


def committed(root: Path, author: str, day: str, message: str = "Change it") -> None:
    """Commit all in `root` as `author`, an e-mail address, on a day."""
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "-b", "main")
    git(root, "add", "--all")
    at = f"{day}T12:00:00+00:00"
    name = author.partition("@")[0]
    identity = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", author), ("DATE", at))
    }
    subprocess.run(
        ["git", "commit", "--quiet", "--allow-empty", "-m", message],
        cwd=root,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, **identity},
        check=True,
    )
