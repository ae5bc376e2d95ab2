"""Run one check of the audit on a folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from poc2prod.audit import engine
from poc2prod.audit.catalogue import load
from poc2prod.audit.context import Context
from poc2prod.audit.files.tree import Tree
from poc2prod.audit.git import view
from small import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def outcome(root: Path, check: str, files: Mapping[str, str | bytes] | None = None) -> Outcome:
    """Write `files` into the folder `root`, and return what a check says of it."""
    root.mkdir(parents=True, exist_ok=True)
    write(root, files or {})
    catalogue = load()
    with view.opened(root.resolve()) as history:
        context = Context(Tree(root), history, NOW, catalogue)
        return engine._run(catalogue[check], context)[0]
