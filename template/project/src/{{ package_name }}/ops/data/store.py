# Managed by poc2prod; extend in settings.toml.
"""Files that are there whole or not at all, in a directory or in object storage through fsspec.

What is named by its SHA-256 never changes, so to write it twice does no harm, and two writers of
one name write the same. One name alone, the head of the snapshots, is replaced.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ..files import begun, publish, sha256, whole_file


class Store(Protocol):
    """A place that keeps files under names such as parts/<sha256>.parquet."""

    def locate(self, name: str) -> str:
        """The path or URL of a file, for people and records."""

    def exists(self, name: str) -> bool:
        """Whether a file is there."""

    def read(self, name: str) -> bytes:
        """Read a small file.

        Raises:
            FileNotFoundError: it is not there.
        """

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a small file in one step."""

    def add(self, folder: str, suffix: str, fill: Callable[[Path], None]) -> str:
        """Keep a file under its digest.

        Args:
            folder: where; `suffix` is the end of its name.
            fill: writes the file's content to the path that it gets.

        Returns:
            The SHA-256, whose file is there now.
        """

    def put(self, name: str, file: Path) -> None:
        """Keep a copy of a file."""

    def fetch(self, name: str, file: Path) -> None:
        """Copy a file as it is in its place.

        Raises:
            FileNotFoundError: it is not there.
        """

    def local(self, name: str) -> Path:
        """A local file with the content of a file that is named by its digest.

        Raises:
            FileNotFoundError: it is not there.
        """

    def digest(self, name: str) -> str:
        """The SHA-256 of a file as it is in its place, not of a copy of it here.

        Raises:
            FileNotFoundError: it is not there.
        """

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""

    def ages(self, suffix: str) -> Iterator[tuple[str, datetime]]:
        """Yield each file whose name ends so, and when it was written."""

    def backdate(self, times: Mapping[str, datetime]) -> None:
        """Say that files that are there were written before: they came back from a backup."""

    def sweep(self) -> None:
        """Delete what writers that were killed had begun; for who holds the lock."""

    def lock(self, waiting: Callable[[], None]) -> Any:
        """Keep other writers out, as a context; calls `waiting` before it waits for one."""


def store(location: str) -> Store:
    """Open the store at a path or URL.

    Raises:
        ProjectError: a package for that kind of URL is not installed; names it.
    """
    if "://" not in location:
        return Local(Path(location))
    from .remote import Remote  # fsspec, which who keeps all in folders can do without

    return Remote(location)


class Local:
    """A directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def locate(self, name: str) -> str:
        """The path or URL of a file."""
        return (self.root / name).as_posix()

    def exists(self, name: str) -> bool:
        """Whether a file is there."""
        return (self.root / name).is_file()

    def read(self, name: str) -> bytes:
        """Read a small file."""
        return (self.root / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a small file."""
        with whole_file(self.root / name) as temporary:
            temporary.write_bytes(content)
        _settle(self.root / name)

    def add(self, folder: str, suffix: str, fill: Callable[[Path], None]) -> str:
        """Keep a file under its digest."""
        directory = self.root / folder
        try:
            with begun(directory, suffix) as temporary:
                fill(temporary)
                digest = sha256(temporary)
                final = directory / f"{digest}{suffix}"
                # What is there was checked when it was written; a disk may have changed it since.
                if not final.is_file() or sha256(final) != digest:
                    publish(temporary, final)
                    _settle(final)
        except OSError as error:
            error.filename = error.filename or str(directory)
            raise
        return digest

    def put(self, name: str, file: Path) -> None:
        """Keep a copy of a file."""
        with whole_file(self.root / name) as temporary:
            shutil.copyfile(file, temporary)
        _settle(self.root / name)

    def fetch(self, name: str, file: Path) -> None:
        """Copy a file as it is in its place."""
        shutil.copyfile(self.root / name, file)

    def local(self, name: str) -> Path:
        """A local file with that content."""
        path = self.root / name
        if not path.is_file():
            raise FileNotFoundError(str(path))
        return path

    def digest(self, name: str) -> str:
        """The SHA-256 of a file."""
        return sha256(self.root / name)

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        (self.root / name).unlink(missing_ok=True)

    def ages(self, suffix: str) -> Iterator[tuple[str, datetime]]:
        """Yield each file whose name ends so, and when it was written."""
        for path in sorted(self.root.rglob(f"*{suffix}")):
            if path.is_file() and not path.name.startswith("."):
                written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                yield path.relative_to(self.root).as_posix(), written

    def backdate(self, times: Mapping[str, datetime]) -> None:
        """Say that files that are there were written before."""
        for name, time in times.items():
            os.utime(self.root / name, (time.timestamp(), time.timestamp()))

    @contextmanager
    def lock(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Keep other writers out."""
        self.root.mkdir(parents=True, exist_ok=True)
        if sys.platform == "win32":
            yield  # no such lock: who writes last notices that the head has moved
            return
        import fcntl

        with (self.root / ".lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def sweep(self) -> None:
        """Delete what writers that were killed had begun."""
        for left in self.root.rglob(".tmp-*"):
            if left.is_file():
                left.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Let a power cut not undo the renaming."""
    if sys.platform != "win32":
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
