"""What runs measured: envelopes in readiness/evidence, believed only as far as they can be checked.

An envelope names what it read, what it measured and the commit it was made at; scrutiny.py judges
it by that.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from poc2prod.audit.files import json_file
from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Evidence, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poc2prod.audit.context import Context

FOLDER = "readiness/evidence"
MOST = 500
"""Envelopes that are read."""


class File(NamedTuple):
    """A file that an envelope names, and the SHA-256 that it had."""

    path: str
    sha256: str


class Envelope(NamedTuple):
    """One record of a measurement; evidence_shape.py describes it.

    Attributes:
        evidence: the envelope itself.
        subject: name → what was measured.
        commit: what was checked out; None without git.
        dirty: whether files differed from it.
    """

    evidence: Evidence
    checks: tuple[str, ...]
    command: str
    commit: str | None
    dirty: bool
    started: datetime
    finished: datetime
    inputs: tuple[File, ...]
    subject: Mapping[str, File]
    values: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Where it is."""
        return self.evidence.name

    def doubt(self, status: Status, reason: str) -> Doubt:
        """Return why it can't be relied on."""
        return Doubt(status, f"{self.path}: {reason}", self.path)


class Doubt(NamedTuple):
    """Why an envelope can't be relied on: FAIL, UNKNOWN or STALE, and a reason that names it."""

    status: Status
    reason: str
    path: str


class Store(NamedTuple):
    """All envelopes of a repository, by path, and what could not be read."""

    envelopes: tuple[Envelope, ...]
    unreadable: tuple[Doubt, ...]

    @classmethod
    def of(cls, context: Context) -> Self:
        """Read the envelopes."""
        tree = context.tree
        paths = [
            path
            for path in tree.files
            if path.startswith(f"{FOLDER}/") and path.endswith(".json") and path.count("/") == 2
        ]
        envelopes, unreadable = [], []
        for path in paths[:MOST]:
            try:
                envelopes.append(_envelope(path, tree.text(path) or "", tree.digest(path) or ""))
            except UnreadableError as error:
                unreadable.append(Doubt(Status.FAIL, str(error), path))
        if paths[MOST:]:
            reason = f"{FOLDER} has more than {MOST} envelopes: delete what is superseded"
            unreadable.append(Doubt(Status.FAIL, reason, FOLDER))
        return cls(tuple(envelopes), tuple(unreadable))

    def of_check(self, name: str) -> Envelope | None:
        """Return the newest envelope for a check; None if there is none."""
        there = [envelope for envelope in self.envelopes if name in envelope.checks]
        return max(there, key=lambda envelope: (envelope.finished, envelope.path), default=None)

    @property
    def dirty(self) -> tuple[str, ...]:
        """The envelopes that were made while files differed from the commit."""
        return tuple(e.path for e in self.envelopes if e.dirty or e.commit is None)


def _envelope(path: str, text: str, sha256: str) -> Envelope:
    from poc2prod.audit.records.evidence_shape import fault  # noqa: PLC0415  # pydantic takes 0.1 s

    data = json_file.parse(path, text)
    if wrong := fault(data):
        raise UnreadableError(f"{path} is no envelope of evidence: {wrong}")
    try:
        started, finished = map(datetime.fromisoformat, (data["started"], data["finished"]))
    except ValueError as error:
        raise UnreadableError(f"{path} is no envelope of evidence: {error}") from error
    return Envelope(
        Evidence(path, sha256),
        checks=tuple(data["checks"]),
        command=data["produced_by"]["command"],
        commit=data["git_sha"],
        dirty=data["dirty"],
        started=started,
        finished=finished,
        inputs=tuple(File(**file) for file in data["inputs"]),
        subject={name: File(**file) for name, file in data["subject"].items()},
        values=data["values"],
    )
