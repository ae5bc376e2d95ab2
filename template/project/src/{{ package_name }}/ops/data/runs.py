# Managed by poc2prod; extend with an engine of your own in ops/data/engines/.
"""A run over all partitions of a table: finds them, has an engine process them, accounts for all.

<output>/manifest.json is there exactly when all that a run should leave is: it is removed before
anything changes, and written last. It names no machine, time or engine.
"""

import glob
import itertools
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from ... import sources
from .. import console, table
from ..errors import ProjectError
from ..files import sha256, to_json, write_text
from ..settings import Settings
from .engines import Cluster, Engine, cores, engine
from .jobs import Job
from .partitions import WORKING, Partition, Record, score_partition, stamp, validate_partition

MANIFEST = "manifest.json"
_ENDINGS = (".csv", ".parquet")
_PARTS = ("kept", "rejected", "records")
_LEFT_BEHIND_SECONDS = 86_400


def find(source: str, most_rows: int) -> list[Partition]:
    """List the partitions of a file, a directory, or all files that a pattern matches.

    Args:
        source: `data/june.parquet`, `data/`, `data/**/*.csv`.
        most_rows: a file with more rows is cut into partitions of so many.

    Returns:
        Partitions in the order of their names, which are paths below the directory.

    Raises:
        ProjectError: there is none, or two have the same name.
    """
    path = Path(source)
    files: Iterator[Path]
    if path.is_dir():
        root, files = path, path.rglob("*")
    elif path.exists():
        root, files = path.parent, iter([path])
    else:
        root = Path(*itertools.takewhile(lambda part: not glob.has_magic(part), path.parts))
        files = root.glob(str(path.relative_to(root))) if root != path else iter(())
    found = [
        partition
        for file in sorted(files)
        if file.suffix.lower() in _ENDINGS
        and file.is_file()
        and not (path.is_dir() and _hidden(file, root))
        for partition in _cut(file.resolve(), file.relative_to(root), most_rows)
    ]
    if not found:
        raise ProjectError(f"there is no CSV or Parquet file at {source}")
    for partition in found:
        if partition.name.encode("utf-8", "replace").decode() != partition.name:
            raise ProjectError(f"the name of the file {partition.name!a} is not UTF-8: rename it")
    names = Counter(partition.name for partition in found)
    if twice := [name for name, count in names.items() if count > 1]:
        raise ProjectError(f"{source}: two partitions would be named {twice[0]}: rename a file")
    return found


def start(source: str, job: Job, settings: Settings, *, prune: bool = False) -> dict[str, Any]:
    """Find the partitions of a source and run a job over them, on the engine of the settings.

    Returns:
        The manifest.

    Raises:
        ProjectError: as of `find`, `engine` and `run`.
    """
    process_all = engine(settings.engine)
    partitions = find(source, settings.partition_rows)
    workers = min(settings.workers or cores(), len(partitions))
    cluster = Cluster(settings.engine_address, workers)
    return run(partitions, job, process_all, cluster, prune=prune)


def run(
    partitions: Sequence[Partition],
    job: Job,
    process_all: Engine,
    cluster: Cluster,
    *,
    prune: bool = False,
) -> dict[str, Any]:
    """Process all partitions and write the manifest.

    Args:
        prune: remove what earlier runs left of partitions that this one has not.

    Returns:
        The manifest: what the run did, totals, and the record of each partition.

    Raises:
        ProjectError: a partition failed, which ends the run; what is done stays done. Or the output
            holds partitions that this run has not, so readers would get rows of both.
    """
    output, names = job.output, {partition.name for partition in partitions}
    for partition in partitions:
        if partition.path.is_relative_to(output):
            raise ProjectError(f"{partition.path} is inside of the output {output}: name another")
    strangers = [
        file
        for part in _PARTS
        for file in sorted((output / part).rglob("*"))
        if file.is_file() and _partition_of(file, output / part) not in names
    ]
    if strangers and not prune:
        raise ProjectError(
            f"{strangers[0]} is of no partition of this run: name another output, or remove what"
            " earlier runs left there with --prune"
        )
    (output / MANIFEST).unlink(missing_ok=True)
    for file in strangers:
        file.unlink()

    process = score_partition if job.kind == "score" else validate_partition
    records: dict[str, Record] = {}
    with console.counter(f"{job.kind.capitalize()} {len(partitions):,} partitions") as count:
        for record in process_all(partial(process, job=job), partitions, cluster):
            records[record["name"]] = record
            count(record["rows"])
    if missing := names - set(records):
        raise ProjectError(f"the engine lost {min(missing)}: run this again")
    ordered = [records[name] for name in sorted(records)]
    totals = {key: sum(record[key] for record in ordered) for key in ("rows", "kept", "rejected")}
    reasons: Counter[str] = sum((Counter(record["reasons"]) for record in ordered), Counter())
    manifest = {
        "job": job.kind,
        "by": job.by,
        "digest": job.digest,
        **totals,
        "reasons": dict(sorted(reasons.items())),
        "partitions": ordered,
    }
    _tidy(output / WORKING)
    write_text(output / MANIFEST, to_json(manifest))
    return manifest


def _hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)


def _cut(file: Path, name: Path, most_rows: int) -> list[Partition]:
    whole = Partition(file, name.as_posix(), stamp(file))
    if file.suffix.lower() == ".csv" and whole.stamp[0] <= 2 * most_rows:
        return [whole]  # a row has two bytes at least, so there is no need to count
    try:
        rows: int = sources.read(file).select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ProjectError(f"{file} cannot be read: {table.reason(error)}") from None
    if rows <= most_rows:
        return [whole]
    digest = sha256(file)
    return [
        Partition(
            file,
            name.with_name(f"{name.stem}.{number:05}{name.suffix}").as_posix(),
            whole.stamp,
            first,
            most_rows,
            digest,
        )
        for number, first in enumerate(range(0, rows, most_rows))
    ]


def _partition_of(file: Path, root: Path) -> str:
    name = file.relative_to(root).as_posix()
    return name.removesuffix(".json") if root.name == "records" else name


def _tidy(working: Path) -> None:
    """Remove what workers left that were killed; what is young may be another run's."""
    if not working.is_dir():
        return
    for directory in working.iterdir():
        if time.time() - directory.stat().st_mtime > _LEFT_BEHIND_SECONDS:
            shutil.rmtree(directory, ignore_errors=True)
