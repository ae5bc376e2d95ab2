# Managed by poc2prod; extend in settings.toml.
"""Rehearses a disaster: restores the newest backup aside, times it, and tries what came back."""

import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from .. import kpi, registry
from ..data.snapshots import Snapshots
from ..data.store import Local, Store
from ..errors import ProjectError
from ..predictor import Predictor
from . import backups
from .restoring import restore


@dataclass(frozen=True)
class Drill:
    """What a drill measured.

    Attributes:
        backup: the id of the backup that came back.
        rto_seconds: until the champion predicted again and all rows of the newest snapshot were
            there, on this machine.
        rpo_seconds: the longest time without a backup, between two that are kept or since the
            newest: a disaster then would have cost so much.
        rows: of the newest snapshot.
        model: the digest of the champion; None without one.
    """

    backup: str
    rto_seconds: float
    rpo_seconds: float
    rows: int
    model: str | None


def rehearse(place: Store, now: datetime) -> Drill:
    """Restore the newest backup into a folder of its own, and compare every digest.

    Raises:
        ProjectError: there is no backup, or what came back is not what was kept.
    """
    newest = backups.newest(place)
    if newest is None:
        raise ProjectError(f"there is no backup in {place.locate('')}: run backup first")
    taken = [now, *(backup.taken for _, backup in backups.chain(place, newest))]
    rpo = max(later - earlier for later, earlier in pairwise(taken))
    started = time.perf_counter()
    backup = backups.read(place, newest)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        snapshots = Snapshots(Local(folder / "snapshots"), Local(folder / "quarantine"))
        restore(place, backup, folder / "models", snapshots)
        model, rows = None, 0
        if backup.champion:
            model = Predictor(registry.champion(folder / "models")).metadata.digest
        if backup.head:
            manifest = snapshots.read(backup.head)
            frame = snapshots.frame(manifest.parts)
            rows = frame.collect().height if frame is not None else 0
            if rows != manifest.rows:
                raise ProjectError(f"{rows:,} rows came back, not {manifest.rows:,}")
        seconds = time.perf_counter() - started
    return Drill(
        backup=newest,
        rto_seconds=round(seconds, 3),
        rpo_seconds=rpo.total_seconds(),
        rows=rows,
        model=model,
    )


def missed(drill: Drill) -> list[str]:
    """Say what the KPI contract promises and the drill did not keep; nothing where it is silent."""
    promised = kpi.load().nonfunctional.recovery
    if promised is None:
        return []
    pairs = (
        ("rto", drill.rto_seconds, promised.rto.total_seconds()),
        ("rpo", drill.rpo_seconds, promised.rpo.total_seconds()),
    )
    return [
        f"{name}: {measured:,.0f} s, of {most:,.0f} s"
        for name, measured, most in pairs
        if measured > most
    ]
