"""What runs measured: envelopes in readiness/evidence, believed only as far as they can be checked.

An envelope names what it read, what it measured and the commit it was made at. What differs from
what it says is of one of two kinds: it can't have been so (FAIL), or it has changed since (STALE).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from poc2prod.audit import shapes
from poc2prod.audit.outcome import Evidence, Location, Outcome, Status, missing
from poc2prod.audit.tree import UnreadableError, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.catalogue import Check
    from poc2prod.audit.context import Context
    from poc2prod.audit.repository import Repository

FOLDER = "readiness/evidence"
SCHEMA = "evidence.schema.json"
MOST = 500
"""Envelopes that are read."""

SKEW = timedelta(minutes=5)
"""By which two clocks may differ."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that an envelope names, and the SHA-256 that it had."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """One record of a measurement; evidence.schema.json describes it.

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


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an envelope can't be relied on: FAIL, UNKNOWN or STALE, and a reason that names it."""

    status: Status
    reason: str
    path: str


@dataclass(frozen=True, slots=True)
class Store:
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


def judged(context: Context, check: Check) -> Envelope | Outcome:
    """Return the envelope that a measured check may rely on, or why there is none."""
    envelope = context.evidence.of_check(check.id)
    if envelope is None:
        return missing(f"{FOLDER} has no envelope for {check.id}", Location(FOLDER))
    doubts = [*doubtful(context, envelope), *outdated(context, envelope, check)]
    return verdict(doubts, 1, (envelope.evidence,)) or envelope


def verdict(
    doubts: list[Doubt], examined: int, evidence: tuple[Evidence, ...] = ()
) -> Outcome | None:
    """Return what doubts come to, the worst first; None if there are none."""
    for status in (Status.FAIL, Status.UNKNOWN, Status.STALE):
        found = [doubt for doubt in doubts if doubt.status is status]
        if found:
            more = f", and {len(found) - 1} more" if found[1:] else ""
            places = tuple(Location(path) for path in dict.fromkeys(d.path for d in found))
            message = f"{found[0].reason}{more}"
            return Outcome(status, message, examined, evidence=evidence, locations=places)
    return None


def doubtful(context: Context, envelope: Envelope) -> Iterator[Doubt]:
    """Yield why an envelope can't have been made as it says, or can't be checked here."""
    if envelope.finished < envelope.started:
        yield envelope.doubt(Status.FAIL, "it finished before it started")
    if envelope.finished > context.now + SKEW:
        when = envelope.finished.isoformat()
        yield envelope.doubt(Status.FAIL, f"it finished {when}, which is to come")
    if envelope.commit is None and not envelope.dirty:
        reason = "it says that no file differed from a commit, and names none"
        yield envelope.doubt(Status.FAIL, reason)
    for name, file in envelope.subject.items():
        actual = context.tree.digest(file.path)
        if actual is None:
            reason = f"{file.path}, its {name}, is not here to be checked: make it anew"
            yield envelope.doubt(Status.UNKNOWN, reason)
        elif actual != file.sha256:
            reason = f"{file.path} is not the {name} that was measured"
            yield envelope.doubt(Status.FAIL, reason)
    if envelope.commit is not None:
        yield from _unanchored(context.repository, envelope, envelope.commit)


def _unanchored(repository: Repository | None, envelope: Envelope, commit: str) -> Iterator[Doubt]:
    """Yield why the commit can't be the one it was made at."""
    if repository is None:
        reason = f"{commit[:12]} can't be looked up without the git repository"
        yield envelope.doubt(Status.UNKNOWN, reason)
    elif repository.knows(commit):
        for reason in _impossible(repository, envelope, commit):
            yield envelope.doubt(Status.FAIL, reason)
    elif repository.shallow:
        reason = f"the history is cut off before {commit[:12]}: fetch-depth: 0"
        yield envelope.doubt(Status.UNKNOWN, reason)
    else:
        reason = f"{commit[:12]} is no commit that this one descends from"
        yield envelope.doubt(Status.FAIL, reason)


def outdated(context: Context, envelope: Envelope, check: Check | None) -> Iterator[Doubt]:
    """Yield what has changed since an envelope was made, as far as it matters to a check."""
    if envelope.commit is None and context.repository is not None:
        yield envelope.doubt(Status.STALE, "there was no commit yet: make it anew")
    for file in envelope.inputs:
        if context.tree.digest(file.path) != file.sha256:
            yield envelope.doubt(Status.STALE, f"{file.path} has changed since")
    if check is None:
        return
    age = context.now - envelope.finished
    if check.max_age is not None and age > timedelta(days=check.max_age):
        reason = f"it is {age.days} days old, and {check.id} takes {check.max_age}"
        yield envelope.doubt(Status.STALE, reason)
    for path in _changed(context.repository, envelope, check)[:1]:
        reason = f"{path} has changed since, which {check.id} is about"
        yield envelope.doubt(Status.STALE, reason)


def _changed(repository: Repository | None, envelope: Envelope, check: Check) -> list[str]:
    if not check.paths or repository is None or envelope.commit is None:
        return []
    if not repository.knows(envelope.commit):
        return []  # `doubtful` says so
    changed = repository.changed(envelope.commit, check.paths)
    # What was edited already when it was made is none of this; its digests are among the inputs.
    edited = [] if envelope.dirty else select(check.paths, repository.edited)
    return [path for path in changed + edited if not path.startswith(f"{FOLDER}/")]


def _impossible(repository: Repository, envelope: Envelope, commit: str) -> Iterator[str]:
    """Yield what was not so at the commit that an envelope names."""
    committed = datetime.fromisoformat(repository.git("show", "-s", "--format=%cI", commit))
    if envelope.started < committed - SKEW:
        yield f"it started before {commit[:12]} was committed"
    if envelope.dirty:
        return
    # What has not changed since is held against its digest by `outdated`.
    changed = {*repository.changed(commit, ["*"]), *repository.edited}
    for file in [file for file in envelope.inputs if file.path in changed][:MOST]:
        then = repository.at(commit, file.path)
        if then is None or then.startswith(b"version https://git-lfs"):
            continue  # not in git, or in it as a pointer
        if hashlib.sha256(then).hexdigest() != file.sha256:
            yield f"{file.path} was not what it says at {commit[:12]}"


def _envelope(path: str, text: str, sha256: str) -> Envelope:
    data = shapes.parse(path, text)
    if fault := shapes.fault(data, shapes.schema(SCHEMA)):
        raise UnreadableError(f"{path} is no envelope of evidence: {fault}")
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
