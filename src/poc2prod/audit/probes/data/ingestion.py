"""DAT-02 and DAT-03: bad rows are kept out and accounted for, and ingestion can be repeated."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed
from poc2prod.audit.running.ingesting import Ingestion, ingestion
from poc2prod.audit.running.lab import INSIDE, UnrunnableError

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.context import Context

KILLED = 137
_PLACES = ("/Makefile", "/*.mk", "/.github/workflows/*.yml", "/.gitlab-ci.yml", "/deploy/**/*")


def bad_rows_kept_out(context: Context, *, least: float) -> Outcome:
    """`ingest` parts sound rows from faulty ones, one fault for each rule, and says why.

    Args:
        context: what is audited.
        least: the share of faults that must be found. Of each rule one must be, whatever it says.
    """
    found = ingestion(context)
    if isinstance(found, Outcome):
        return found
    samples, copy = found.samples, found.project.lab.copy()
    if reason := _sound(found, copy):
        return failed(reason)
    done = found.run(copy, _place(samples.folder, copy))
    rows = [*(fault["row"] for fault in samples.faults), *samples.sound]
    left = found.result(copy, rows=rows)
    if not done.ok or not left.get("snapshot"):
        return failed(f"ingest stops at a file with a few bad rows: {done.reason}")
    number = len(samples.faults)
    caught, refused = left["found"][:number], left["found"][number:]
    share = sum(caught) / number
    figures = {"value": round(share, 3), "threshold": least}
    for fault, seen in zip(samples.faults, caught, strict=True):
        if not seen:
            what = f"{fault['rule']} of {fault['column']}"
            return failed(f"ingest lets a row in that breaks {what}", examined=number, **figures)
    if any(refused):
        return failed(f"ingest rejects {sum(refused)} sound rows beside bad ones", **figures)
    if left["unexplained"]:
        return failed(f"{left['unexplained']} rows in quarantine don't say why they are there")
    wanted = samples.first + samples.second
    if left["rows"] != wanted or left["rejected"] != number:
        return failed(
            f"rows are lost or twice: {left['rows']} of {wanted} sound rows are in the snapshot and"
            f" {left['rejected']} of {number} bad ones in quarantine"
        )
    if wrong := _whole_table(found, copy):
        return failed(wrong, examined=number, **figures)
    kinds = len({fault["kind"] for fault in samples.faults})
    return passed(
        f"ingest keeps out {number} faulty rows of {kinds} kinds and says why, keeps {wanted} sound"
        " ones, and refuses a table that lacks a column",
        number,
        **figures,
    )


def _place(samples: Path, copy: Path) -> Path:
    """Put the second file beside the first, where ingestion looks for new ones."""
    folder = copy / "incoming"
    folder.mkdir(exist_ok=True)
    for name in ("first", "second"):
        if not (folder / f"{name}.csv").exists():
            shutil.copy(samples / name / f"{name}.csv", folder)
            break
    return folder


def _sound(found: Ingestion, copy: Path) -> str | None:
    """Say why the first file, all of which is sound, does not come in."""
    done = found.run(copy, _place(found.samples.folder, copy))
    left = found.result(copy)
    if not done.ok:
        return f"ingest fails for sound rows: {done.reason}"
    if not left.get("snapshot"):
        return "ingest ends with status 0 and leaves no snapshot"
    if left["rejected"] or left["rows"] != found.samples.first:
        return (
            f"of {found.samples.first} sound rows, {left['rows']} are in the snapshot and"
            f" {left['rejected']} in quarantine"
        )
    return None


def _whole_table(found: Ingestion, copy: Path) -> str | None:
    """Say which fault of a whole table goes unnoticed."""
    samples = found.samples
    done = found.run(copy, samples.folder / "lacking.csv", "lacking")
    if done.ok:
        return f"ingest takes a table that lacks the column {samples.lacks}"
    if samples.lacks not in done.output:
        return f"ingest does not name the column {samples.lacks}, which is missing: {done.reason}"
    if found.contract.least > 1:
        done = found.run(copy, samples.folder / "few.csv", "few")
        if done.ok and found.project.command(copy, "train").ok:
            return f"nothing refuses a table of 1 row, and it must have {found.contract.least}"
    return None


def repeatable(context: Context, *, kills: int) -> Outcome:
    """`ingest` gives the same again, in one go, in two, and after it was killed.

    Args:
        context: what is audited.
        kills: at how many of the moments at which a file takes its place it is killed.
    """
    found = ingestion(context)
    if isinstance(found, Outcome):
        return found
    started = _started(context)
    if isinstance(started, Outcome):
        return started
    copy = found.project.lab.copy()
    where = copy / "incoming"
    _place(found.samples.folder, copy)
    one = _id(found, copy, where, "one")
    if one.startswith("nothing"):
        return failed(f"ingest leaves {one}")
    if _id(found, copy, where, "one") != one:
        return failed("ingest makes another snapshot of what it has ingested already")
    if _id(found, copy, where, "two") != one:
        return failed("ingest makes another snapshot of the same file elsewhere")
    killed = 0
    for number in range(1, kills + 1):
        name = f"killed-{number}"
        script = (str(INSIDE / "killed.py"), found.project.package, str(number))
        done = found.run(copy, where, name, *script)
        killed += done.status in (KILLED, -9)
        if _id(found, copy, where, name) != one:
            return failed(f"after a kill, a rerun of ingest gives other rows: {name}")
    if not killed:
        raise UnrunnableError("ingest could not be killed: it moves no file into place")
    return passed(
        f"ingest gives {one[:12]} again, on a second run, elsewhere, and after {killed} kills;"
        f" {started} starts it",
        3 + killed,
        value=killed,
        locations=(Location(started),),
    )


def _id(found: Ingestion, copy: Path, where: Path, into: str) -> str:
    done = found.run(copy, where, into)
    return found.snapshot(copy, into) or f"nothing: {done.reason}"


def _started(context: Context) -> str | Outcome:
    """Return the file that starts ingestion without a person."""
    tree = context.tree
    for path in tree.matching(*_PLACES):
        text = tree.text(path) or ""
        if any("ingest" in line and not line.lstrip().startswith("#") for line in text.split("\n")):
            return path
    return missing("nothing starts `ingest`: neither make, nor a workflow, nor what is deployed")
