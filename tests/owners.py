"""What owners do to their project's files, at random; each line they write has a token."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

TOKEN = re.compile(rb"token-\d+;")
STYLES = ("lines", "no line break at the end", "CRLF", "binary", "nothing")


@dataclass
class Owners:
    """They work in the folder `root`; what can't be done, such as editing a lost file, they don't.

    Attributes:
        root: the project.
    """

    root: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def _line(self) -> bytes:
        return b"# token-%d;" % next(self._numbers)

    def edit(self, path: str, edits: Sequence[tuple[str, int]]) -> None:
        """Insert, delete and change lines, each at a thousandth of the file."""
        file = self.root / path
        if not file.is_file():
            return
        lines = file.read_bytes().split(b"\n")
        for what, where in edits:
            at = len(lines) * where // 1000
            lines[at : at + (what != "insert")] = [] if what == "delete" else [self._line()]
        file.write_bytes(b"\n".join(lines))

    def replace(self, path: str, style: str) -> None:
        """Write all of a file anew; "CRLF" keeps its text."""
        file = self.root / path
        if not file.is_file():
            return
        lines = [self._line() for _ in range(5)]
        file.write_bytes(
            {
                "lines": b"\n".join([*lines, b""]),
                "no line break at the end": b"\n".join(lines),
                "CRLF": file.read_bytes().replace(b"\n", b"\r\n") + lines[0] + b"\r\n",
                "binary": b"\0".join([*lines, b"\xff"]),
                "nothing": b"",
            }[style]
        )

    def rename(self, path: str, place: str) -> None:
        """Move a file, unless something is there."""
        if (self.root / path).is_file() and self._free(place):
            (self.root / path).rename(self.root / place)

    def delete(self, path: str, _: object) -> None:
        """Delete a file."""
        (self.root / path).unlink(missing_ok=True)

    def add(self, place: str, size: int) -> None:
        """Write a new file, unless something is there."""
        if self._free(place):
            lines = [self._line() for _ in range(size)]
            (self.root / place).write_bytes(b"\n".join([*lines, b""]))

    def chmod(self, path: str, mode: int) -> None:
        """Change who may run a file."""
        if (self.root / path).is_file():
            (self.root / path).chmod(mode)

    def _free(self, place: str) -> bool:
        try:
            (self.root / place).parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            return False
        return not (self.root / place).exists()


Act = tuple["Callable[..., None]", str, object]


def acts(paths: Sequence[str], places: Sequence[str]) -> st.SearchStrategy[list[Act]]:
    """Return a strategy for what owners do, to the files `paths` and at the new `places`."""
    path = st.sampled_from(paths)
    any_path, place = st.sampled_from([*paths, *places]), st.sampled_from(places)
    where = st.tuples(st.sampled_from(["insert", "delete", "change"]), st.integers(0, 999))
    edit = st.tuples(st.just(Owners.edit), any_path, st.lists(where, min_size=1, max_size=4))
    act = (
        edit
        | edit  # what they do most
        | st.tuples(st.just(Owners.replace), any_path, st.sampled_from(STYLES))
        | st.tuples(st.just(Owners.rename), path, place)
        | st.tuples(st.just(Owners.delete), path, st.none())
        | st.tuples(st.just(Owners.add), place, st.integers(0, 8))
        | st.tuples(st.just(Owners.chmod), any_path, st.sampled_from([0o644, 0o755]))
    )
    return st.lists(act, max_size=12)
