"""A secret to plant in a history, and the programs that may find it."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

from bundles import git
from poc2prod.audit.running import programs
from small import write

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LETTERS = string.ascii_letters + string.digits
TOKEN = "ghp_" + "".join(random.Random(1).choices(LETTERS, k=36))  # never one of GitHub's
PLAIN = {"README.md": f"# Pumps\n{'They wear. ' * 10}\n", ".gitignore": ".env\n/build/\n"}


def only(monkeypatch: pytest.MonkeyPatch, **found: str) -> None:
    """Make a check find these programs and no other."""
    monkeypatch.setattr(programs, "found", found.get)


def commit(root: Path, **files: str | bytes | None) -> str:
    """Commit files, or remove those that are None, by names in which __ stands for a dot."""
    root.mkdir(exist_ok=True)
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "-b", "main")
        write(root, PLAIN)
    for name, content in files.items():
        path = name.replace("__", ".")
        if content is None:
            (root / path).unlink()
        else:
            write(root, {path: content})
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--message", "Change")
    return git(root, "rev-parse", "HEAD").strip()
