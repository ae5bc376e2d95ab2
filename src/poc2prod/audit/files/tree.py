"""The audited files, read as a stranger's: bounded, and never outside of their folder."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from poc2prod.audit.files.patterns import select

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST = 4 * 2**20
"""Bytes of a file that a probe reads as text."""

MOST = 50_000
"""Files that are looked at; an audit of a home directory must end."""

DEEPEST = 40

SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})


class UnreadableError(Exception):
    """A file that is there but can't be examined; the message names it and says why."""


class Tree:
    """The files below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The paths of all regular files but those of git and of environments, in order."""
        found = []
        for path in self._walk(str(self.root), "", 0):
            found.append(path)
            if len(found) == MOST:
                break
        return tuple(sorted(found))

    @property
    def whole(self) -> bool:
        """Whether `files` has all there are."""
        return len(self.files) < MOST

    def matching(self, *patterns: str) -> list[str]:
        """Return the files that match patterns as in .gitignore."""
        return select(patterns, self.files)

    def has(self, path: str) -> bool:
        """Tell whether there is a regular file at `path`, in the tree and reached by no link."""
        return self._inside(path) is not None

    def text(self, path: str, largest: int = LARGEST) -> str | None:
        """Read a text; None where there is no such file.

        Raises:
            UnreadableError: it is larger than `largest` bytes, or no UTF-8.
        """
        content = self.content(path, largest)
        if content is None:
            return None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadableError(f"{path} is not UTF-8 text") from error

    def content(self, path: str, largest: int = LARGEST) -> bytes | None:
        """Read a file; None where there is no such file.

        Raises:
            UnreadableError: it is larger than `largest` bytes, or may not be read.
        """
        file = self._inside(path)
        if file is None:
            return None
        try:
            with file.open("rb") as stream:
                content = stream.read(largest + 1)
        except OSError as error:
            raise UnreadableError(f"{path} can't be read: {error.strerror}") from error
        if len(content) > largest:
            raise UnreadableError(f"{path} is larger than {largest:,} bytes")
        return content

    def digest(self, path: str) -> str | None:
        """Return the SHA-256 of a file of any size; None where there is none."""
        file = self._inside(path)
        if file is None:
            return None
        try:
            with file.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise UnreadableError(f"{path} can't be read: {error.strerror}") from error

    def _inside(self, path: str) -> Path | None:
        """Return the file at `path`, unless it or a folder on the way is a link, or no file."""
        file = self.root / path
        if path.startswith("/") or ".." in file.parts:
            return None
        try:
            mode = file.lstat().st_mode
            direct = os.path.realpath(file) == str(file)
        except (OSError, ValueError):
            return None
        return file if stat.S_ISREG(mode) and direct else None

    def _walk(self, folder: str, prefix: str, depth: int) -> Iterator[str]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(islice(found, 2 * MOST), key=lambda entry: entry.name)
        except OSError:
            return
        for entry in entries:
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED and depth < DEEPEST:
                    yield from self._walk(entry.path, f"{name}/", depth + 1)
            elif entry.is_file(follow_symlinks=False) and _printable(name):
                yield name


def _printable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8
        return False
    return True


def normalised(text: str) -> str:
    """Return the digest of a text, whatever its white space."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()
