"""Three trees in, a plan out: what an update does to every path, and what becomes of every edit.

`base` is the project as the old version of the template renders it, `theirs` as the new version
does, `ours` as its owners committed it. Nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from poc2prod.updating import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

REGULAR = ("100644", "100755")
"""Git's modes of files; all others are links and submodules, which have no lines to merge."""


class Blob(NamedTuple):
    """One version of a file, as git knows it."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class Tree:
    """Path → file, with a way to read the contents of a path."""

    blobs: Mapping[str, Blob]
    read: Callable[[str], bytes]


Side = tuple[str, bytes] | None
"""Mode and contents of one version of a file, if that version has it."""


class Kind(StrEnum):
    """What happens to a path."""

    ADDED = "added"
    CHANGED = "changed"
    MERGED = "merged"
    CONFLICTED = "conflicted"
    DELETED = "deleted"
    RESCUED = "rescued"
    """The template no longer has the file: the edits are put into a patch."""
    LEFT = "left"
    """It stays as the owners have it, although the template changed it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one path.

    Attributes:
        path: where the file is afterwards; for what is deleted, where it was.
        kind: what happens.
        before: where it was, if the file moves.
        mode: of the file afterwards.
        data: the file afterwards; None where there is none, or where it stays as it is.
        lines: where conflict markers begin, counted from 1.
        patch: the owners' edits to a file that goes, as a patch.
        aside: the template's file, where it can't be merged with what is there.
        why: of what is left, or set aside, the reason.
        sides: of a conflict the modes and contents in base, ours and theirs, for git's index.
    """

    path: str
    kind: Kind
    before: str | None = None
    mode: str = REGULAR[0]
    data: bytes | None = None
    lines: tuple[int, ...] = ()
    patch: bytes | None = None
    aside: bytes | None = None
    why: str = ""
    sides: tuple[Side, ...] = ()

    @property
    def removes(self) -> str | None:
        """The path that is there no more."""
        if self.kind in (Kind.DELETED, Kind.RESCUED):
            return self.path if self.data is None else None
        return self.before


@dataclass(frozen=True, slots=True)
class Merge:
    """The three trees and the rules for merging them.

    Attributes:
        base: as the old version renders it.
        theirs: as the new version renders it.
        ours: as it is.
        yours: tells the paths that belong to the owners.
        replaced: the paths that are always taken from `theirs`.
        moves: path in `base` → path in `theirs`, for files that the template moved; and where
            the owners' files move along.
        occupied: tells whether something that git doesn't track is in the way of a new file; its
            second argument are the paths that go.
    """

    base: Tree
    theirs: Tree
    ours: Tree
    yours: Callable[[str], bool]
    replaced: frozenset[str]
    moves: Mapping[str, str]
    occupied: Callable[[str, set[str]], bool]

    def plan(self) -> list[Change]:
        """Return what happens to every path that changes or is left behind, sorted by path."""
        moves = {
            old: new
            for old, new in self.moves.items()
            if old not in self.theirs.blobs and new not in self.ours.blobs
            if (old in self.base.blobs) == (new in self.theirs.blobs)
        }
        arriving = {new for old, new in moves.items() if old in self.base.blobs}
        paths = {*self.base.blobs, *self.theirs.blobs, *moves} - arriving
        changes = [change for path in paths if (change := self._change(path, moves))]
        going = {path for change in changes if (path := change.removes)}
        checked = (part for change in changes for part in self._unblocked(change, going))
        return sorted(checked, key=lambda change: change.path)

    def _change(  # noqa: PLR0911  # a table of cases
        self, path: str, moves: Mapping[str, str]
    ) -> Change | None:
        target = moves.get(path, path)
        base = self.base.blobs.get(path)
        theirs = self.theirs.blobs.get(target)
        ours = self.ours.blobs.get(path)
        if self.yours(target) or (base is None and path in moves):
            return self._owned(path, target, base, theirs, ours)
        if ours is None:
            if theirs is None or (base == theirs and path == target):
                return None
            if base is None:
                return self._taken(target, Kind.ADDED)
            return Change(target, Kind.LEFT, why="you deleted it, so it stays deleted")
        if theirs is None:
            return self._removed(path, base, ours)
        if target in self.replaced:
            edited = ours not in (base, theirs)
            patch = self._edits(path) if edited else None
            return self._taken(target, Kind.CHANGED, patch) if ours != theirs else None
        if ours == base:
            moved = path if path != target else None
            changed = moved or theirs != base
            return self._taken(target, Kind.CHANGED, before=moved) if changed else None
        if theirs in (base, ours) and path == target:
            return None
        return self._both(path, target, base, theirs, ours)

    def _owned(
        self, path: str, target: str, base: Blob | None, theirs: Blob | None, ours: Blob | None
    ) -> Change | None:
        if ours is None:
            return self._taken(target, Kind.ADDED) if theirs and not base else None
        if path != target:
            if ours.mode not in REGULAR:
                return Change(path, Kind.LEFT, why=f"it is no file; move it to {target}")
            return Change(target, Kind.CHANGED, path, ours.mode, self.ours.read(path))
        if base and not theirs:
            return Change(path, Kind.LEFT, why="yours, and no longer generated")
        if base and theirs and theirs.id not in (base.id, ours.id):
            return Change(path, Kind.LEFT, why="yours; a new project has another text")
        return None

    def _taken(
        self, path: str, kind: Kind, patch: bytes | None = None, before: str | None = None
    ) -> Change:
        mode = self.theirs.blobs[path].mode
        return Change(path, kind, before, mode, self.theirs.read(path), patch=patch)

    def _removed(self, path: str, base: Blob | None, ours: Blob) -> Change | None:
        if base is None:  # neither version of the template has it
            return None
        if ours.id == base.id:
            return Change(path, Kind.DELETED)
        if ours.mode not in REGULAR:
            return Change(path, Kind.LEFT, why="no longer generated, but you made it a link")
        return Change(path, Kind.RESCUED, patch=self._edits(path))

    def _both(
        self, path: str, target: str, base: Blob | None, theirs: Blob, ours: Blob
    ) -> Change | None:
        """Merge a file that both sides changed, or both added, or that moves with edits."""
        before = path if path != target else None
        mode = theirs.mode if base and ours.mode == base.mode else ours.mode
        if ours.mode not in REGULAR:
            return self._aside(target, "you made it a link")
        if (base and base.id == theirs.id) or ours.id == theirs.id:  # only the mode or the place
            return Change(target, Kind.CHANGED, before, mode, self.ours.read(path))
        old = self.base.read(path) if base else b""
        mine, new = self.ours.read(path), self.theirs.read(target)
        merged = lines.merged(mine, old, new)
        if merged is None:
            return self._aside(target, "it is not text")
        data, clean = merged
        if clean:
            return Change(target, Kind.MERGED, before, mode, data)
        marked = tuple(
            number
            for number, line in enumerate(data.split(b"\n"), 1)
            if line.startswith(f"<<<<<<< {lines.LABELS[0]}".encode())
        )
        sides = ((base.mode, old) if base else None, (ours.mode, mine), (theirs.mode, new))
        return Change(target, Kind.CONFLICTED, before, mode, data, marked, sides=sides)

    def _aside(self, path: str, why: str) -> Change:
        return Change(path, Kind.CONFLICTED, aside=self.theirs.read(path), why=why)

    def _unblocked(self, change: Change, going: set[str]) -> Iterator[Change]:
        """Yield `change`, or what happens where something is in its way."""
        creates = change.data is not None and change.path not in self.ours.blobs
        if not creates or not self.occupied(change.path, going):
            yield change
            return
        if change.before:
            yield Change(change.before, Kind.LEFT, why=f"it can't move: {change.path} is taken")
        if change.path in self.theirs.blobs:
            yield self._aside(change.path, "something else is in its place")

    def _edits(self, path: str) -> bytes:
        return lines.patch(path, self.base.read(path), self.ours.read(path))
