"""Write an update into a project's files and index, whole or not at all; finish it or undo it.

A journal in git's folder says what is being written. A process that is killed leaves it behind, and
the next update begins with putting back what it names.
"""

from __future__ import annotations

import json
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.merge import Side
    from poc2prod.repository import Repository

UNDO = "git restore --source=HEAD --staged --worktree ."
"""What takes an update back before it is committed."""

ASIDE = ".theirs"
"""Suffix of a template's file that could not take its place."""

WRITING, WAITING = "writing", "waiting"
"""What the journal says of an update: it may have been killed, or it has conflicts."""

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
        tree = _tree(project, result)
        others = _conflicts_elsewhere(project)
        _require_ready(project, tree, others)
        journal = {
            "phase": WRITING,
            "versions": versions,
            "commit": project.commit,
            "tree": tree,
            "paths": paths,
            "conflicts": result.conflicts,
            "others": others,
        }
        with _undisturbed():
            _record(project, journal)
            try:
                _edit_index(project, _without(project, others))
                project.git("read-tree", "-m", "-u", "HEAD", tree)
                _mark(project, result, others)
                if result.conflicts:
                    _record(project, {**journal, "phase": WAITING})
                else:
                    _forget(project)
            except BaseException as error:
                _put_back(project, journal, error)
                raise
    except OSError as error:
        raise CommandError(f"can't update {project.root}: {error.strerror}") from error


def _conflicts_elsewhere(project: Repository) -> list[str]:
    """Return the index entries of other projects' conflicts, with which git merges nothing."""
    listed = project.git("ls-files", "--unmerged", "-z", "--full-name", "--", ":/")
    return [os.fsdecode(line) for line in listed.split(b"\0")[:-1]]


def _require_ready(project: Repository, tree: str, others: list[str]) -> None:
    """Let git's lock, or an edit made meanwhile, fail before there is anything to put back."""
    command = ("read-tree", "-n", "-m", "-u", "HEAD", tree)
    if not others:
        project.git(*command)
        return
    with tempfile.TemporaryDirectory(prefix="poc2prod-index-") as folder:
        own = os.fsdecode(project.git("rev-parse", "--git-path", "index")).removesuffix("\n")
        index = Path(shutil.copy(project.root / own, folder))
        _edit_index(project, _without(project, others), index)
        project.git(*command, index=index)


def _without(project: Repository, entries: list[str]) -> list[str]:
    """Return the index entries that remove the paths of `entries`."""
    gone = "0" * len(project.commit)
    return [f"0 {gone}\t{path}" for path in {entry.partition("\t")[2] for entry in entries}]


def _put_back(project: Repository, journal: dict[str, Any], reason: BaseException) -> None:
    try:
        _restore(project, journal)
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
    journal = unfinished(project)
    if not journal:
        _forget(project)  # of one that was taken back or committed
        return False
    if journal["phase"] == WAITING:
        raise UsageError(
            "the last update has conflicts left: resolve them, then run poc2prod update "
            f"--continue; or take it back with {UNDO}"
        )
    if edited := _edited(project, journal):
        more = f" and {len(edited) - 1} more" if len(edited) > 1 else ""
        raise UsageError(
            f"{edited[0]}{more} was edited after an update of {project.root.name} was killed: "
            "move it elsewhere, run poc2prod update, which puts back the rest, and take it in"
        )
    with _undisturbed():
        _restore(project, journal)
    return True


def _edited(project: Repository, journal: dict[str, Any]) -> list[str]:
    """Return the paths that are neither as they were, nor as the killed update wrote them."""
    known = {
        path
        for tree in ("HEAD", journal["tree"])
        for path in project.tree(tree).blobs.keys() - project.differing(tree)
    }
    places = {path: project.root / path for path in journal["paths"] if path not in known}
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
    journal = unfinished(project)
    if not journal or journal["phase"] != WAITING:
        raise UsageError(f"no update of {project.root.name} is waiting to be continued")
    old, new = journal["versions"]
    left = [reason for path in journal["conflicts"] for reason in _unresolved(project, path)]
    if not left:
        names = os.fsencode("".join(f"{path}\0" for path in journal["conflicts"]))
        project.git("update-index", "--add", "--remove", "-z", "--stdin", stdin=names)
        _forget(project)
    return (old, new), left


def unfinished(project: Repository) -> dict[str, Any] | None:
    """Return the journal of an update that has not ended.

    One that waited ended when it was committed or taken back: when there is nothing to commit.

    Raises:
        CommandError: the journal is not readable.
    """
    try:
        journal: dict[str, Any] = json.loads(_journal(project).read_text("utf-8"))
        waits = journal["phase"] == WAITING
        committed = journal["commit"] != project.commit
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CommandError(
            f"the record of an unfinished update, {_journal(project)}, is not readable: undo the "
            f"update with {UNDO} and delete that file"
        ) from error
    return None if waits and (committed or not project.changes()) else journal


def _tree(project: Repository, result: Result) -> str:
    """Put `result` into git as a tree, which is HEAD's with the changes."""
    lines = [_absent(project, path) for path in result.removed]
    lines += _entries(project, [(path, *file, 0) for path, file in result.files.items()])
    with tempfile.TemporaryDirectory(prefix="poc2prod-index-") as folder:
        index = Path(folder, "index")
        project.git("read-tree", "HEAD", index=index)
        _edit_index(project, lines, index)
        return project.git("write-tree", index=index).decode().strip()


def _mark(project: Repository, result: Result, others: list[str]) -> None:
    """Tell git's index about the conflicts, `others` too: it then refuses to commit them."""
    sides = [
        (path, *side, stage)
        for path, sides in result.unmerged.items()
        for stage, side in enumerate(sides, 1)
        if side
    ]
    lines = [_absent(project, path) for path in result.unmerged]
    _edit_index(project, [*lines, *_entries(project, sides), *others])


def _entries(project: Repository, files: list[tuple[str, str, bytes, int]]) -> list[str]:
    """Write files, each a path, mode, contents and stage, to git; return their index entries."""
    with tempfile.TemporaryDirectory(prefix="poc2prod-files-") as folder:
        places = [Path(folder, str(number)) for number in range(len(files))]
        for place, (_, _, data, _) in zip(places, files, strict=True):
            place.write_bytes(data)
        names = "".join(f"{place}\n" for place in places).encode()
        blobs = project.git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names)
    return [
        f"{mode} {blob.decode()} {stage}\t{project.prefix}{path}"
        for (path, mode, _, stage), blob in zip(files, blobs.split(), strict=True)
    ]


def _absent(project: Repository, path: str) -> str:
    """Return the index entry that removes `path` in all its stages."""
    return f"0 {'0' * len(project.commit)}\t{project.prefix}{path}"


def _edit_index(project: Repository, lines: list[str], index: Path | None = None) -> None:
    if lines:
        stdin = os.fsencode("".join(f"{line}\0" for line in lines))
        project.git("update-index", "-z", "--index-info", stdin=stdin, index=index)


def _restore(project: Repository, journal: dict[str, Any]) -> None:
    """Make the paths in `journal` as they are in HEAD, in the index and in the folder."""
    head, paths, others = project.head().blobs, journal["paths"], journal["others"]
    lines = [*_without(project, others), *others]
    for path in paths:
        lines.append(_absent(project, path))
        if path in head:
            lines.append(f"{head[path].mode} {head[path].id}\t{project.prefix}{path}")
        else:
            with suppress(FileNotFoundError, NotADirectoryError):
                (project.root / path).unlink()
            with suppress(OSError):  # as far as they are empty
                os.removedirs((project.root / path).parent)
    _edit_index(project, lines)
    tracked = os.fsencode("".join(f"{path}\0" for path in paths if path in head))
    project.git("checkout-index", "-f", "-u", "-z", "--stdin", stdin=tracked)
    _forget(project)


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


def _journal(project: Repository) -> Path:
    if not project.journal:
        raise UsageError(f"{project.root.name} is not in git, so no update of it was begun")
    return project.journal


def _record(project: Repository, journal: dict[str, Any]) -> None:
    file = _journal(project)
    staged = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(json.dumps(journal), encoding="utf-8")
        staged.replace(file)
    except OSError:
        with suppress(OSError):
            staged.unlink()
            os.removedirs(file.parent)  # as far as they are empty
        raise


def _forget(project: Repository) -> None:
    file = _journal(project)
    file.unlink(missing_ok=True)
    with suppress(OSError):
        os.removedirs(file.parent)  # as far as they are empty


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
