"""Copies a repository, bounded, for its code to run in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from poc2prod.audit.files.tree import DEEPEST, MOST, SKIPPED

LARGEST = 4 * 2**30
"""Bytes of a copy; several are made."""

_LEFT_OUT = SKIPPED | {".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", "venv"}
_OUTPUTS = frozenset({"build", "dist"})


class UnrunnableError(Exception):
    """The code can't be run here; the message says why, and what to do."""


class Copying:
    """Copies a tree: files and folders, and links that stay within it."""

    def __init__(self, root: Path) -> None:
        self._root = str(root.resolve())
        self._files = self._bytes = 0

    def folder(self, source: Path, target: Path, depth: int) -> None:
        """Copy what is in a folder, `depth` folders below the root, into `target`.

        Raises:
            UnrunnableError: it is too large, or a file can't be read.
        """
        try:
            with os.scandir(source) as found:
                entries = sorted(found, key=lambda entry: entry.name)
            for entry in entries:
                if entry.name in _LEFT_OUT or (depth == 0 and entry.name in _OUTPUTS):
                    continue
                self._entry(entry, target / entry.name, depth)
        except OSError as error:
            name = error.filename or source
            raise UnrunnableError(f"{name} can't be copied: {error.strerror}") from error

    def _entry(self, entry: os.DirEntry[str], target: Path, depth: int) -> None:
        if entry.is_symlink():
            to = str(Path(entry.path).readlink())
            end = os.path.realpath(entry.path)
            # A link out of the copy would be a way back to what must not change.
            if not os.path.isabs(to) and end.startswith(f"{self._root}{os.sep}"):  # noqa: PTH117
                target.symlink_to(to)
        elif entry.is_dir():
            if depth < DEEPEST:
                target.mkdir()
                self.folder(Path(entry.path), target, depth + 1)
        elif entry.is_file():
            self._files += 1
            self._bytes += entry.stat().st_size
            if self._files > MOST or self._bytes > LARGEST:
                raise UnrunnableError(
                    f"{self._root} has more than {MOST:,} files or {LARGEST / 2**30:.0f} GB, too"
                    " much to copy: keep other files elsewhere"
                )
            shutil.copy2(entry.path, target)
