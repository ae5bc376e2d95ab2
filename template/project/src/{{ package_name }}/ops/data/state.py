# Managed by poc2prod; extend in settings.toml and data-contract.yaml.
"""The next snapshot, while it is made from the one before."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel

from ..columns import Column
from ..contract import DataContract, read_yaml
from ..errors import ProjectError
from ..files import sha256
from ..table import TYPES
from . import quarantine, sources
from .manifests import Consumed, Counts, Manifest, Part, Rejects
from .preparing import prepare
from .privacy import Key, made_by, stored, treat, treatments
from .snapshots import Snapshots

CONTRACT = Path("data-contract.yaml")


@dataclass(frozen=True)
class Ingested:
    """What came of it.

    Attributes:
        snapshot: the id of the newest snapshot.
        changed: whether there was anything new.
    """

    snapshot: str
    manifest: Manifest
    changed: bool


@dataclass
class State:
    """The next snapshot, while it is made from the one before."""

    contract: DataContract
    snapshots: Snapshots
    key: Key | None = None
    parts: list[Part] = field(default_factory=list)
    rejects: list[Rejects] = field(default_factory=list)
    sources: dict[str, Consumed] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    columns: dict[str, str] = field(default_factory=dict)
    treated: dict[str, str] | None = None  # what was done already to rows that are taken again

    @property
    def key_id(self) -> str | None:
        """Which key makes the pseudonyms; without one, which made those that are there."""
        return self.key.id if self.key else made_by([*self.parts, *self.rejects])

    def forget(self, source: str, of: str) -> None:
        """Take the rows of an item out, because they are read again."""
        self.parts = [p for p in self.parts if (p.source, p.of) != (source, of)]
        self.rejects = [p for p in self.rejects if (p.source, p.of) != (source, of)]

    def leave(self, source: str) -> None:
        """Take all rows of a source out."""
        self.parts = [part for part in self.parts if part.source != source]
        self.rejects = [part for part in self.rejects if part.source != source]
        del self.sources[source]

    def take(
        self,
        source: str,
        item: str,
        of: str,
        batches: Iterable[pl.DataFrame],
        *,
        newest: datetime | None = None,
    ) -> None:
        """Prepare an item's rows and keep them: the valid ones, and the others in quarantine.

        Args:
            source: its name.
            item: its file or table.
            of: what identifies its content.
            batches: the rows as they were read.
            newest: the newest time in the table before, by which a row is late; None: none is.
        """
        waiting = [part for part in self.rejects if (part.source, part.of) == (source, of)]
        for batch in batches:
            new = quarantine.without(
                batch, self._treated(batch, rejected=True), self.snapshots.frame(waiting)
            )
            prepared = prepare(
                new,
                self.contract,
                now=datetime.now(UTC),
                newest=newest,
                known=lambda rows: self._known(self._treated(rows))[0],
            )
            good = self._treated(prepared.valid)
            copies, repeated = self._known(good)
            valid = good.filter(~copies & ~repeated)
            rejected = self._treated(
                quarantine.join(prepared.rejected, prepared.read.filter(repeated)), rejected=True
            )
            known = batch.height - new.height + int(copies.sum())
            removed = new.height - prepared.valid.height - prepared.rejected.height
            reasons = quarantine.reasons(rejected)
            counts = Counts(
                rows_in=batch.height - known,
                rows_out=valid.height,
                quarantined=rejected.height,
                known=known,
                removed=removed,
                cleansed=prepared.counts,
                reasons=reasons,
            )
            if removed < 0 or counts.rows_in != valid.height + rejected.height + removed:
                raise AssertionError(f"of {batch.height} rows of {item} some are lost: {counts}")
            self.counts = self.counts.plus(counts)
            about: dict[str, Any] = {"source": source, "item": item, "of": of}
            about["treated"] = self.treated or treatments(self.contract.columns, self.key)
            if valid.height:
                self.columns = {name: str(dtype) for name, dtype in valid.schema.items()}
                digest = self.snapshots.add(valid)
                self.parts.append(Part(sha256=digest, rows=valid.height, **about))
            if rejected.height:
                digest = self.snapshots.add(rejected, rejected=True)
                self.rejects.append(
                    Rejects(sha256=digest, rows=rejected.height, reasons=reasons, **about)
                )

    def _treated(self, rows: pl.DataFrame, *, rejected: bool = False) -> pl.DataFrame:
        """Treat what is personal, unless that was done before the rows were kept."""
        if self.treated is not None:
            return rows
        return treat(rows, self.contract.columns, self.key, rejected=rejected)

    def newest(self) -> datetime | None:
        """The newest time in the table; None without rows or times."""
        return self.snapshots.newest(self.parts, self.contract.time)

    def rows(self) -> pl.LazyFrame:
        """All rows of the table.

        Raises:
            ProjectError: some are of an older contract, and can't be read again.
        """
        self._alike()
        rows = self.snapshots.frame(self.parts)
        there = stored(self.contract).columns
        types = {column.name: TYPES[column.kind] for column in there}
        return pl.LazyFrame(schema=types) if rows is None else rows

    def _known(self, valid: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Which rows are in the table already, and which have the primary key of another one."""
        none = pl.repeat(False, valid.height, dtype=pl.Boolean, eager=True)
        keys = [column.name for column in self.contract.identity]
        # Rows of another contract, which are about to be read again, are not compared.
        alike = [part for part in self.parts if self.snapshots.schema(part) == valid.schema]
        table = self.snapshots.frame(alike) if keys and valid.height else None
        if table is None:
            return none, none
        there = table.join(valid.lazy().select(keys).unique(), on=keys, how="semi").collect(
            engine="streaming"
        )
        same = none if there.is_empty() else quarantine.among(valid, there, valid.columns)
        return same, quarantine.among(valid, there, keys) & ~same

    def _alike(self) -> None:
        """Refuse parts with other columns than the newest: no one can read them as one table."""
        for part in self.parts:
            if self.snapshots.schema(part) != self.snapshots.schema(self.parts[-1]):
                where = self.snapshots.store.locate("").rstrip("/")
                raise ProjectError(
                    f"the rows of {part.item}, of the source {part.source}, were kept by an older"
                    " data-contract.yaml with other columns, and it is not there to be read again:"
                    f" put it back, or delete {where} and ingest what is there"
                )

    def manifest(
        self, head: str | None, before: Manifest | None, added: Counts | None = None
    ) -> Manifest:
        """What is committed, after the snapshot `before`, whose id is `head`.

        Args:
            added: to the totals; without it, the counts.

        Raises:
            ProjectError: some rows are of an older contract, and can't be read again.
        """
        self._alike()
        return Manifest(
            parents=(head,) if head else (),
            contract=contract_of(),
            columns=self.columns,
            rows=sum(part.rows for part in self.parts),
            parts=tuple(self.parts),
            quarantined=tuple(self.rejects),
            sources=self.sources,
            counts=self.counts,
            totals=(before.totals if before else Counts()).plus(added or self.counts),
            erased=before.erased if before else {},
        )


def begin(
    contract: DataContract, snapshots: Snapshots, before: Manifest | None, key: Key | None
) -> State:
    """Start from the snapshot before, if there is one."""
    if before is None:
        return State(contract, snapshots, key)
    return State(
        contract,
        snapshots,
        key,
        list(before.parts),
        list(before.quarantined),
        dict(before.sources),
        columns=before.columns,
    )


def rules(contract: DataContract, key_id: str | None) -> str:
    """The digest of what decides what becomes of a row: the contract's rules, sources.py, the key.

    What only people read, descriptions and the like, is left out.
    """

    def plain(value: Any) -> Any:
        if isinstance(value, Column):
            told = {"description", "example", "classification"}
            return value.model_dump(mode="json", exclude=told)
        return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)

    # No row is judged by these.
    untouched = {"version", "owner", "quality", "freshness", "retention"}
    names = {each.name for each in fields(contract)} - untouched
    meaning = {name: getattr(contract, name) for name in names}
    document = json.dumps([meaning, sources.code(), key_id], sort_keys=True, default=plain)
    return hashlib.sha256(document.encode()).hexdigest()


def contract_of(path: Path = CONTRACT) -> dict[str, str | None]:
    """The version of the data contract and the digest of its file."""
    version = read_yaml(path).get("version")
    return {"version": None if version is None else str(version), "sha256": sha256(path)}
