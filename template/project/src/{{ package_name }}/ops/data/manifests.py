# Managed by poc2prod; extend in settings.toml.
"""What a snapshot is: its parts, where their rows came from, and what became of the others."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Strict):
    """Rows of one item of a source, in a file of their own.

    Attributes:
        sha256: of the file, and its name.
        item: the file or table of the source, for people.
        of: what was read: a file's digest, or the table's name.
        treated: what became of each personal column, such as "drop" or "generalise to month".
    """

    sha256: str
    rows: int
    source: str
    item: str
    of: str
    treated: dict[str, str] = {}


class Rejects(Part):
    """Rows in quarantine.

    Attributes:
        reasons: how many of them break each rule.
    """

    reasons: dict[str, int]


class Item(_Strict):
    """An item that was consumed: its digest, and that of the rules it was read by."""

    sha256: str
    rules: str


class Consumed(_Strict):
    """What was read of one source.

    Attributes:
        items: its files, by name.
        watermark: of a table: the greatest value that was read.
        rules: of a table: the digest of the rules it was read by.
    """

    items: dict[str, Item] = {}
    watermark: str | None = None
    rules: str | None = None


class Counts(_Strict):
    """How many rows came to what. rows_in = rows_out + quarantined + removed, always.

    Attributes:
        known: rows that are in the table already, or in quarantine, and left out of rows_in.
        removed: rows that cleansing removed, such as copies in one file.
        redriven: rows that came back from quarantine, and are in quarantined as well.
        cleansed: rows that each cleansing rule touched.
        reasons: rows that broke each rule; one may break several.
    """

    rows_in: int = 0
    rows_out: int = 0
    quarantined: int = 0
    known: int = 0
    removed: int = 0
    redriven: int = 0
    cleansed: dict[str, int] = {}
    reasons: dict[str, int] = {}

    def plus(self, other: "Counts") -> "Counts":
        """Add up."""
        values: dict[str, Any] = {}
        for name, value in self:
            more = getattr(other, name)
            if isinstance(value, dict):
                values[name] = add(value, more)
            else:
                values[name] = value + more
        return Counts(**values)


def add(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """Add numbers by name."""
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}


class Manifest(_Strict):
    """What a snapshot is.

    Attributes:
        parents: the ids of the snapshots that it was made from.
        contract: version of the data contract and SHA-256 of its file.
        columns: name and type of each column.
        counts: of the run that made it; `totals` are those of all runs so far.
        erased: digests of files that were deleted on purpose, each with the reason.
    """

    format: int = 1
    parents: tuple[str, ...] = ()
    contract: dict[str, str | None]
    columns: dict[str, str]
    rows: int
    parts: tuple[Part, ...]
    quarantined: tuple[Rejects, ...] = ()
    sources: dict[str, Consumed]
    counts: Counts = Counts()
    totals: Counts = Counts()
    erased: dict[str, str] = {}

    def content(self) -> bytes:
        """The bytes of its file."""
        document = self.model_dump(mode="json")
        return f"{json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)}\n".encode()

    @property
    def id(self) -> str:
        """The digest of its file."""
        return hashlib.sha256(self.content()).hexdigest()
