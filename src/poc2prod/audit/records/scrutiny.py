"""Whether evidence can be relied on.

What differs from what an envelope says is of one of two kinds: it can't have been so (FAIL), or it
has changed since (STALE). What can't be checked here is UNKNOWN.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.files.patterns import select
from poc2prod.audit.outcome import Evidence, Location, Outcome, Status, missing
from poc2prod.audit.records.evidence import FOLDER, MOST, Doubt, Envelope, File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.catalogue import Check
    from poc2prod.audit.context import Context
    from poc2prod.audit.git.repository import Repository

SKEW = timedelta(minutes=5)
"""By which two clocks may differ."""


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
        if context.tree.digest(file.path) != file.sha256 and not _approved(context, file, envelope):
            yield envelope.doubt(Status.STALE, f"{file.path} has changed since")
    if check is None:
        return
    age = context.now - envelope.finished
    if check.max_age is not None and age > timedelta(days=check.max_age):
        reason = f"it is {age.days} days old, and {check.id} takes {check.max_age}"
        yield envelope.doubt(Status.STALE, reason)
    for path in _changed(context, envelope, check)[:1]:
        reason = f"{path} has changed since, which {check.id} is about"
        yield envelope.doubt(Status.STALE, reason)


def _changed(context: Context, envelope: Envelope, check: Check) -> list[str]:
    repository = context.repository
    if not check.paths or repository is None or envelope.commit is None:
        return []
    if not repository.knows(envelope.commit):
        return []  # `doubtful` says so
    changed = repository.changed(envelope.commit, check.paths)
    # What was edited already when it was made is none of this; its digests are among the inputs.
    edited = [] if envelope.dirty else select(check.paths, repository.edited)
    kept = [path for path in changed + edited if not path.startswith(f"{FOLDER}/")]
    then = repository.at(envelope.commit, CONTRACT) if CONTRACT in kept else None
    if then is not None:
        contract = File(CONTRACT, hashlib.sha256(then).hexdigest())
        kept = [p for p in kept if p != CONTRACT or not _approved(context, contract, envelope)]
    return kept


def _approved(context: Context, file: File, envelope: Envelope) -> bool:
    """Tell whether a file is the contract, and nothing but its approvals has changed since."""
    if file.path != CONTRACT or context.repository is None or envelope.commit is None:
        return False
    now = context.tree.content(CONTRACT)
    if now is None or not context.repository.knows(envelope.commit):
        return False
    then = context.repository.at(envelope.commit, CONTRACT)
    if then is None or hashlib.sha256(then).hexdigest() != file.sha256:
        return False
    from poc2prod.audit.contract.texts import text  # noqa: PLC0415  # pydantic takes 0.2 s

    substance = text(then).substance
    return substance is not None and substance == text(now).substance


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
