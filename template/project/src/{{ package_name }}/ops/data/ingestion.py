# Managed by poc2prod; extend in sources.py, settings.toml and data-contract.yaml.
"""Brings what is new in the sources into a new snapshot. Run again, it changes nothing.

What was consumed is in the newest snapshot's manifest and nowhere else, so it becomes true in the
same step as the rows become part of the table. A file is known by its digest: one that was moved
is not read again, and the rows of one that changed take the place of those that it had.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..contract import DataContract
from ..errors import ProjectError
from ..files import sha256
from ..settings import Settings
from . import agreement, keys, metrics, sources
from .manifests import Consumed, Item, Manifest
from .snapshots import snapshots
from .state import State, begin, rules

_TRIES = 5


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


def ingest(
    contract: DataContract, settings: Settings, waiting: Callable[[], None] = lambda: None
) -> Ingested:
    """Bring what is new into a snapshot.

    Args:
        contract: what rows must keep to.
        settings: names the sources and where to keep rows.
        waiting: is called before it waits for another run to end.

    Raises:
        ProjectError: a source is missing or cannot be read, or too many rows break the contract.
            Then nothing is changed.
    """
    agreement.require(contract)
    key = keys.read(contract.columns, settings.pseudonym_key_file)
    kept = snapshots(settings.snapshots, settings.quarantine)
    with kept.store.lock(waiting):
        for _ in range(_TRIES):
            head = kept.head()
            before = kept.read(head) if head else None
            state = begin(contract, kept, before, key)
            changed = _bring(state, settings)
            if head and before and not changed:
                done = Ingested(head, before, changed=False)
                break
            _refuse(state, settings)
            manifest = state.manifest(head, before)
            if kept.commit(manifest, head):
                done = Ingested(manifest.id, manifest, changed=True)
                break
        else:
            raise ProjectError(
                f"{settings.snapshots}: other runs were always faster: run ingest again"
            )
    metrics.write(done.manifest, contract, settings)
    return done


def _bring(state: State, settings: Settings) -> bool:
    changed = False
    for name, source in sorted(settings.origins().items()):
        if source.location is not None:
            changed |= _files(state, name, source.location, settings)
    return changed


def _files(state: State, name: str, location: str, settings: Settings) -> bool:
    """Take a source's new and changed files; say whether there were any."""
    consumed = dict(state.sources.get(name, Consumed()).items)
    found, wanted = sources.find(location), rules(state.contract, state.key_id)
    if not found and not (consumed and sources.many(location)):
        raise ProjectError(
            f"there is no data at {location}: put it there, or name another place in settings.toml;"
            " `make data` simulates some, as long as simulator/ is there"
        )
    before = list(consumed.values())
    for file in found:
        with file.opened() as path:
            consumed[file.name] = Item(sha256=sha256(path), rules=wanted)
    if consumed == state.sources.get(name, Consumed()).items:
        return False
    for digest in {item.sha256 for item in before} - {item.sha256 for item in consumed.values()}:
        state.forget(name, digest)  # its file changed: other rows take their place
    for file in found:
        new = consumed[file.name]
        if new in before:
            continue
        before.append(new)  # a copy of it under another name brings nothing
        state.forget(name, new.sha256)
        with file.opened() as path:
            batches = sources.read(file, path, new.sha256, state.contract, settings.batch_rows)
            state.take(name, file.name, new.sha256, batches)
    state.sources[name] = Consumed(items=dict(sorted(consumed.items())))
    return True


def _refuse(state: State, settings: Settings) -> None:
    """Stop where a mistake is likelier than bad rows.

    Raises:
        ProjectError: too many rows were rejected; names the commonest reason.
    """
    counts = state.counts
    if counts.quarantined > settings.max_rejected_share * counts.rows_in:
        reason = max(counts.reasons, key=lambda name: counts.reasons[name])
        raise ProjectError(
            f"{counts.quarantined:,} of {counts.rows_in:,} rows break data-contract.yaml, most"
            f" often {reason}, {counts.reasons[reason]:,} times: nothing was ingested; mend the"
            " data or the contract, or raise max_rejected_share in settings.toml"
        )
