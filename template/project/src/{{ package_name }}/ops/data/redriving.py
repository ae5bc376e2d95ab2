# Managed by poc2prod; extend in data-contract.yaml.
"""Brings rows back from quarantine, once what rejected them was mended."""

from collections.abc import Callable

import polars as pl

from ..contract import DataContract
from ..errors import ProjectError
from ..settings import Settings
from . import metrics
from .manifests import Counts, Rejects
from .preparing import BECAUSE
from .privacy import stored
from .snapshots import snapshots
from .state import Ingested, State, begin
from .tables import refuse


def redrive(
    contract: DataContract, settings: Settings, waiting: Callable[[], None] = lambda: None
) -> Ingested:
    """Prepare the rows in quarantine again, as they were read, and keep those that are valid now.

    It needs no source. In one step they leave the quarantine and are in the next snapshot. What is
    still wrong stays there, with the reasons of today. A row that came late is taken, since
    nothing could mend that.

    Raises:
        ProjectError: nothing was ingested yet, a file of the quarantine is missing or changed, or
            the table would break a rule of the contract. Then nothing is changed.
    """
    kept = snapshots(settings.snapshots, settings.quarantine)
    with kept.lock(waiting):
        head = kept.head()
        if head is None:
            raise ProjectError(f"there is no snapshot in {settings.snapshots}: run ingest first")
        before = kept.read(head)
        state = begin(stored(contract), kept, before, None)
        state.rejects = []
        for rejects in before.quarantined:
            _again(state, rejects)
        done = Ingested(head, before, changed=False)
        if state.counts.rows_out or state.rejects != list(before.quarantined):
            refuse(state.rows(), contract, "the table, with what came back")
            manifest = state.manifest(head, before, Counts(redriven=state.counts.rows_out))
            if not kept.commit(manifest, head):
                raise ProjectError(f"{settings.snapshots}: an ingest was faster: run redrive again")
            done = Ingested(manifest.id, manifest, changed=True)
        metrics.write(done.manifest, contract, settings)
    return done


def waiting_rows(settings: Settings) -> pl.DataFrame:
    """The rows in quarantine, with the file or table of each in `rejected_from`.

    All as text, since files of several kinds differ in types.

    Raises:
        ProjectError: a file of the quarantine is missing or changed.
    """
    kept = snapshots(settings.snapshots, settings.quarantine)
    head = kept.head()
    frames = [
        pl.scan_parquet(kept.file(part), glob=False).select(
            pl.all().cast(pl.String, strict=False),
            pl.lit(f"{part.source}: {part.item}").alias("rejected_from"),
        )
        for part in (kept.read(head).quarantined if head else ())
    ]
    return pl.concat(frames, how="diagonal").collect() if frames else pl.DataFrame()


def _again(state: State, rejects: Rejects) -> None:
    """Prepare one file of the quarantine again."""
    rows = state.snapshots.frame([rejects])
    if rows is not None:
        frame = rows.collect()
        missing = [c.name for c in state.contract.columns if c.name not in frame.columns]
        empty = (pl.lit(None, pl.String).alias(name) for name in missing)
        frame = frame.drop(BECAUSE).with_columns(empty)
        state.treated = rejects.treated
        state.take(rejects.source, rejects.item, rejects.of, [frame])
