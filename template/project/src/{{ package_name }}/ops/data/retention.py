# Managed by poc2prod; extend in data-contract.yaml and kpi-contract.yaml.
"""Deletes what has been kept for as long as the contracts say, and nothing else.

data-contract.yaml   slaProperties retention: rows, in snapshots and in quarantine
kpi-contract.yaml    privacy.retention.predictions: candidates in runs/, which hold predictions

The age of rows counts from when they were ingested. A part that is due leaves the newest snapshot
by a new one, whose manifest says so, before its file is deleted: who looks for the rows later finds
why they are gone. What the champion was made from stays, and is named, until there is a champion
that does without.
"""

import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .. import bundle, registry
from ..contract import DataContract
from ..errors import ProjectError
from ..kpi.protection import Retention
from ..settings import Settings
from .manifests import Manifest, Part
from .remote import CACHE
from .snapshots import Snapshots, snapshots

_YOUNG_SECONDS = 86_400


@dataclass(frozen=True)
class Item:
    """Something that has been kept for long enough.

    Attributes:
        what: a snapshot's part, rows in quarantine, or a candidate.
        name: of its file in its store, or of its folder.
        written: when.
        stays: why it is not deleted all the same; "" where it is.
    """

    what: str
    name: str
    written: datetime
    stays: str = ""


@dataclass(frozen=True)
class Plan:
    """What is due.

    Attributes:
        leaves: the digests of files that the newest snapshot has to let go first.
    """

    items: tuple[Item, ...]
    leaves: frozenset[str]

    @property
    def due(self) -> list[Item]:
        """What is deleted."""
        return [item for item in self.items if not item.stays]


def plan(contract: DataContract, settings: Settings, said: Retention | None, now: datetime) -> Plan:
    """Find what is due by a moment, and change nothing.

    Args:
        contract: says how long rows are kept.
        settings: where things are.
        said: privacy.retention of the KPI contract.
        now: the moment.

    Raises:
        ProjectError: a contract, the registry or a manifest cannot be read.
    """
    kept = snapshots(settings.snapshots, settings.quarantine)
    head, items = kept.head(), list(_candidates(settings, said, now))
    used = _used(kept, settings)
    period = contract.retention
    for what, store in (("part", kept.store), ("quarantine", kept.quarantine)):
        for name, written in store.ages(".parquet"):
            if period and written + period <= now:
                stays = used.get(_digest(name), "")
                items.append(Item(what, name, written, stays))
    there = {part.sha256 for part in _parts(kept.read(head))} if head else set()
    due = {_digest(item.name) for item in items if item.what != "candidate" and not item.stays}
    return Plan(tuple(items), frozenset(due & there))


def apply(
    contract: DataContract, settings: Settings, said: Retention | None, now: datetime
) -> Plan:
    """Delete what is due. Interrupted anywhere, the next run does the rest.

    Raises:
        ProjectError: as `plan`, or another run is faster again and again.
    """
    kept = snapshots(settings.snapshots, settings.quarantine)
    with kept.store.lock(lambda: None):
        found = plan(contract, settings, said, now)
        if found.leaves:
            _let_go(kept, found.leaves)
        for item in found.due:
            if item.what == "candidate":
                shutil.rmtree(settings.runs / item.name)
            else:
                (kept.store if item.what == "part" else kept.quarantine).delete(item.name)
        _forget(kept)
    return found


def _forget(kept: Snapshots) -> None:
    """Delete copies of what is in no storage any more; a young one may be just being written."""
    then = time.time() - _YOUNG_SECONDS
    if old := [copy for copy in CACHE.glob("*") if copy.stat().st_mtime < then]:
        stores = (kept.store, kept.quarantine)
        there = {_digest(name) for store in stores for name, _ in store.ages(".parquet")}
        for copy in old:
            if _digest(copy.name) not in there:
                copy.unlink(missing_ok=True)


def _let_go(kept: Snapshots, digests: Iterable[str]) -> None:
    """Commit a snapshot without these files, which says that they are gone and why."""
    head = kept.head()
    before = kept.read(head) if head else None
    if before is None or head is None:
        return
    gone = set(digests)
    parts = tuple(part for part in before.parts if part.sha256 not in gone)
    manifest = before.model_copy(
        update={
            "parents": (head,),
            "parts": parts,
            "rows": sum(part.rows for part in parts),
            "quarantined": tuple(p for p in before.quarantined if p.sha256 not in gone),
            "erased": {**before.erased, **dict.fromkeys(sorted(gone), "retention")},
        }
    )
    if not kept.commit(manifest, head):
        raise ProjectError("another run changed the snapshots meanwhile: run retain again")


def _used(kept: Snapshots, settings: Settings) -> dict[str, str]:
    """Digests of the files that the champion stands on, each with why it stays."""
    champion = registry.champion_or_none(settings.models)
    if champion is None:
        return {}
    snapshot = bundle.read_metadata(champion).made_from.get("snapshot")
    if snapshot is None or not kept.whole(snapshot):
        return {}
    why = f"the champion {champion.name} was made from it"
    return {part.sha256: why for part in kept.read(snapshot).parts}


def _candidates(settings: Settings, said: Retention | None, now: datetime) -> Iterator[Item]:
    """Candidates that are due, by the time in their name; the newest stays, as the next in line."""
    period = said.predictions if said else None
    found = sorted(path for path in settings.runs.glob("[0-9]*T*Z") if path.is_dir())
    for run in found:
        written = datetime.strptime(run.name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
        if period and written + period <= now:
            stays = "it is the newest candidate" if run == found[-1] else ""
            yield Item("candidate", run.name, written, stays)


def _parts(manifest: Manifest) -> tuple[Part, ...]:
    return (*manifest.parts, *manifest.quarantined)


def _digest(name: str) -> str:
    return Path(name).stem
