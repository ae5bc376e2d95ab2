# Managed by poc2prod; extend in settings.toml and data-contract.yaml.
"""The next snapshot, while it is made from the one before."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel

from ..columns import Column
from ..contract import DataContract, read_yaml
from ..files import sha256
from . import quarantine, sources
from .manifests import Consumed, Counts, Manifest, Part, Rejects
from .preparing import prepare
from .privacy import Key, made_by, treat, treatments
from .snapshots import Snapshots

CONTRACT = Path("data-contract.yaml")


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

    @property
    def key_id(self) -> str | None:
        """Which key makes the pseudonyms; without one, which made those that are there."""
        return self.key.id if self.key else made_by([*self.parts, *self.rejects])

    def forget(self, source: str, of: str) -> None:
        """Take the rows of an item out, because they are read again."""
        self.parts = [p for p in self.parts if (p.source, p.of) != (source, of)]
        self.rejects = [p for p in self.rejects if (p.source, p.of) != (source, of)]

    def take(self, source: str, item: str, of: str, batches: Iterable[pl.DataFrame]) -> None:
        """Prepare an item's rows and keep them: the valid ones, and the others in quarantine."""
        for batch in batches:
            prepared = prepare(batch, self.contract, now=None)
            columns = self.contract.columns
            valid, repeated = self._new(treat(prepared.valid, columns, self.key))
            rejected = treat(prepared.rejected, columns, self.key, rejected=True)
            rejected = quarantine.join(rejected, repeated)
            reasons = quarantine.reasons(rejected)
            removed = batch.height - prepared.valid.height - prepared.rejected.height
            counts = Counts(
                rows_in=batch.height,
                rows_out=valid.height,
                quarantined=rejected.height,
                removed=removed,
                cleansed=prepared.counts,
                reasons=reasons,
            )
            if removed < 0 or batch.height != valid.height + rejected.height + removed:
                raise AssertionError(f"of {batch.height} rows of {item} some are lost: {counts}")
            self.counts = self.counts.plus(counts)
            about: dict[str, Any] = {"source": source, "item": item, "of": of}
            about["treated"] = treatments(columns, self.key)
            if valid.height:
                self.columns = {name: str(dtype) for name, dtype in valid.schema.items()}
                digest = self.snapshots.add(valid)
                self.parts.append(Part(sha256=digest, rows=valid.height, **about))
            if rejected.height:
                digest = self.snapshots.add(rejected, rejected=True)
                self.rejects.append(
                    Rejects(sha256=digest, rows=rejected.height, reasons=reasons, **about)
                )

    def _new(self, valid: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame | None]:
        """Part rows from those whose primary key is in the table already."""
        keys = [column.name for column in self.contract.identity]
        before = self.snapshots.frame(self.parts) if keys and valid.height else None
        if before is None:
            return valid, None
        known = (
            before.select(keys)
            .join(valid.lazy().select(keys).unique(), on=keys, how="semi")
            .unique()
            .collect(engine="streaming")
        )
        if known.is_empty():
            return valid, None
        return (
            valid.join(known, on=keys, how="anti", maintain_order="left"),
            valid.join(known, on=keys, how="semi", maintain_order="left"),
        )

    def manifest(self, head: str | None, before: Manifest | None) -> Manifest:
        """What is committed, after the snapshot `before`, whose id is `head`."""
        return Manifest(
            parents=(head,) if head else (),
            contract=contract_of(),
            columns=self.columns,
            rows=sum(part.rows for part in self.parts),
            parts=tuple(self.parts),
            quarantined=tuple(self.rejects),
            sources=self.sources,
            counts=self.counts,
            totals=(before.totals if before else Counts()).plus(self.counts),
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
            return value.model_dump(
                mode="json", exclude={"description", "example", "classification"}
            )
        return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)

    meaning = {item.name: getattr(contract, item.name) for item in fields(contract)}
    document = json.dumps([meaning, sources.code(), key_id], sort_keys=True, default=plain)
    return hashlib.sha256(document.encode()).hexdigest()


def contract_of(path: Path = CONTRACT) -> dict[str, str | None]:
    """The version of the data contract and the digest of its file."""
    version = read_yaml(path).get("version")
    return {"version": None if version is None else str(version), "sha256": sha256(path)}
