"""What named people state of what no run can prove, bound to what they saw.

An attestation names the digest of what the check is about: the documents that the catalogue lists
for it, else its paths. One file's digest is its own SHA-256, that of several the SHA-256 of what
`sha256sum` prints of them; every message that asks for it has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Location, Outcome, Status, missing, passed
from poc2prod.audit.records import ledger
from poc2prod.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from poc2prod.audit.catalogue import Check
    from poc2prod.audit.context import Context
    from poc2prod.audit.records.ledger import Entry

FILE = "readiness/attestations.yaml"
LONGEST = 365
"""Days from `on` to `expires`, where the check has no `max_age`."""

SHORTEST = 30
"""Characters of a statement."""

_REQUIRED = ("check", "statement", "by", "role", "on", "expires", "subject_digest")


class Attestation(NamedTuple):
    """One statement, as it was written, and what it is worth.

    Attributes:
        by: the address of who states it.
        on: the day it counts from; None for no day.
        expires: the last day it holds; None for no day.
        outcome: PASS, or why it is worth nothing: FAIL, UNKNOWN or STALE.
    """

    check: str
    statement: str
    by: str
    role: str
    on: date | None
    expires: date | None
    subject_digest: str
    place: Location
    outcome: Outcome


class Attestations(NamedTuple):
    """All attestations, as they were written."""

    listed: tuple[Attestation, ...] = ()
    unreadable: str | None = None

    @classmethod
    def of_repository(cls, context: Context) -> Self:
        """Read the repository's attestations, and judge each as of the audit's day."""
        try:
            entries = ledger.entries(context.tree, FILE, "attestations")
        except UnreadableError as error:
            return cls(unreadable=str(error))
        return cls(tuple(_attestation(entry, context) for entry in entries or ()))

    def of(self, name: str) -> tuple[Attestation, ...]:
        """Return what is attested for a check."""
        return tuple(each for each in self.listed if each.check == name)

    def judged(self, name: str, roles: Sequence[str] = ()) -> Outcome:
        """Return what a check's attestations come to: PASS if for each role one is in force.

        Args:
            name: of the check.
            roles: all of these must attest it; any that may, if it is empty.
        """
        if self.unreadable:
            return Outcome(Status.FAIL, self.unreadable, 1, locations=(Location(FILE),))
        listed = self.of(name)
        if not listed:
            return missing(f"{FILE} has nothing for {name}: nobody attests it", Location(FILE))
        held = [each for each in listed if each.outcome.status is Status.PASS]
        lacking = sorted(set(roles) - {each.role for each in held})
        if held and not lacking:
            who = ", ".join(f"{each.by} ({each.role})" for each in held)
            return passed(f"attested by {who}", len(held))
        for status in (Status.FAIL, Status.UNKNOWN, Status.STALE):
            for each in listed:
                if each.outcome.status is status:
                    return each.outcome
        return missing(f"{FILE} has nothing for {name} by {' and '.join(lacking)}", Location(FILE))


def digest_of(context: Context, check: Check) -> str | None:
    """Return the digest of all files that an attestation for a check is about; None for none."""
    paths = context.tree.matching(*(check.documents or check.paths))
    if not paths or not (check.documents or check.paths):
        return None
    if len(paths) == 1:
        return context.tree.digest(paths[0])
    lines = "".join(f"{context.tree.digest(path)}  {path}\n" for path in paths)  # as sha256sum
    return hashlib.sha256(lines.encode()).hexdigest()


def _attestation(entry: Entry, context: Context) -> Attestation:
    words = entry.words
    check = context.catalogue.checks.get(words.get("check", ""))
    attestation = Attestation(
        check=words.get("check", ""),
        statement=words.get("statement", ""),
        by=words.get("by", ""),
        role=words.get("role", ""),
        on=ledger.day(words.get("on", "")),
        expires=ledger.day(words.get("expires", "")),
        subject_digest=words.get("subject_digest", ""),
        place=entry.place,
        outcome=passed("it is in force", 1, locations=(entry.place,)),
    )
    name = words.get("check", "")[:80]
    wrong = entry.lacks(_REQUIRED)
    if check is None and name:
        wrong.append(f"there is no check {name}{nearest(name, context.catalogue.checks)}")
    wrong += _wrong(attestation, check, context) if check else ()
    found: list[tuple[Status, str]] = [(Status.FAIL, reason) for reason in wrong]
    if check and not wrong:
        found = list(_weak(attestation, check, context))
    if not found:
        return attestation
    status, reason = found[0]
    message = f"{entry.place}: {name}: {reason}"
    return attestation._replace(outcome=attestation.outcome.but(status, message))


def _wrong(attestation: Attestation, check: Check, context: Context) -> Iterator[str]:
    """Yield what makes it worth nothing, whatever has changed since."""
    if len(attestation.statement) < SHORTEST:
        yield f"the statement has less than {SHORTEST} characters"
    person = ledger.email(attestation.by)
    if person is None or person not in _named(context):
        yield f"{attestation.by[:80]} is not named in the ownership of the contract"
    roles = roles_of(check)
    if attestation.role and attestation.role not in roles:
        yield f"{attestation.role[:80]} can't attest it: {', '.join(roles)} can"
    on, expires = attestation.on, attestation.expires
    if on and on > context.now.date():
        yield f"it is of {on}, a day to come"
    if on and expires:
        longest = check.max_age or LONGEST
        if (expires - on).days > longest:
            yield f"it lasts {(expires - on).days} days, and may last {longest}"


def _weak(attestation: Attestation, check: Check, context: Context) -> Iterator[tuple[Status, str]]:
    """Yield what has changed since, or is not known."""
    if check.severity[context.tier] == "blocker":
        yield from _self_attested(attestation, check, context)
    expires = attestation.expires
    if attestation.on is None or expires is None:  # malformed, as both are there
        yield Status.STALE, "it has a date that is none, which counts as expired"
    elif expires < context.now.date():
        yield Status.STALE, f"it expired {expires}"
    actual = digest_of(context, check)
    if actual is None:
        yield Status.FAIL, "what it is about is not there"
    elif actual != attestation.subject_digest:
        yield Status.STALE, f"what it is about has changed: subject_digest is {actual} now"


def _self_attested(
    attestation: Attestation, check: Check, context: Context
) -> Iterator[tuple[Status, str]]:
    """Yield why it is not known that another person wrote what is attested, or that none did."""
    repository = context.repository
    if repository is None or repository.shallow:
        yield (
            Status.UNKNOWN,
            "who wrote what it is about is in git alone, all of it: fetch-depth: 0",
        )
        return
    for path in context.tree.matching(*(check.documents or check.paths)):
        if repository.last_author(path) == attestation.by.strip().casefold():
            yield Status.FAIL, f"{attestation.by} wrote {path} last, and can't attest it"


def _named(context: Context) -> set[str]:
    if context.contract is None:
        return set()
    ownership = context.contract.ownership
    people = [ownership.accountable.email, *(each.email for each in ownership.responsible)]
    return {address for person in people if person and (address := ledger.email(person))}


def roles_of(check: Check) -> tuple[str, ...]:
    """Return the roles that may attest a check: its `roles`, else who mends it."""
    roles = check.arguments.get("roles")
    if isinstance(roles, Sequence) and not isinstance(roles, str):
        return tuple(map(str, roles))
    return (check.role,)
