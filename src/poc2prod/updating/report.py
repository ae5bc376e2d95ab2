"""What an update did, or would do, for a person and for a program."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from poc2prod.updating.apply import ASIDE
from poc2prod.updating.journal import UNDO
from poc2prod.updating.merge import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from poc2prod.audit.duties import Duties
    from poc2prod.update import Update
    from poc2prod.updating.merge import Change


FIRST = (Kind.CONFLICTED, Kind.RESCUED)
"""What a person must not overlook among a hundred files."""


def duties(update: Update, folder: Path, *, dry_run: bool) -> Duties | None:
    """Return what an update of the project in `folder` adds to its duties; None for nothing.

    What it comes to today is not known before it is made, nor while there are conflicts.
    """
    if update.old == update.new:
        return None
    from poc2prod.audit.duties import between  # noqa: PLC0415  # only now is it needed

    known = not dry_run and not update.conflicts
    return between(update.old, update.new, folder if known else None)


def text(update: Update, duties: Duties | None = None, *, dry_run: bool) -> str:
    """Return the report that `poc2prod update` prints."""
    return "\n".join(_lines(update, duties, dry_run=dry_run))


def document(update: Update, duties: Duties | None = None, *, dry_run: bool) -> dict[str, Any]:
    """Return the report as `--json` prints it."""
    return {
        "project": update.project,
        "from": str(update.old),
        "to": str(update.new),
        "dry_run": dry_run,
        "restored": update.restored,
        "changes": [
            {
                "path": change.path,
                "kind": change.kind,
                **({"before": change.before} if change.before else {}),
                **({"lines": list(change.lines)} if change.lines else {}),
                **({"why": change.why} if change.why else {}),
                **({"patch": _patch(update, change)} if change.patch is not None else {}),
                **({"aside": _aside(update, change)} if change.aside is not None else {}),
            }
            for change in update.changes
        ],
        "answers": {
            "new": dict(update.defaulted),
            "changed": {name: list(values) for name, values in update.changed.items()},
        },
        "releases": [release.document() for release in update.releases],
        "duties": duties and duties.document(),
    }


def _lines(update: Update, duties: Duties | None, *, dry_run: bool) -> Iterator[str]:
    if update.restored:
        yield "An earlier update had been killed; what it had begun to write was put back."
    if update.old == update.new and not update.changes:
        yield f"{update.project} is up to date: poc2prod {update.new}"
        return
    yield f"{update.project}: poc2prod {update.old} → {update.new}"
    for release in update.releases:
        yield from _section(f"{release.version} brings", release.changes.practices)
        yield from _section(f"{release.version} needs you to", release.changes.manual)
    if duties:
        yield from _section("What poc2prod audit asks of it", [str(duties)])
    changed = [f"{name}: {old} → {new}" for name, (old, new) in update.changed.items()]
    yield from _section("Answers that change", changed)
    defaulted = [f"{name}: {value}" for name, value in update.defaulted.items()]
    yield from _section("New questions, and their answers", defaulted)
    done = [change for change in update.changes if change.kind is not Kind.LEFT]
    done.sort(key=lambda change: change.kind not in FIRST)
    left = [change for change in update.changes if change.kind is Kind.LEFT]
    yield from _section("Files", (_file(update, change) for change in done))
    yield from _section("Left as they are", (f"{change.path}: {change.why}" for change in left))
    yield ""
    yield from _next(update, dry_run=dry_run)


def _section(title: str, lines: Any) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield f"\n{title}"
        yield from (f"  {line}" for line in lines)


def _file(update: Update, change: Change) -> str:
    verb = "moved" if change.before and change.kind is Kind.CHANGED else str(change.kind)
    path = f"{change.before} → {change.path}" if change.before else change.path
    notes = []
    if change.lines:
        numbers = ", ".join(map(str, change.lines))
        notes.append(f"line{'s' if len(change.lines) > 1 else ''} {numbers}")
    if change.aside is not None:
        notes.append(f"{change.why}; the template's file is {_aside(update, change)}")
    if change.patch is not None:
        notes.append(f"your edits are in {_patch(update, change)}")
    return f"{verb:10}  {path}" + "".join(f", {note}" for note in notes)


def _patch(update: Update, change: Change) -> str:
    return f"{update.folder}/{change.path}.patch"


def _aside(update: Update, change: Change) -> str:
    return f"{update.folder}/{change.path}{ASIDE}"


def _next(update: Update, *, dry_run: bool) -> Iterator[str]:
    count = len(update.conflicts)
    conflicts = f"{count or 'no'} conflict{'s' if count > 1 else ''}"
    if dry_run:
        yield f"Nothing was changed. The update would leave {conflicts}."
    elif count:
        yield f"Resolve {conflicts}, then run poc2prod update --continue."
        yield f"To take all of it back: {UNDO}"
    else:
        yield "Next: git diff --cached, make check test, and"
        yield f"  git commit -m {shlex.quote(message(str(update.old), str(update.new)))}"
        yield f"To take all of it back: {UNDO}"


def message(old: str, new: str) -> str:
    """Return the commit message of an update."""
    if old == new:
        return f"Change answers of poc2prod {new}"
    return f"Update from poc2prod {old} to {new}"
