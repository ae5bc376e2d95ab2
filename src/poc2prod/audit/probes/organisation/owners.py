"""Step 6: every file has an owner, and the owners are there."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.files import codeowners
from poc2prod.audit.git import authors
from poc2prod.audit.outcome import Location, Outcome, Status, failed, missing, passed, stub, unknown

if TYPE_CHECKING:
    from poc2prod.audit.context import Context
    from poc2prod.audit.files.codeowners import Entry

MOST = 2_000_000
"""Entries times files; what is beyond is no repository of a team."""

_PLACEHOLDER = re.compile(r"(?i)@example\.(com|org|net)$|^@?(todo|your[-_]?\w+)$")
_DAY = 86_400


def real(
    context: Context, *, days: int, share: float, maintainers: int, critical: list[str]
) -> Outcome:
    """All that is tracked has owners, who were active within `days`; and no one is alone.

    `share` is the most that one author may have of the commits to `critical` paths.
    """
    return (
        _accountable(context)
        or _named(context)
        or _covered(context)
        or _handed_over(context)
        or _active(context, days, share, maintainers, critical)
    )


def _accountable(context: Context) -> Outcome | None:
    if not context.tree.has(CONTRACT):
        return missing(f"{CONTRACT}, which names who is accountable, is not there")
    if context.contract is None:
        return failed(f"{CONTRACT} can't be used: see KPI-01", Location(CONTRACT))
    email = context.contract.ownership.accountable.email
    if _PLACEHOLDER.search(email):
        place = Location(CONTRACT, context.line(CONTRACT, email))
        return stub(f"{place}: {email} is nobody who could be accountable", place)
    return None


def _entries(context: Context) -> tuple[str, list[Entry]] | None:
    path = next((name for name in codeowners.NAMES if context.tree.has(name)), None)
    return (path, codeowners.parsed(context.tree.text(path) or "")) if path else None


def _named(context: Context) -> Outcome | None:
    """Find what is wrong with CODEOWNERS itself."""
    found = _entries(context)
    if found is None:
        names = ", ".join(codeowners.NAMES)
        return missing(
            f"no file says who owns what: none of {names}", Location(codeowners.NAMES[0])
        )
    path, entries = found
    for entry in entries:
        for owner in entry.owners:
            place = Location(path, entry.line)
            if _PLACEHOLDER.search(owner):
                return stub(f"{place}: {owner} is nobody", place)
            if "@" not in owner:
                return failed(f"{place}: {owner} is no @account, @team or address", place)
    return None if entries else stub(f"{path} has no entry", Location(path))


def _covered(context: Context) -> Outcome | None:
    """Find what is tracked and has no owner."""
    path, entries = _entries(context) or ("", [])
    if context.repository is None:
        return unknown("there is no git history: it says what is tracked, and who is active")
    tracked = context.repository.tracked
    if len(entries) * len(tracked) > MOST:
        return failed(f"{path} has too many entries to be followed: {len(entries):,}")
    open_ = [name for name in tracked if not codeowners.owning(entries, name)]
    if open_:
        more = f" and {len(open_) - 1} more" if open_[1:] else ""
        message = f"{path} names no owner of {open_[0]}{more}"
        places = [Location(name) for name in open_[:20]]
        return failed(message, *places, examined=len(tracked), value=len(open_), threshold=0)
    return None


def _handed_over(context: Context) -> Outcome | None:
    contract = context.contract
    after = contract.ownership.after_project if contract else None
    if not (after and after.handover and after.handover < context.now.date()):
        return None
    if _attested(context, "handover"):
        return None
    place = Location(CONTRACT, context.line(CONTRACT, "handover"))
    message = f"{place}: the hand-over was due on {after.handover}, and nobody attests it"
    return failed(message, place)


def _active(
    context: Context, days: int, share: float, maintainers: int, critical: list[str]
) -> Outcome:
    repository = context.repository
    if repository is None:
        return unknown("there is no git history")
    if repository.shallow:
        return unknown("the git history is cut: fetch all of it, with fetch-depth: 0")
    begin = context.now.timestamp() - days * _DAY
    recent = [commit for commit in authors.commits(repository, context.now) if commit.at >= begin]
    people = min(len({c.email for c in recent}), len({c.name for c in recent}))
    if people < maintainers:
        return failed(
            f"{people} of at least {maintainers} maintainers committed in the last {days} days",
            value=people,
            threshold=maintainers,
        )
    touching = authors.commits(repository, context.now, *critical)
    touching = [commit for commit in touching if commit.at >= begin]
    for name, count in Counter(commit.email for commit in touching).most_common(1):
        part = count / len(touching)
        if part > share:
            return failed(
                f"{name} made {count} of the {len(touching)} commits to critical files in the last"
                f" {days} days: {part:.0%}, and at most {share:.0%} may be one person's",
                value=round(part, 3),
                threshold=share,
            )
    seen = frozenset(person for commit in recent for person in commit.people)
    return _present(context, seen, days) or passed(
        f"{len(repository.tracked)} files have owners, and {people} people maintain them",
        len(repository.tracked),
    )


def _present(context: Context, seen: frozenset[str], days: int) -> Outcome | None:
    """Find an owner whom the history does not show, or whom it can't."""
    path, entries = _entries(context) or ("", [])
    accounts = {authors.handle(email) for email in seen} | {e.partition("@")[0] for e in seen}
    hidden = None
    for entry in entries:
        for owner in entry.owners:
            place = Location(path, entry.line)
            if _attested(context, owner):
                continue
            if not owner.startswith("@"):
                if owner.lower() not in seen:
                    return failed(
                        f"{place}: {owner} committed and reviewed nothing for {days} days", place
                    )
            elif "/" in owner or owner[1:].lower() not in accounts:
                hidden = hidden or f"{place}: git's history can't tell who is {owner}"
    return unknown(f"{hidden}: name addresses beside it") if hidden else None


def _attested(context: Context, what: str) -> bool:
    """Tell whether an attestation that is in force names an owner, or the handover."""
    return any(
        each.outcome.status is Status.PASS and what.casefold() in each.statement.casefold()
        for each in context.attestations.of("ORG-01")
    )
