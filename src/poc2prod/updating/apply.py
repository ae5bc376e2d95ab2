"""Write an update into a project's files and index, whole or not at all; finish it or undo it.

A journal in git's folder says what is being written. A process that is killed leaves it behind, and
the next update begins with putting back what it names.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod.errors import CommandError, UsageError
from poc2prod.updating import index, journal
from poc2prod.updating.journal import UNDO, WAITING, WRITING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.updating.merge import Side
    from poc2prod.updating.repository import Repository

ASIDE = ".theirs"
"""Suffix of a template's file that could not take its place."""

MARKER = re.compile(rb"(?:<{7}|\|{7}|>{7})(?: |$)")
"""At the start of a line: of a conflict that isn't resolved."""


@dataclass(frozen=True, slots=True)
class Result:
    """What an update writes.

    Attributes:
        files: path → mode and contents.
        removed: the paths that go.
        unmerged: path → its versions in base, ours and theirs, of conflicts.
        aside: files that wait for a decision: they are to be deleted by hand.
    """

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    unmerged: dict[str, tuple[Side, ...]] = field(default_factory=dict)
    aside: list[str] = field(default_factory=list)

    @property
    def conflicts(self) -> list[str]:
        """All that `--continue` asks for."""
        return sorted({*self.unmerged, *self.aside})


def apply(project: Repository, result: Result, versions: tuple[str, str]) -> None:
    """Write `result` into the project; a failure leaves the project as it was.

    Args:
        project: it, with nothing to commit.
        result: what to write.
        versions: the old and the new version, for the journal.

    Raises:
        CommandError: it can't be written.
    """
    paths = sorted({*result.files, *result.removed, *result.unmerged})
    try:
        tree = index.tree(project, result.files, result.removed)
        # In a project that was copied no file looks as git last saw it, and read-tree would refuse.
        project.git("status", "--untracked-files=no", ".")
        others = index.conflicts_elsewhere(project)
        _require_ready(project, tree, others)
        record = {
            "phase": WRITING,
            "versions": versions,
            "commit": project.commit,
            "tree": tree,
            "paths": paths,
            "conflicts": result.conflicts,
            "others": others,
        }
        with _undisturbed():
            journal.record(project, record)
            try:
                index.edit(project, index.without(project, others))
                project.git("read-tree", "-m", "-u", "HEAD", tree)
                _mark(project, result, others)
                if result.conflicts:
                    journal.record(project, {**record, "phase": WAITING})
                else:
                    journal.forget(project)
            except BaseException as error:
                _put_back(project, record, error)
                raise
    except OSError as error:
        raise CommandError(f"can't update {project.root}: {error.strerror}") from error


def _require_ready(project: Repository, tree: str, others: list[str]) -> None:
    """Let git's lock, or an edit made meanwhile, fail before there is anything to put back."""
    command = ("read-tree", "-n", "-m", "-u", "HEAD", tree)
    if not others:
        project.git(*command)
        return
    with tempfile.TemporaryDirectory(prefix="poc2prod-index-") as folder:
        own = os.fsdecode(project.git("rev-parse", "--git-path", "index")).removesuffix("\n")
        copy = Path(shutil.copy(project.root / own, folder))
        index.edit(project, index.without(project, others), copy)
        project.git(*command, index=copy)


def _put_back(project: Repository, record: dict[str, Any], reason: BaseException) -> None:
    try:
        _restore(project, record)
    except (CommandError, OSError) as error:
        raise CommandError(
            f"{reason}; nor can what was begun be put back now ({error}): "
            "the next poc2prod update does that"
        ) from reason


def recover(project: Repository) -> bool:
    """Put back what an update that was killed had begun to write, and tell whether there was one.

    Raises:
        UsageError: an update waits for its conflicts to be resolved.
    """
    record = journal.unfinished(project)
    if not record:
        journal.forget(project)  # of one that was taken back or committed
        return False
    if record["phase"] == WAITING:
        raise UsageError(
            "the last update has conflicts left: resolve them, then run poc2prod update "
            f"--continue; or take it back with {UNDO}"
        )
    if edited := _edited(project, record):
        more = f" and {len(edited) - 1} more" if len(edited) > 1 else ""
        raise UsageError(
            f"{edited[0]}{more} was edited after an update of {project.root.name} was killed: "
            "move it elsewhere, run poc2prod update, which puts back the rest, and take it in"
        )
    with _undisturbed():
        _restore(project, record)
    return True


def _edited(project: Repository, record: dict[str, Any]) -> list[str]:
    """Return the paths that are neither as they were, nor as the killed update wrote them."""
    known = {
        path
        for tree in ("HEAD", record["tree"])
        for path in project.tree(tree).blobs.keys() - project.differing(tree)
    }
    places = {path: project.root / path for path in record["paths"] if path not in known}
    # One that git had only opened is empty.
    return [path for path, file in places.items() if file.is_symlink() or _size(file)]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def resume(project: Repository) -> tuple[tuple[str, str], list[str]]:
    """Finish an update whose conflicts were resolved.

    Returns:
        The old and the new version, and what is unresolved as "FILE, line N: REASON". Where there
        is nothing left, the resolved files are staged and the update is over.

    Raises:
        UsageError: no update is waiting.
    """
    record = journal.unfinished(project)
    if not record or record["phase"] != WAITING:
        raise UsageError(f"no update of {project.root.name} is waiting to be continued")
    old, new = record["versions"]
    left = [reason for path in record["conflicts"] for reason in _unresolved(project, path)]
    if not left:
        names = os.fsencode("".join(f"{path}\0" for path in record["conflicts"]))
        project.git("update-index", "--add", "--remove", "-z", "--stdin", stdin=names)
        journal.forget(project)
    return (old, new), left


def _mark(project: Repository, result: Result, others: list[str]) -> None:
    """Tell git's index about the conflicts, `others` too: it then refuses to commit them."""
    sides = [
        (path, *side, stage)
        for path, sides in result.unmerged.items()
        for stage, side in enumerate(sides, 1)
        if side
    ]
    lines = [index.absent(project, path) for path in result.unmerged]
    index.edit(project, [*lines, *index.entries(project, sides), *others])


def _restore(project: Repository, record: dict[str, Any]) -> None:
    """Make the paths in `record` as they are in HEAD, in the index and in the folder."""
    head, paths, others = project.head().blobs, record["paths"], record["others"]
    lines = [*index.without(project, others), *others]
    for path in paths:
        lines.append(index.absent(project, path))
        if path in head:
            lines.append(f"{head[path].mode} {head[path].id}\t{project.prefix}{path}")
        else:
            with suppress(FileNotFoundError, NotADirectoryError):
                (project.root / path).unlink()
            with suppress(OSError):  # as far as they are empty
                os.removedirs((project.root / path).parent)
    index.edit(project, lines)
    tracked = os.fsencode("".join(f"{path}\0" for path in paths if path in head))
    project.git("checkout-index", "-f", "-u", "-z", "--stdin", stdin=tracked)
    journal.forget(project)


def _unresolved(project: Repository, path: str) -> Iterator[str]:
    if path.endswith(ASIDE):
        if (project.root / path).exists():
            yield f"{path}: take from it what you need, then delete it"
        return
    try:
        content = (project.root / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return  # deleting it resolves it, too
    for number, line in enumerate(content.split(b"\n"), 1):
        if MARKER.match(line):
            yield f"{path}, line {number}: a conflict marker"


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no signal but SIGKILL end this process, nor git's, which inherit that.

    It lasts as long as writing a few files does.
    """
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
