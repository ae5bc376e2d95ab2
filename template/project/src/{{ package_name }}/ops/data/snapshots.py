# Managed by poc2prod; extend in settings.toml.
"""Snapshots: immutable states of the table to learn from, each with a manifest.

parts/<sha256>.parquet      rows, named by the file's own digest
manifests/<id>.json         what a snapshot is; the id is the SHA-256 of this very file
head                        one line: the id of the newest snapshot

Parts come first, then the manifest, then the head. Whatever was interrupted before the head leaves
files that nothing names, and the next run writes the same again. Neither a clock nor a machine is
in a manifest, so the same sources and rules give the same id.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from ..columns import Column
from ..contract import DataContract
from ..errors import ProjectError
from ..files import sha256
from ..table import TYPES
from .manifests import Manifest, Part, Rejects
from .store import Store, store

HEAD = "head"
_HINT = "restore it, or delete the snapshots and run ingest again where the sources are still there"


class Snapshots:
    """The snapshots in one store, and their quarantine in another."""

    def __init__(self, snapshots: Store, quarantine: Store) -> None:
        self.store = snapshots
        self.quarantine = quarantine
        self._schemas: dict[str, pl.Schema] = {}
        self._sound: set[str] = set()  # files that this process has compared with their digest

    @contextmanager
    def lock(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Keep other writers out, and clean up after those that were killed."""
        with self.store.lock(waiting):
            self.store.sweep()
            self.quarantine.sweep()
            yield

    def head(self) -> str | None:
        """The id of the newest snapshot; None before the first.

        Raises:
            ProjectError: the head names none.
        """
        try:
            name = self.store.read(HEAD)
        except FileNotFoundError:
            return None
        found = name.decode("ascii", "replace")
        if len(found) != 65 or not found.endswith("\n") or not self.store.exists(path(found[:-1])):
            raise ProjectError(f"{self.store.locate(HEAD)} names no snapshot: {_HINT}")
        return found[:-1]

    def read(self, snapshot: str) -> Manifest:
        """Read a manifest and compare it with its digest.

        Raises:
            ProjectError: it is missing or changed.
        """
        where = self.store.locate(path(snapshot))
        try:
            content = self.store.read(path(snapshot))
        except FileNotFoundError:
            raise ProjectError(f"there is no snapshot {where}: {_HINT}") from None
        if hashlib.sha256(content).hexdigest() != snapshot:
            raise ProjectError(f"{where} is not what was written: its SHA-256 differs; {_HINT}")
        try:
            return Manifest.model_validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"]))
            raise ProjectError(f"{where}: {key}: {first['msg']}") from None

    def whole(self, snapshot: str) -> bool:
        """Whether a snapshot's manifest and all its parts are there."""
        if not self.store.exists(path(snapshot)):
            return False
        places = map(self.place, self.read(snapshot).parts)
        return all(target.exists(name) for target, name in places)

    def add(self, frame: pl.DataFrame, *, rejected: bool = False) -> str:
        """Write rows, and return the digest of their file."""
        target, folder = (self.quarantine, "") if rejected else (self.store, "parts")
        return target.add(folder, ".parquet", lambda file: _write(frame, file))

    def frame(self, parts: Iterable[Part]) -> pl.LazyFrame | None:
        """The rows of some parts, one after the other; None without any.

        Raises:
            ProjectError: a part is missing or changed.
        """
        files = [self.file(part) for part in parts]
        return pl.scan_parquet(files, glob=False) if files else None

    def rows(self, parts: Iterable[Part], contract: DataContract) -> pl.LazyFrame:
        """The rows of some parts, as the contract declares them.

        Raises:
            ProjectError: a part is missing, changed, or was made by a contract with other columns.
        """
        types = {column.name: TYPES[column.kind] for column in contract.columns}
        for part in parts:
            found = self.schema(part)
            other = [name for name, dtype in types.items() if found.get(name) != dtype]
            if other:
                raise ProjectError(
                    f"{part.item} was ingested when data-contract.yaml declared {other[0]}"
                    " otherwise, or not at all: run ingest"
                )
        rows = self.frame(parts)
        return pl.LazyFrame(schema=types) if rows is None else rows.select(list(types))

    def newest(self, parts: Iterable[Part], time: Column | None) -> datetime | None:
        """The newest time in some parts; None without a row or such a column."""
        if time is None:
            return None
        wanted = {time.name: TYPES[time.kind]}
        # Parts of an older contract may have other columns.
        files = [self.file(p) for p in parts if self.schema(p).get(time.name) == wanted[time.name]]
        if not files:
            return None
        rows = pl.scan_parquet(files, glob=False, schema=wanted, extra_columns="ignore")
        found: datetime | None = rows.select(pl.col(time.name).max()).collect().item()
        return found

    def schema(self, part: Part) -> pl.Schema:
        """The columns of a part, with their types."""
        if part.sha256 not in self._schemas:
            self._schemas[part.sha256] = pl.Schema(pl.read_parquet_schema(self.file(part)))
        return self._schemas[part.sha256]

    def file(self, part: Part) -> Path:
        """The local file of a part, compared with its digest.

        Raises:
            ProjectError: it is missing or changed.
        """
        target, name = self.place(part)
        try:
            file = target.local(name)
        except FileNotFoundError:
            raise ProjectError(f"{target.locate(name)} is missing: {_HINT}") from None
        if name not in self._sound and sha256(file) != part.sha256:
            where = target.locate(name)
            raise ProjectError(f"{where} is not what was written: its SHA-256 differs; {_HINT}")
        self._sound.add(name)
        return file

    def place(self, part: Part) -> tuple[Store, str]:
        """Where a part is."""
        if isinstance(part, Rejects):
            return self.quarantine, f"{part.sha256}.parquet"
        return self.store, f"parts/{part.sha256}.parquet"

    def commit(self, manifest: Manifest, before: str | None) -> bool:
        """Make a snapshot the newest, if the newest is still the one that it was made from.

        Returns:
            Whether it is; if not, another run was faster, and this one has to begin again.
        """
        new = manifest.id
        self.store.write(path(new), manifest.content())
        if self.head() != before:
            return False
        self.store.write(HEAD, f"{new}\n".encode("ascii"))
        return self.head() == new


def path(snapshot: str) -> str:
    """The name of a manifest in its store."""
    return f"manifests/{snapshot}.json"


def snapshots(location: str, quarantine: str) -> Snapshots:
    """Open the snapshots and the quarantine that settings name."""
    return Snapshots(store(location), store(quarantine))


def _write(frame: pl.DataFrame, file: Path) -> None:
    try:
        frame.write_parquet(file)
    except pl.exceptions.PolarsError as error:  # such as a disk that is full
        raise OSError(None, " ".join(str(error).split())) from None
