# Managed by poc2prod; extend in a module of your own that imports it.
"""What the data quality report tells of the newest snapshot."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...contract import DataContract
from ...errors import ProjectError
from ...settings import Settings
from .. import tables
from ..manifests import Counts, Manifest
from ..privacy import stored
from ..snapshots import Snapshots, snapshots
from ..validation import rules
from .profile import Profile, newest, profiles

_RUNS = 40  # that the picture of the past has room for


@dataclass(frozen=True)
class Measured:
    """What there is to tell.

    Attributes:
        rows: of the snapshot.
        waiting: rows in quarantine.
        runs: id, rows kept and rows quarantined of each run, the oldest first.
        sources: name, rows kept and rows in quarantine of each source.
        reasons: rows in quarantine for each reason, the commonest first.
        rules: rows that were rejected for each rule of a row, those that nothing broke too.
        tables: whether each rule for the whole table is kept.
        broken: what breaks them, in words.
    """

    project: str
    snapshot: str
    contract: DataContract
    now: datetime
    rows: int
    waiting: int
    totals: Counts
    runs: tuple[tuple[str, int, int], ...]
    sources: tuple[tuple[str, int, int], ...]
    reasons: Mapping[str, int]
    rules: Mapping[str, int]
    tables: Mapping[str, bool]
    broken: tuple[str, ...]
    profiles: tuple[Profile, ...]
    newest: datetime | None


def measure(project: str, contract: DataContract, settings: Settings, now: datetime) -> Measured:
    """Measure the newest snapshot.

    Raises:
        ProjectError: there is none, a file of it is missing or changed, or it is of a contract
            with other columns.
    """
    kept = snapshots(settings.snapshots, settings.quarantine)
    head = kept.head()
    if head is None:
        raise ProjectError(f"there is no snapshot in {settings.snapshots}: run ingest first")
    manifest = kept.read(head)
    there = stored(contract)
    frame = kept.rows(manifest.parts, there)
    profiled = list(profiles(frame, there))
    broken = tables.broken(frame, contract)
    wrong = [rule.said for rule in contract.quality if any(b.startswith(rule.said) for b in broken)]
    reasons: Counter[str] = Counter()
    for part in manifest.quarantined:
        reasons.update(part.reasons)
    rejected = manifest.totals.reasons
    every = dict.fromkeys(rules(contract.columns), 0) | rejected
    return Measured(
        project=project,
        snapshot=head,
        contract=contract,
        now=now,
        rows=manifest.rows,
        waiting=sum(part.rows for part in manifest.quarantined),
        totals=manifest.totals,
        runs=_runs(kept, head, manifest),
        sources=_sources(manifest),
        reasons=dict(reasons.most_common()),
        rules=dict(sorted(every.items(), key=lambda item: -item[1])),
        tables={rule.said: rule.said not in wrong for rule in contract.quality},
        broken=broken,
        profiles=tuple(profiled),
        newest=newest(profiled, contract),
    )


def _runs(kept: Snapshots, head: str, manifest: Manifest) -> tuple[tuple[str, int, int], ...]:
    found: list[tuple[str, int, int]] = []
    name: str | None = head
    while name is not None and len(found) < _RUNS:
        found.append((name[:8], manifest.counts.rows_out, manifest.counts.quarantined))
        name = next(iter(manifest.parents), None)
        if name is not None:
            try:
                manifest = kept.read(name)
            except ProjectError:  # retention may have taken it
                break
    return tuple(reversed(found))


def _sources(manifest: Manifest) -> tuple[tuple[str, int, int], ...]:
    rows, rejected = Counter[str](), Counter[str]()
    for part in manifest.parts:
        rows[part.source] += part.rows
    for part in manifest.quarantined:
        rejected[part.source] += part.rows
    return tuple((name, rows[name], rejected[name]) for name in sorted({*rows, *rejected}))
