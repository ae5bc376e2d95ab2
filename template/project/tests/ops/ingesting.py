# Managed by poc2prod; extend in a module of your own beside it.
"""A small project that ingests: a contract, files to read, and what came of them."""

import json
from pathlib import Path

import polars as pl
from conftest import run
from package import load

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: small
version: 1.2.0
status: draft
schema:
  - name: readings
    properties:
      - name: machine
        logicalType: string
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        customProperties: [{property: role, value: entity}]
      - name: time
        logicalType: timestamp
        required: true
        primaryKey: true
        primaryKeyPosition: 2
        customProperties: [{property: role, value: time}]
      - name: x
        logicalType: number
        logicalTypeOptions: {minimum: 0, maximum: 100}
        required: true
      - name: y
        logicalType: boolean
        customProperties: [{property: role, value: target}, {property: problem, value: binary}]
"""
SETTINGS = '[sources.plant]\nlocation = "incoming/*.csv"\n'


def small(directory: Path, settings: str = SETTINGS) -> Path:
    """Make the project, with nothing to read yet."""
    (directory / "incoming").mkdir(parents=True)
    (directory / "data-contract.yaml").write_text(CONTRACT, encoding="utf-8")
    (directory / "settings.toml").write_text(settings, encoding="utf-8")
    return directory


def deliver(
    directory: Path, name: str, hours: range, x: object = None, machine: str = "m1"
) -> Path:
    """Put a file there, a row an hour; `x` replaces the value of the first row."""
    rows = [f"{machine},{_time(hour)},{hour % 90},{hour % 2}" for hour in hours]
    if x is not None:
        rows[0] = f"{machine},{_time(hours[0])},{x},1"
    file = directory / "incoming" / name
    file.write_text("machine,time,x,y\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return file


def _time(hour: int) -> str:
    return f"2026-03-{1 + hour // 24:02}T{hour % 24:02}:00:00Z"


def ingest(directory: Path, *command: str):
    """Run `ingest`, which must succeed."""
    result = run(directory, *(command or ("ingest",)))
    assert result.returncode == 0, result.stderr
    return result


def kept(directory: Path):
    """The snapshots of a project."""
    return load("ops.data.snapshots").snapshots(
        f"{directory}/data/snapshots", f"{directory}/data/quarantine"
    )


def manifest(directory: Path):
    """The newest one."""
    snapshots = kept(directory)
    return snapshots.read(snapshots.head())


def table(directory: Path) -> pl.DataFrame:
    """The rows of the newest snapshot."""
    rows = kept(directory).frame(manifest(directory).parts)
    return rows.collect() if rows is not None else pl.DataFrame()


def quarantined(directory: Path) -> pl.DataFrame:
    """The rows in quarantine."""
    rows = kept(directory).frame(manifest(directory).quarantined)
    return rows.collect() if rows is not None else pl.DataFrame()


def hours(frame: pl.DataFrame) -> list[int]:
    """Which hours are in a table, in its order."""
    first = pl.datetime(2026, 3, 1, time_zone="UTC")
    return frame.select((pl.col("time") - first).dt.total_hours())["time"].to_list()


def metric(directory: Path, name: str) -> float:
    """A value of the metrics file, by its name and labels."""
    text = (directory / "build/metrics/ingest.prom").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if _unprojected(line).startswith(f"{name} ")]
    return float(line.rpartition(" ")[2])


def _unprojected(line: str) -> str:
    before, _, rest = line.partition('project="')
    labels = rest.partition('"')[2].removeprefix(",")
    return before + labels if rest and not labels.startswith("}") else f"{before[:-1]}{labels[1:]}"


def edit(file: Path, old: str, new: str) -> None:
    """Replace a text that is there once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, text
    file.write_text(text.replace(old, new), encoding="utf-8")


def document(file: Path):
    """Read JSON."""
    return json.loads(file.read_bytes())
