"""`poc2prod audit`."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, TypeVar

from poc2prod.audit.catalogue import PROFILES
from poc2prod.audit.engine import audit
from poc2prod.audit.reports import formats, saving
from poc2prod.audit.reports.document import document
from poc2prod.audit.scoring import LEVELS
from poc2prod.errors import CommandError, UsageError, nearest
from poc2prod.project import located

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

T = TypeVar("T", bound=str)


class ReportError(CommandError):
    """A report can't be written, whatever the audit found."""

    exit_code = 3


def run(  # noqa: PLR0913  # an option each
    folder: Path,
    *,
    profile: str = "fast",
    level: str = "L1",
    form: str = "text",
    outputs: Sequence[Path] = (),
    allow_exec: bool = False,
    as_of: str | None = None,
    record: bool = False,
    quiet: bool = False,
) -> int:
    """Audit `folder`, print and write the reports, and return the exit status.

    Raises:
        UsageError: an option is wrong, or there is no such folder.
        CommandError: the audit can't be recorded.
        ReportError: a report can't be written; the others are.
    """
    if record and as_of:
        raise UsageError("--record records an audit of today: leave --as-of out")
    chosen = _one_of("--profile", profile, PROFILES)
    target = _one_of("--level", level, LEVELS)
    shown = formats.printer(_one_of("--format", form, formats.FORMATS), sys.stdout)
    writers = saving.writers(outputs)
    step = None
    if sys.stderr.isatty() and not quiet:
        step = lambda check: print(f"\r\033[K{check.id} {check.title}", end="", file=sys.stderr)  # noqa: E731
    found = audit(
        located(folder), profile=chosen, now=_now(as_of), allow_exec=allow_exec, step=step
    )
    if step:
        print("\r\033[K", end="", file=sys.stderr)
    report = document(found, target)
    problems = saving.save(report, writers)
    if not quiet:
        shown(report)
    if record:
        from poc2prod.audit.records import history  # noqa: PLC0415

        print(f"recorded in {history.record(found)}", file=sys.stderr)
    if problems:
        raise ReportError("; ".join(problems))
    return int(report["exit"])


def _one_of(option: str, value: str, allowed: Iterable[T]) -> T:
    for candidate in allowed:
        if candidate == value:
            return candidate
    allowed = list(allowed)
    hint = nearest(value, allowed) or f": it is one of {', '.join(allowed)}"
    raise UsageError(f"{option} {value}{hint}")


def _now(as_of: str | None) -> datetime:
    if as_of is None:
        return datetime.now(UTC)
    with suppress(ValueError):  # a day ends at its end: what it brought counts
        return datetime.combine(date.fromisoformat(as_of), time(23, 59, 59), UTC)
    try:
        given = datetime.fromisoformat(as_of)
    except ValueError as error:
        raise UsageError(f"--as-of {as_of}: write a day such as 2026-12-01") from error
    return given if given.tzinfo else given.replace(tzinfo=UTC)
