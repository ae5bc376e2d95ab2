"""One waiver: what it says, and the rules that make it void or expired."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poc2prod.audit.records import ledger
from poc2prod.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from poc2prod.audit.catalogue import Check
    from poc2prod.audit.context import Context
    from poc2prod.audit.outcome import Location
    from poc2prod.audit.records.ledger import Entry

CATEGORIES = ("accepted_risk", "compensating_control", "false_positive", "not_yet_effective")
LONGEST = {"blocker": 90}
"""Days from granted to expires, by severity; 180 for all others."""
LONGEST_OTHERWISE = 180
MOST_RENEWALS = 2
SHORTEST_REASON = 30

_REQUIRED = (
    *("id", "check", "category", "reason", "ticket", "owner", "approver"),
    *("granted", "expires", "check_version", "renewals"),
)


class Waiver(NamedTuple):
    """One accepted failure, as it was written.

    Attributes:
        id: its name; its place in the file where it has none.
        check: the id of the check.
        compensating: the checks that must pass while it is used.
        granted: the day it counts from; None for no day.
        expires: the last day it holds; None for no day.
        problems: why it is void, one phrase each.
        late: whether it has expired, or its dates are no dates.
    """

    id: str
    check: str
    place: Location
    category: str = ""
    reason: str = ""
    compensating: tuple[str, ...] = ()
    ticket: str = ""
    owner: str = ""
    approver: str = ""
    granted: date | None = None
    expires: date | None = None
    problems: tuple[str, ...] = ()
    late: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is in force, as far as it can be told without the results."""
        return not self.problems and not self.late


def judged(entry: Entry, context: Context) -> Waiver:
    """Return what an entry of the list says, and what is wrong with it as of the audit's day."""
    words = entry.words
    check = context.catalogue.checks.get(words.get("check", ""))
    waiver = Waiver(
        id=words.get("id", "").strip() or f"line {entry.place.line}",
        check=words.get("check", ""),
        place=entry.place,
        category=words.get("category", ""),
        reason=" ".join(words.get("reason", "").split()),
        compensating=entry.lists.get("compensating", ()),
        ticket=words.get("ticket", ""),
        owner=words.get("owner", "").strip(),
        approver=words.get("approver", "").strip(),
        granted=ledger.day(words.get("granted", "")),
        expires=ledger.day(words.get("expires", "")),
    )
    problems = [
        *entry.lacks(_REQUIRED, ("compensating",)),
        *_problems(waiver, entry, context),
        *_uncompensating(waiver, entry, context),
        *(_unfit(waiver, entry, check, context) if check else ()),
    ]
    today = context.now.date()
    dates = [words[key] for key in ("granted", "expires") if words.get(key, "").strip()]
    late = None in map(ledger.day, dates) or bool(waiver.expires and waiver.expires < today)
    return waiver._replace(problems=tuple(problems), late=late)


def _problems(waiver: Waiver, entry: Entry, context: Context) -> Iterator[str]:
    """Yield what is wrong with a waiver whatever its check is."""
    checks = context.catalogue.checks
    if waiver.check and waiver.check not in checks:
        yield f"there is no check {waiver.check[:80]}{nearest(waiver.check[:80], checks)}"
    if waiver.category and waiver.category not in CATEGORIES:
        yield f"category is none of {', '.join(CATEGORIES)}"
    if waiver.reason and len(waiver.reason) < SHORTEST_REASON:
        yield f"the reason has less than {SHORTEST_REASON} characters"
    yield from _anonymous(waiver)
    if waiver.granted and waiver.granted > context.now.date():
        yield f"it is granted from {waiver.granted} on, a day to come"
    renewals = entry.words.get("renewals", "0")
    if not renewals.isdecimal() or len(renewals) > 4 or int(renewals) > MOST_RENEWALS:
        yield f"renewals is no number up to {MOST_RENEWALS}"


def _anonymous(waiver: Waiver) -> Iterator[str]:
    people = {role: ledger.email(getattr(waiver, role)) for role in ("owner", "approver")}
    for role, person in people.items():
        if person is None and getattr(waiver, role):
            yield f"{role} is no person's e-mail address"
    if people["owner"] and people["owner"] == people["approver"]:
        yield "the owner approved it"


def _uncompensating(waiver: Waiver, entry: Entry, context: Context) -> Iterator[str]:
    if waiver.category == "compensating_control" and not waiver.compensating:
        yield "it names no check in compensating"
    if "compensating" in entry.words:
        yield "compensating is no list"
    for name in waiver.compensating:
        if name not in context.catalogue.checks or name == waiver.check:
            yield f"{name[:80]} can't compensate for it"


def _unfit(waiver: Waiver, entry: Entry, check: Check, context: Context) -> Iterator[str]:
    """Yield what is wrong with a waiver of this check."""
    if check.replaced_by:
        yield f"{check.id} was replaced by {check.replaced_by}"
    if not check.may_be_waived(context.tier):
        yield f"{check.id} can't be waived at tier {context.tier}"
    version = entry.words.get("check_version", "").strip()
    if version and version != str(check.version):
        yield f"{check.id} is at version {check.version}, and it was granted for {version[:20]}"
    if waiver.granted and waiver.expires:
        severity = check.severity[context.tier]
        longest = LONGEST.get(severity, LONGEST_OTHERWISE)
        days = (waiver.expires - waiver.granted).days
        if days > longest:
            yield f"it lasts {days} days, and a {severity} may be waived for {longest}"
        elif days < 0:
            yield "it expires before it is granted"
