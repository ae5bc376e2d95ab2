# Managed by poc2prod; extend in a module of your own that imports it.
"""What ingestion counted, as a file of Prometheus' text format for a collector to pick up."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from ..cli import PROJECT
from ..contract import DataContract
from ..files import write_text
from ..settings import Settings
from .manifests import Manifest, add
from .snapshots import snapshots


def write(manifest: Manifest, contract: DataContract, settings: Settings) -> None:
    """Write the metrics of the newest snapshot, in one step.

    Raises:
        ProjectError: a part of the snapshot is missing or changed.
    """
    now = datetime.now(UTC)
    lines = list(_lines(manifest, now))
    kept = snapshots(settings.snapshots, settings.quarantine)
    newest = kept.newest(manifest.parts, contract.time)
    if newest is not None:
        age = (now - newest).total_seconds()
        lines += _metric(
            "newest_row_timestamp_seconds",
            "gauge",
            "Time of the newest row.",
            [({}, newest.timestamp())],
        )
        lines += _metric(
            "newest_row_age_seconds",
            "gauge",
            "Its age when it was written here.",
            [({}, age)],
        )
    write_text(settings.ingest_metrics, "\n".join(lines) + "\n")


def _lines(manifest: Manifest, now: datetime) -> Iterator[str]:
    totals = manifest.totals
    outcomes = {
        "in": totals.rows_in,
        "out": totals.rows_out,
        "quarantined": totals.quarantined,
        "removed": totals.removed,
        "known": totals.known,
        "redriven": totals.redriven,
    }
    yield from _metric(
        "ingest_rows_total",
        "counter",
        "Rows that ingestion read and what became of them; in = out + quarantined + removed.",
        [({"outcome": name}, rows) for name, rows in outcomes.items()],
    )
    yield from _metric(
        "cleansed_rows_total",
        "counter",
        "Rows that a cleansing rule touched.",
        [({"rule": name}, rows) for name, rows in totals.cleansed.items()],
    )
    yield from _metric(
        "rejected_rows_total",
        "counter",
        "Rows that broke a rule of the data contract.",
        [({"reason": name}, rows) for name, rows in totals.reasons.items()],
    )
    waiting: dict[str, int] = {}
    for part in manifest.quarantined:
        waiting = add(waiting, part.reasons)
    yield from _metric(
        "quarantine_rows",
        "gauge",
        "Rows in quarantine now, by reason.",
        [({"reason": name}, rows) for name, rows in waiting.items()],
    )
    yield from _metric(
        "snapshot_rows", "gauge", "Rows of the newest snapshot.", [({}, manifest.rows)]
    )
    yield from _metric(
        "ingest_last_success_timestamp_seconds",
        "gauge",
        "When ingestion last ended well.",
        [({}, now.timestamp())],
    )


def _metric(
    name: str, kind: str, meaning: str, values: list[tuple[Mapping[str, str], float]]
) -> Iterator[str]:
    yield f"# HELP data_{name} {meaning}"
    yield f"# TYPE data_{name} {kind}"
    for labels, value in values:
        pairs = {"project": PROJECT, **labels}
        said = ",".join(f'{key}="{_escaped(text)}"' for key, text in pairs.items())
        yield f"data_{name}{{{said}}} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
