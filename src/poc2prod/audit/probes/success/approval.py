"""Step 1: who consented to the contract, and whether it was loosened behind their backs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poc2prod.audit import tiers
from poc2prod.audit.context import CONTRACT
from poc2prod.audit.contract import texts
from poc2prod.audit.contract.texts import Text, Version, versions
from poc2prod.audit.outcome import (
    Location,
    Outcome,
    Status,
    failed,
    missing,
    passed,
    stale,
    unknown,
)
from poc2prod.audit.records import history, ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poc2prod.audit.context import Context
    from poc2prod.audit.git.repository import Repository
    from poc2prod.ops.kpi import KpiContract
    from poc2prod.ops.kpi.people import Approval

PLACE = Location(CONTRACT)
_MAJOR = ("loosened", "removed", "changed")
_NO_GIT = "there is no git repository to tell who wrote the contract: git init, and commit it"
_SHALLOW = "the git history was cut off, which tells who wrote the contract: fetch-depth: 0"


def contract_approved(context: Context, roles: Mapping[str, Sequence[str]]) -> Outcome:
    """The roles that the tier asks for consented to this very text, and none of them wrote it.

    Args:
        context: what is audited.
        roles: tier → who must approve.
    """
    read = _read(context)
    if isinstance(read, Outcome):
        return read
    text, contract = read
    if not contract.approvals:
        return missing(f"{CONTRACT} has no approvals: nobody has consented to it", PLACE)
    required = roles[tiers.tier(context.answers, contract)]
    given = [each for each in contract.approvals if each.contract_sha256 == text.digest]
    if lacking := _lacking(text, contract, required):
        return lacking
    if wrong := next(_wrong(context, contract, given), None):
        return failed(f"{CONTRACT}: {wrong}", PLACE, examined=len(given))
    repository = _whole(context)
    if isinstance(repository, Outcome):
        return repository
    return _by_others(context, repository, text, given)


def _read(context: Context) -> tuple[Text, KpiContract] | Outcome:
    """Return the contract, even if rules are broken that only KPI-01 holds it to."""
    content = context.tree.content(CONTRACT)
    if content is None:
        return missing(f"{CONTRACT} is not there", PLACE)
    text = texts.text(content)
    if text.contract is None:
        return failed(f"{CONTRACT} can't be read, see KPI-01", PLACE)
    return text, text.contract


def _whole(context: Context) -> Repository | Outcome:
    """Return the repository if all its history is there."""
    if context.repository is None:
        return unknown(_NO_GIT)
    return unknown(_SHALLOW) if context.repository.shallow else context.repository


def _lacking(text: Text, contract: KpiContract, required: Sequence[str]) -> Outcome | None:
    """Say whose consent to this text is not there."""
    lacking = set(required) - text.approved_by()
    if not lacking:
        return None
    examined = len(contract.approvals)
    who = " and ".join(sorted(lacking))
    if lacking <= {each.role for each in contract.approvals}:
        message = f"{CONTRACT} was edited since {who} approved it: approve {text.digest}"
        return stale(message, PLACE, examined=examined)
    return failed(f"{CONTRACT} lacks the approval of {who}", PLACE, examined=examined)


def _wrong(context: Context, contract: KpiContract, given: Sequence[Approval]) -> Iterator[str]:
    """Yield what is wrong with approvals, whoever wrote the text."""
    accountable = ledger.email(contract.ownership.accountable.email)
    if accountable is None:
        yield "ownership.accountable is nobody's address"
        return
    domain = accountable.rpartition("@")[2]
    seen: dict[str, str] = {}
    for approval in given:
        person = ledger.email(approval.email)
        if person is None:
            yield f"the approval of {approval.role} is nobody's address"
        elif person.rpartition("@")[2] != domain:
            yield f"{approval.email} approved it for {approval.role}, who is not of {domain}"
        elif seen.setdefault(person, approval.role) != approval.role:
            yield f"{approval.email} approved it for {seen[person]} and for {approval.role}"
        if approval.date > context.now.date():
            yield f"the approval of {approval.role} is of {approval.date}, a day to come"


def _by_others(
    context: Context, repository: Repository, text: Text, given: Sequence[Approval]
) -> Outcome:
    """Hold approvals against the history of the text."""
    past = list(_same(repository, text))
    if not past or past[0].text.substance != text.substance:
        return unknown(f"{CONTRACT} is not committed, so nobody is known to have written this text")
    *_, first = (version for version in past if version.text.substance == text.substance)
    before = past[-1] if past[-1] is not first else None
    since = before.commit if before and before.text.approved_by() else None
    written = texts.writers(repository, past[0].text, since)
    if since is None:  # what the template wrote is no person's text
        written -= _generated(context, repository)
    authors = {texts.author(repository, commit) for commit in {*written, first.commit}}
    for approval in given:
        if approval.email.strip().casefold() in authors:
            message = f"{CONTRACT}: {approval.email} approved it and wrote lines of it"
            return failed(message, PLACE, examined=len(given))
        if approval.date < first.day:
            message = (
                f"{CONTRACT}: the approval of {approval.role} is of {approval.date}, and the text"
                f" of {first.day} ({first.commit[:12]})"
            )
            return failed(message, PLACE, examined=len(given))
    who = ", ".join(f"{each.role} ({each.email})" for each in given)
    return passed(f"{CONTRACT} is approved by {who}", len(given), value=str(text.digest))


def _same(repository: Repository, text: Text) -> Iterator[Version]:
    """Yield the versions down to the last approved one of another text, or all."""
    for version in versions(repository):
        yield version
        if version.text.substance != text.substance and version.text.approved_by():
            return


def _generated(context: Context, repository: Repository) -> set[str]:
    *_, oldest = versions(repository)
    content = oldest.text.content.decode("utf-8", "replace")
    return {oldest.commit} if context.generated(CONTRACT, content) else set()


def loosening_approved(context: Context, roles: Sequence[str]) -> Outcome:
    """What was loosened since the last approval raised the version and was approved anew.

    A contract that was never approved has no gate yet that could be loosened, so this does not
    apply to it: neither a success nor a failure, and no way around, as KPI-05 asks for approvals
    and recorded digests must stay in the history.

    Args:
        context: what is audited.
        roles: who must approve a loosened text.
    """
    read, repository = _read(context), _whole(context)
    if isinstance(repository, Outcome):
        return repository
    if lost := _lost(context, repository):
        place = Location(history.FILE, lost.number)
        return failed(f"{place} knows a contract that git does not: history was rewritten", place)
    return read if isinstance(read, Outcome) else _loosened(repository, read[0], roles)


def _loosened(repository: Repository, text: Text, roles: Sequence[str]) -> Outcome:
    try:
        before = _binding(repository, text, set(roles))
        if before is not None and text.model is not None:
            return _compared(text, text.model, *before, roles)
    except KeyError as error:  # a slice of a gate that is not there
        return failed(f"{CONTRACT} has no {error}, see KPI-01", PLACE)
    if text.approved_by() >= set(roles):
        return passed(f"{CONTRACT} has one approved text, which is this one", 1)
    return Outcome(Status.NA, f"{CONTRACT} was never approved, so there is nothing to loosen")


def _binding(
    repository: Repository, text: Text, roles: set[str]
) -> tuple[Version, KpiContract] | None:
    """Return the approved text that the contract must be held against.

    One that was loosened itself without a new version binds nobody: else it could be approved so,
    and be given a version afterwards.
    """
    found: tuple[Version, KpiContract] | None = None
    for version in reversed(list(versions(repository))):
        contract = version.text.model if version.text.approved_by() >= roles else None
        if contract is None or version.text.digest == text.digest:
            continue
        from poc2prod.ops.kpi.difference import compare  # noqa: PLC0415  # few projects come here

        if found is None or compare(found[1], contract).missing_version is None:
            found = version, contract
    return found


def _lost(context: Context, repository: Repository) -> history.Line | None:
    """Return a record of a contract that the history does not have any more."""
    wanted = {line.contract: line for line in history.lines(context.tree) if line.contract}
    if wanted:
        for version in versions(repository, everywhere=True):
            wanted.pop(version.text.digest or "", None)
            if not wanted:
                break
    return next(iter(wanted.values()), None)


def _compared(
    text: Text, new: KpiContract, before: Version, old: KpiContract, roles: Sequence[str]
) -> Outcome:
    from poc2prod.ops.kpi.difference import compare  # noqa: PLC0415

    difference = compare(old, new)
    changes = difference.changes
    count, first = len(changes), before.commit[:12]
    worst = min(changes, key=lambda change: change.kind not in _MAJOR, default=None)
    if difference.missing_version:
        needed, actual = difference.missing_version, new.metadata.version
        message = (
            f"{CONTRACT}: {worst}: since {first} the version must be {needed}, and is {actual}"
        )
        return failed(message, PLACE, examined=count)
    lacking = set(roles) - text.approved_by()
    if difference.needs_approval and lacking:
        who = " and ".join(sorted(lacking))
        message = f"{CONTRACT}: {worst}: {who} approved the text of {first}, not this one"
        return failed(message, PLACE, examined=count)
    message = f"{CONTRACT} has {count} changes since {first}, versioned and approved as they ask"
    return passed(message, count + 1)
