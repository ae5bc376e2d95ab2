# Managed by poc2prod; extend in sources.py, settings.toml and data-contract.yaml.
"""Brings what is new in the sources into a new snapshot. Run again, it changes nothing.

What was consumed is in the newest snapshot's manifest and nowhere else, so it becomes true in the
same step as the rows become part of the table. A file is known by its digest: one that was moved
is not read again, and the rows of one that changed take the place of those that it had.
"""

from collections.abc import Callable

from ..contract import DataContract
from ..errors import ProjectError
from ..settings import Settings, Source
from . import agreement, keys, metrics, sources
from .manifests import Consumed, Item
from .snapshots import snapshots
from .state import Ingested, State, begin, rules
from .tables import refuse

_TRIES = 5


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
    with kept.lock(waiting):
        for _ in range(_TRIES):
            head = kept.head()
            before = kept.read(head) if head else None
            state = begin(contract, kept, before, key)
            changed = _bring(state, settings)
            if head and before and not changed:
                done = Ingested(head, before, changed=False)
                break
            _refuse(state, settings)
            refuse(state.rows(), contract, "the table, with what is new")
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
    origins = settings.origins()
    gone = state.sources.keys() - origins.keys()
    for name in gone:  # no longer named: the snapshot before still has its rows
        state.leave(name)
    changed = bool(gone)
    for name, source in sorted(origins.items()):
        if source.location is not None:
            changed |= _files(state, name, source.location, settings)
        else:
            changed |= _table(state, name, source, settings)
    return changed


def _files(state: State, name: str, location: str, settings: Settings) -> bool:
    """Take a source's new and changed files; say whether there were any."""
    before = state.sources.get(name, Consumed()).items
    found, wanted = sources.find(location), rules(state.contract, state.key_id)
    if not found and not (before and sources.many(location)):
        raise ProjectError(
            f"there is no data at {location}: put it there, or name another place in settings.toml;"
            " `make data` simulates some, as long as simulator/ is there"
        )
    # The one file of a path is the whole table, even under another name.
    after = dict(before) if sources.many(location) else {}
    after |= {file.name: Item(sha256=file.digest(), rules=wanted) for file in found}
    if after == before:
        return False
    digests = {item.sha256 for item in before.values()}
    for digest in digests - {item.sha256 for item in after.values()}:
        state.forget(name, digest)  # its file changed: other rows take their place
    done, newest = set(before.values()), state.newest()
    for file in found:
        new = after[file.name]
        if new in done:
            continue
        done.add(new)  # a copy of it under another name brings nothing
        state.forget(name, new.sha256)
        again = file.name in before or new.sha256 in digests
        with file.opened() as path:
            batches = sources.read(file, path, new.sha256, state.contract, settings.batch_rows)
            late = None if again else newest
            state.take(name, file.name, new.sha256, batches, newest=late)
    state.sources[name] = Consumed(items=dict(sorted(after.items())))
    return True


def _table(state: State, name: str, source: Source, settings: Settings) -> bool:
    """Take the rows of a database's table that are new; say whether there were any."""
    from . import database  # SQLAlchemy, which who reads files can do without

    before, wanted = state.sources.get(name, Consumed()), rules(state.contract, state.key_id)
    table = database.Table(name, source, state.contract)
    again = before.watermark is not None and before.rules != wanted
    if again:
        state.forget(name, table.name)
        before = Consumed()
    late = None if again else state.newest()
    rows = state.counts.rows_in
    batches = table.read(before.watermark, settings.batch_rows)
    state.take(name, table.name, table.name, batches, newest=late)
    after = Consumed(watermark=table.watermark or before.watermark, rules=wanted)
    changed = again or state.counts.rows_in > rows or after != before
    state.sources[name] = after
    return changed


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
