# Managed by poc2prod; extend in sources.py and settings.toml.
"""The files of a source: found by path, pattern or URL, and read in batches."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from ... import sources
from .. import table
from ..contract import DataContract
from ..errors import ProjectError
from ..files import sha256
from .remote import filesystem

_MAGIC = "*?["
_KINDS = (".csv", ".parquet")


@dataclass(frozen=True)
class File:
    """A file of a source.

    Attributes:
        name: its path below the source's folder, which is the same on every machine.
        where: its path or URL.
        storage: the file system of a URL, and the path in it.
    """

    name: str
    where: str
    storage: tuple[Any, str] | None = None

    def digest(self) -> str:
        """Its SHA-256.

        Raises:
            ProjectError: it cannot be fetched.
        """
        with self.opened() as path:
            return sha256(path)

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """Provide it as a local file."""
        if self.storage is None:
            yield Path(self.where)
            return
        files, path = self.storage
        with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
            local = Path(folder, PurePosixPath(self.name).name)
            try:
                files.get_file(path, str(local))
            except Exception as error:  # each client has classes of its own
                reason = " ".join(str(error).split())[:300] or type(error).__name__
                raise ProjectError(f"{self.where} cannot be fetched: {reason}") from None
            yield local


def find(location: str) -> list[File]:
    """Find the files that a path, a pattern, a folder or a URL of one names, sorted by name."""
    if "://" in location:
        return _remote(location)
    root = Path(location)
    if root.is_file():
        return [File(root.name, location)]
    folder = root.is_dir()
    if folder:
        paths = root.rglob("*")
    else:
        root = Path(_root(location))
        paths = root.glob(PurePosixPath(location).relative_to(root.as_posix()).as_posix())
    return [
        File(_name(path.relative_to(root).as_posix()), path.as_posix())
        for path in sorted(paths)
        if path.is_file() and _wanted(path.relative_to(root).as_posix(), folder)
    ]


def many(location: str) -> bool:
    """Whether it may name any number of files, none too: a pattern, or a folder without ending."""
    return (
        any(sign in location for sign in _MAGIC)
        or location.endswith("/")
        or Path(location).is_dir()
        or "." not in PurePosixPath(location).name
    )


def read(
    file: File, path: Path, digest: str, contract: DataContract, rows: int
) -> Iterator[pl.DataFrame]:
    """Read the declared columns as they are, at most `rows` rows at a time.

    Raises:
        ProjectError: it cannot be read, lacks a column, or changed meanwhile.
    """
    try:
        lazy = _opened(file, path)
        found = lazy.collect_schema()
        table.require(found, contract.columns, file.where)
        # Which of the two is meant, nobody knows but who wrote the file.
        if twice := [c.name for c in contract.columns if f"{c.name}_duplicated_0" in found]:
            raise ProjectError(f"{file.where} has the column {twice[0]} twice: take one away")
        lazy = lazy.select(column.name for column in contract.columns)
        start = 0
        while True:
            batch = lazy.slice(start, rows).collect()
            if batch.height or not start:
                yield batch
            start += batch.height
            if batch.height < rows:
                break
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ProjectError(
            f"{file.where} cannot be read: {table.reason(error, contract.columns)}; mend it or take"
            " it away"
        ) from None
    if sha256(path) != digest:
        raise ProjectError(f"{file.where} changed while it was read: run ingest again")


def _opened(file: File, path: Path) -> pl.LazyFrame:
    try:
        return sources.read(path)
    except ValueError as error:
        raise ProjectError(
            f"{file.where} cannot be read: {error}; mend it or take it away"
        ) from None


def code() -> str:
    """The digest of the team's sources.py."""
    return hashlib.sha256(Path(sources.__file__).read_bytes()).hexdigest()


def _remote(url: str) -> list[File]:
    files, path = filesystem(url)
    folder = False
    try:
        files.invalidate_cache()
        if any(sign in path for sign in _MAGIC):
            found = files.glob(path)
        else:
            found = files.find(path)
            if found != [path]:
                folder, path = True, f"{path.rstrip('/')}/**/*"
    except FileNotFoundError:
        found = []
    except Exception as error:  # each client has classes of its own
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise ProjectError(f"{url} cannot be listed: {reason}") from None
    root, protocol = _root(path), url.partition("://")[0]
    return [
        File(
            _name(str(PurePosixPath(name).relative_to(root))),
            f"{protocol}://{name.lstrip('/')}",
            (files, name),
        )
        for name in sorted(found)
        if _wanted(str(PurePosixPath(name).relative_to(root)), folder)
    ]


def _root(location: str) -> PurePosixPath:
    """The folder before the first part that is a pattern."""
    parts = PurePosixPath(location).parts
    plain = next((i for i, part in enumerate(parts) if any(m in part for m in _MAGIC)), len(parts))
    return PurePosixPath(*parts[: min(plain, len(parts) - 1)])


def _wanted(name: str, folder: bool) -> bool:
    """Leave out what is not there whole yet, and in folders what is no table."""
    path = PurePosixPath(name)
    if path.name.endswith((".tmp", ".part")) or any(p.startswith((".", "_")) for p in path.parts):
        return False
    return not folder or path.suffix.lower() in _KINDS


def _name(name: str) -> str:
    """Return a name that records can hold.

    Raises:
        ProjectError: it is not UTF-8.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ProjectError(f"the name of the file {name!a} is not UTF-8: rename it") from None
    return name
