# Managed by poc2prod; extend in sources.py and data-contract.yaml.
"""One partition of a large table: scored or validated, in bounded memory, as often as one likes.

A partition that is done is left alone. Its record says so: the digests of what was read, of what
decides the outcome, and of what was written. So whoever runs partitions, in whatever order, on
however many machines, twice or after a crash, leaves the same files:

<output>/kept/<name>        the rows that keep to the contract, in their order
<output>/rejected/<name>    the others as they were read, with `rejected_because`; if there are any
<output>/records/<name>.json
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from ... import sources
from .. import table
from ..errors import ProjectError
from ..files import publish, sha256, to_json, write_text
from .jobs import Job, step
from .sifting import BECAUSE, SEPARATOR

# Rows in memory at a time, enough that Pandera's fixed cost does not count; and rows of a group in
# what is written. Fixed, so that the output does not depend on where it was made.
_ROWS = 150_000
_ROW_GROUP = 50_000
WORKING = ".tmp"

Record = dict[str, Any]


@dataclass(frozen=True)
class Partition:
    """A file, or some rows of one.

    Attributes:
        path: the file, which every worker must see under this path.
        name: of what is made of it: a relative path that ends in .csv or .parquet.
        stamp: the file's size in bytes and the nanosecond of its last change, when it was found.
        first: its first row in the file.
        rows: how many rows; None for all of them.
        digest: the whole file's, where it is known already.
    """

    path: Path
    name: str
    stamp: tuple[int, int]
    first: int = 0
    rows: int | None = None
    digest: str | None = None


def score_partition(partition: Partition, job: Job) -> Record:
    """Write a partition's rows with the model's predictions beside them, unless that is done.

    Returns:
        The record: how many rows were read, kept and rejected, for which reasons, and digests.

    Raises:
        ProjectError: the partition can't be read, it changes meanwhile, or too many of its rows
            are rejected.
    """
    return _once(partition, job)


def validate_partition(partition: Partition, job: Job) -> Record:
    """Write a partition's rows, cast as the data contract wants them, unless that is done.

    What only the whole table can break, such as its number of rows, no partition can tell.

    Returns:
        The record, as of `score_partition`; and it raises the same.
    """
    return _once(partition, job)


def stamp(path: Path) -> tuple[int, int]:
    """Return what changes when a file does."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _once(partition: Partition, job: Job) -> Record:
    job.verify()
    known: Record = {
        "name": partition.name,
        "source_sha256": partition.digest or sha256(partition.path),
        "first_row": partition.first,
        "most_rows": partition.rows,
        "by": job.digest,
    }
    record = _done(job.output, known)
    if record is None:
        with _workplace(job.output / WORKING) as working:
            counts = _separate(partition, job, working)
            files = _publish(partition.name, job.output, working)
        record = {**known, **counts, "files": files}
        write_text(job.output / "records" / f"{partition.name}.json", to_json(record))
    return record


def _done(output: Path, known: Record) -> Record | None:
    """Return the record of what was done, if it was done to the same and its files are whole."""
    try:
        text = (output / "records" / f"{known['name']}.json").read_text(encoding="utf-8")
        record: Record = json.loads(text)
        if any(record[key] != value for key, value in known.items()):
            return None
        whole = all(sha256(output / name) == digest for name, digest in record["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return record if whole else None


@contextmanager
def _workplace(directory: Path) -> Iterator[Path]:
    """Yield a directory of this attempt alone; its name says which process made it."""
    directory.mkdir(parents=True, exist_ok=True)
    place = Path(mkdtemp(prefix=f"{os.getpid()}-", dir=directory))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _separate(partition: Partition, job: Job, working: Path) -> Record:
    """Write the rows that are kept and those that are rejected, and count both."""
    path, suffix = partition.path, Path(partition.name).suffix
    reasons: Counter[str] = Counter()
    heights: Counter[str] = Counter()
    refusals: list[ProjectError] = []
    rejected: list[Path] = []

    def keep(*_: object) -> Iterator[pl.DataFrame]:
        try:
            for chunk in frame.collect_batches(chunk_size=_ROWS, maintain_order=True):
                good, bad = work.separate(chunk)
                heights.update(rows=chunk.height, kept=good.height, rejected=bad.height)
                if bad.height:
                    for reason in bad[BECAUSE]:
                        reasons.update(reason.split(SEPARATOR))
                    rejected.append(working / f"part-{len(rejected)}.parquet")
                    bad.write_parquet(rejected[-1])
                yield good
        except ProjectError as error:  # polars would wrap it in an error of its own
            refusals.append(error)
            raise

    try:
        frame = sources.read(path).slice(partition.first, partition.rows)
        work = step(job, frame, path)
        _sink(register_io_source(keep, schema=work.schema), working / f"kept{suffix}")
        if rejected:
            _sink(pl.scan_parquet(rejected, glob=False), working / f"rejected{suffix}")
        rows = frame.select(pl.len()).collect().item()
        written = [_height(working / f"{part}{suffix}") for part in ("kept", "rejected")]
    except (pl.exceptions.PolarsError, ValueError) as error:
        if refusals:
            raise refusals[0] from None
        raise ProjectError(f"cannot {job.kind} {path}: {table.reason(error)}") from None
    if stamp(path) != partition.stamp:
        raise ProjectError(f"{path} changed while it was read: run this again")
    if [rows, *written] != [heights["rows"], heights["kept"], heights["rejected"]]:
        raise ProjectError(f"{path} has {rows:,} rows, but {written} were written: see its disk")
    if heights["rejected"] > job.max_rejected_share * rows:
        (first, count), *_ = reasons.most_common()
        raise ProjectError(
            f"{path}: {heights['rejected']:,} of {rows:,} rows are rejected, more than"
            f" {job.max_rejected_share:.2%}; {count:,} of them because {first}; mend the data, or"
            " data-contract.yaml if the rule is wrong; or raise max_rejected_share in settings.toml"
        )
    return {
        "rows": rows,
        "kept": heights["kept"],
        "rejected": heights["rejected"],
        "reasons": dict(sorted(reasons.items())),
    }


def _sink(frame: pl.LazyFrame, path: Path) -> None:
    if path.suffix.lower() == ".csv":
        frame.sink_csv(path)
    else:
        frame.sink_parquet(path, row_group_size=_ROW_GROUP)


def _height(path: Path) -> int:
    if not path.exists():
        return 0
    if path.suffix.lower() == ".csv":
        rows = pl.scan_csv(path, infer_schema=False, glob=False)
    else:
        rows = pl.scan_parquet(path, glob=False)
    height: int = rows.select(pl.len()).collect().item()
    return height


def _publish(name: str, output: Path, working: Path) -> dict[str, str]:
    """Move what was written to its place; return path → digest."""
    digests = {}
    for part in ("kept", "rejected"):
        made, place = working / f"{part}{Path(name).suffix}", f"{part}/{name}"
        if made.exists():
            digests[place] = sha256(made)
            publish(made, output / place)
        else:
            (output / place).unlink(missing_ok=True)  # of an earlier run
    return digests
