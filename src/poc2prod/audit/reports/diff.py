"""`poc2prod audit diff`: what two audits of a repository differ in, classed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files import json_file
from poc2prod.audit.files.tree import Tree, UnreadableError
from poc2prod.audit.outcome import Status
from poc2prod.audit.records import history
from poc2prod.audit.reports.document import SCHEMA
from poc2prod.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

REGRESSED = "regressed"
CLASSES = {
    REGRESSED: "Regressed",
    "expired": "Waivers that ended",
    "stale": "Became stale",
    "tightened": "Tightened definition, not comparable",
    "new": "New checks",
    "applicable": "Became applicable",
    "granted": "Waivers granted",
    "changed": "Other than before, and still not passed",
    "moved": "Values that moved",
    "improved": "Improved",
    "inapplicable": "No longer applicable",
    "retired": "Retired checks",
}
"""What needs attention first comes first."""

LARGEST = 64 * 2**20
_RANKS = {Status.ERROR: 0, Status.STALE: 2, Status.PASS: 3}
"""All other failures are as bad as each other: what was missing and is wrong now is on its way."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a check came to in an audit."""

    status: str
    version: int = 1
    value: Any = None
    message: str = ""
    waiver: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An audit, from a report or a line of the history.

    Attributes:
        name: what the person who compares called it.
        left: the checks that its profile did not run.
    """

    name: str
    entries: Mapping[str, Entry] = field(default_factory=dict)
    left: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Move:
    """One check that differs."""

    kind: str
    check: str
    old: Entry | None
    new: Entry | None

    def __str__(self) -> str:
        statuses = [each.status if each else "none" for each in (self.old, self.new)]
        text = f"{self.check}: {' → '.join(dict.fromkeys(statuses))}"
        if self.old and self.new and self.old.value != self.new.value:
            text += f", {_shown(self.old.value)} → {_shown(self.new.value)}"
        return f"{text}: {self.new.message}" if self.new and self.new.message else text


def run(old: str, new: str, folder: Path, *, as_json: bool) -> int:
    """Print what two audits differ in; return 1 where something regressed, else 0.

    Raises:
        UsageError: one of them can't be found or read.
    """
    before, after = (snapshot(name, folder) for name in (old, new))
    moves = list(compare(before, after))
    print(_json(before, after, moves) if as_json else "\n".join(_lines(before, after, moves)))
    return int(any(move.kind == REGRESSED for move in moves))


def snapshot(name: str, folder: Path) -> Snapshot:
    """Return the audit in a JSON report, or the last of a commit or day in the history.

    Raises:
        UsageError: there is none, or it can't be read.
    """
    file = folder / name
    try:
        if file.is_file():
            with file.open("rb") as stream:
                text = stream.read(LARGEST).decode("utf-8-sig", "replace")
            return _of_report(name, json_file.parse(name, text))
        return _of_history(name, folder)
    except (UnreadableError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{name} is no JSON report of an audit: {error}") from error
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}") from error


def compare(old: Snapshot, new: Snapshot) -> Iterator[Move]:
    """Yield the checks that differ, as the classes are ordered; what one did not run, neither."""
    names = [*old.entries, *(name for name in new.entries if name not in old.entries)]
    moves = []
    for name in names:
        before, after = old.entries.get(name), new.entries.get(name)
        if name in old.left or name in new.left:
            continue
        kind = _class(before, after)
        if kind:
            moves.append(Move(kind, name, before, after))
    order = list(CLASSES)
    yield from sorted(moves, key=lambda move: (order.index(move.kind), move.check))


def _class(old: Entry | None, new: Entry | None) -> str | None:
    if old is None or new is None:
        return "new" if new else "retired"
    if old.version != new.version:
        return "tightened"
    if old.status == new.status:
        return "moved" if old.value != new.value else None
    if Status.NA in (old.status, new.status):
        return "applicable" if old.status == Status.NA else "inapplicable"
    if new.status == Status.STALE and old.status == Status.PASS:
        return "stale"
    return _waived(old, new) or _ranked(old, new)


def _waived(old: Entry, new: Entry) -> str | None:
    if new.status == Status.WAIVED:
        return "granted" if old.status != Status.PASS else REGRESSED  # it failed behind the waiver
    if old.status == Status.WAIVED and new.status not in (Status.PASS, Status.ERROR):
        return "expired"
    return None


def _ranked(old: Entry, new: Entry) -> str:
    before, after = (_RANKS.get(Status(entry.status), 1) for entry in (old, new))
    if before == after:
        return "changed"
    return "improved" if after > before else REGRESSED


def _of_report(name: str, data: Mapping[str, Any]) -> Snapshot:
    if data.get("schema") != SCHEMA:
        raise UsageError(f"{name} is no JSON report of an audit: its schema is not {SCHEMA}")
    entries = {
        result["id"]: _entry(result, result["version"], result["message"])
        for result in data["results"]
    }
    return Snapshot(name, entries, frozenset(data["not_run"]))


def _of_history(name: str, folder: Path) -> Snapshot:
    for line in reversed(history.lines(Tree(folder))):
        commit, moment = str(line.data.get("commit")), str(line.data.get("date"))
        if moment.startswith(name) or (len(name) >= 7 and commit.startswith(name)):
            entries = {
                check: _entry(said, said["version"]) for check, said in line.data["checks"].items()
            }
            return Snapshot(name, entries, frozenset(line.data["not_run"]))
    raise UsageError(
        f"{name} is neither a JSON report nor a commit or day in {history.FILE} of {folder}"
    )


def _entry(said: Mapping[str, Any], version: int, message: str = "") -> Entry:
    status = str(Status(said["status"]))
    return Entry(status, version, said.get("value"), message, said.get("waiver"))


def _lines(old: Snapshot, new: Snapshot, moves: list[Move]) -> Iterator[str]:
    if not moves:
        yield f"{old.name} and {new.name} do not differ"
    for kind, title in CLASSES.items():
        there = [move for move in moves if move.kind == kind]
        if there:
            yield f"{title}"
            yield from (f"  {move}" for move in there)
    left = sorted(old.left ^ new.left)
    if left:
        yield f"Not compared, as one of the two did not run them: {', '.join(left)}"


def _json(old: Snapshot, new: Snapshot, moves: list[Move]) -> str:
    found = {
        "schema": "poc2prod/audit-diff/v1",
        "old": old.name,
        "new": new.name,
        "not_compared": sorted(old.left ^ new.left),
        "changes": [
            {
                "class": move.kind,
                "check": move.check,
                "old": _said(move.old),
                "new": _said(move.new),
            }
            for move in moves
        ],
    }
    return json.dumps(found, indent=2, ensure_ascii=False)


def _said(entry: Entry | None) -> dict[str, Any] | None:
    return (
        None
        if entry is None
        else {
            "status": entry.status,
            "version": entry.version,
            "value": entry.value,
            "waiver": entry.waiver,
        }
    )


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
