"""The record of an update that has not ended, in git's own folder."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from poc2prod.errors import CommandError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.updating.repository import Repository

UNDO = "git add -u . && git restore --source=HEAD --staged --worktree ."
"""What takes an update back before it is committed.

Alone, `git restore` refuses a conflict in a file that HEAD doesn't have: one that moved. To add all
that git tracks resolves it; files that it doesn't track stay out of this.
"""

WRITING, WAITING = "writing", "waiting"
"""What the journal says of an update: it may have been killed, or it has conflicts."""


def unfinished(project: Repository) -> dict[str, Any] | None:
    """Return the journal of an update that has not ended.

    One that waited ended when it was committed or taken back: when there is nothing to commit.

    Raises:
        CommandError: the journal is not readable.
    """
    try:
        journal: dict[str, Any] = json.loads(file(project).read_text("utf-8"))
        waits = journal["phase"] == WAITING
        committed = journal["commit"] != project.commit
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CommandError(
            f"the record of an unfinished update, {file(project)}, is not readable: undo the "
            f"update with {UNDO} and delete that file"
        ) from error
    return None if waits and (committed or not project.changes()) else journal


def file(project: Repository) -> Path:
    """Return where the record is, if there is one.

    Raises:
        UsageError: the project is not in git.
    """
    if not project.journal:
        raise UsageError(f"{project.root.name} is not in git, so no update of it was begun")
    return project.journal


def record(project: Repository, journal: dict[str, Any]) -> None:
    """Write the record, whole or not at all."""
    place = file(project)
    staged = place.with_suffix(".new")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(json.dumps(journal), encoding="utf-8")
        staged.replace(place)
    except OSError:
        with suppress(OSError):
            staged.unlink()
            os.removedirs(place.parent)  # as far as they are empty
        raise


def forget(project: Repository) -> None:
    """Remove the record: the update has ended."""
    place = file(project)
    place.unlink(missing_ok=True)
    with suppress(OSError):
        os.removedirs(place.parent)  # as far as they are empty
