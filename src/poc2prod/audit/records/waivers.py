"""Failures that the team accepts for a while: listed, owned, capped, expiring.

A wrong waiver, one of an unknown check among them, is void and makes AUD-02 fail. It is no wrong
usage of the command (exit status 2): what the audited repository says must never keep the person
who audits it from a report.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Status
from poc2prod.audit.records import ledger
from poc2prod.audit.records.waiver import Waiver, judged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poc2prod.audit.context import Context
    from poc2prod.audit.engine import Result

FILE = "readiness/waivers.yaml"

_WAIVABLE = (Status.FAIL, Status.STUB, Status.STALE, Status.MISSING, Status.UNKNOWN)


class Standing(StrEnum):
    """What a waiver is worth in an audit."""

    USED = "used"
    UNUSED = "unused"
    """It is in force, but nothing was there for it to accept."""
    EXPIRED = "expired"
    VOID = "void"


class Waivers(NamedTuple):
    """What the team accepted.

    Attributes:
        listed: all, as they were written.
        unreadable: why the list can't be read; None if it can, or is not there.
        there: whether there is a list.
    """

    listed: tuple[Waiver, ...] = ()
    unreadable: str | None = None
    there: bool = False

    @classmethod
    def of(cls, context: Context) -> Self:
        """Read the repository's waivers, and judge each on its own as of the audit's day."""
        try:
            entries = ledger.entries(context.tree, FILE, "waivers")
        except UnreadableError as error:
            return cls(unreadable=str(error), there=True)
        seen: set[str] = set()
        listed = []
        for entry in entries or ():
            waiver = judged(entry, context)
            if waiver.id in seen:
                problems = (*waiver.problems, "its id is there twice")
                waiver = waiver._replace(problems=problems)
            seen.add(waiver.id)
            listed.append(waiver)
        return cls(tuple(listed), there=entries is not None)

    @property
    def expired(self) -> Mapping[str, Waiver]:
        """The checks that nothing but an expired waiver speaks for."""
        held = {waiver.check for waiver in self.listed if waiver.holds}
        return {
            waiver.check: waiver
            for waiver in self.listed
            if waiver.late and not waiver.problems and waiver.check not in held
        }

    @property
    def problems(self) -> tuple[str, ...]:
        """Why waivers are void, one line each."""
        void = [f"{w.place} {w.id}: {'; '.join(w.problems)}" for w in self.listed if w.problems]
        return (self.unreadable, *void) if self.unreadable else tuple(void)

    def applied(self, results: Sequence[Result]) -> list[Result]:
        """Turn what they accept into WAIVED; the probe's own status and message stay readable."""
        by_id = {result.check.id: result for result in results}
        return [self._applied(result, by_id) for result in results]

    def _applied(self, result: Result, by_id: Mapping[str, Result]) -> Result:
        for waiver in self.listed:
            if waiver.check != result.check.id or not waiver.holds:
                continue
            if result.status not in _WAIVABLE or _uncompensated(waiver, by_id):
                continue
            outcome = result.outcome
            message = (
                f"{outcome.status}, waived until {waiver.expires} by {waiver.id}"
                f" ({waiver.owner}, {waiver.approver}): {outcome.message}"
            )
            return result._replace(outcome=outcome.but(Status.WAIVED, message), waiver=waiver)
        return result

    def document(self, results: Sequence[Result]) -> list[dict[str, Any]]:
        """Return what a report says of them, given the results that they were applied to."""
        by_id = {result.check.id: result for result in results}
        documents = []
        for waiver in self.listed:
            standing, why = _standing(waiver, by_id)
            documents.append(
                {
                    "id": waiver.id,
                    "check": waiver.check,
                    "standing": str(standing),
                    "why": why,
                    "category": waiver.category,
                    "reason": waiver.reason,
                    "compensating": list(waiver.compensating),
                    "ticket": waiver.ticket,
                    "owner": waiver.owner,
                    "approver": waiver.approver,
                    "granted": waiver.granted and waiver.granted.isoformat(),
                    "expires": waiver.expires and waiver.expires.isoformat(),
                    "path": waiver.place.path,
                    "line": waiver.place.line,
                }
            )
        return documents


def _standing(waiver: Waiver, by_id: Mapping[str, Result]) -> tuple[Standing, str | None]:
    if waiver.problems:
        return Standing.VOID, "; ".join(waiver.problems)
    if waiver.late:
        when = waiver.expires.isoformat() if waiver.expires else "on a day that there is not"
        return Standing.EXPIRED, f"it expired {when}"
    result = by_id.get(waiver.check)
    if result is None:
        return Standing.UNUSED, f"{waiver.check} was not run"
    if result.waiver is not None and result.waiver.id == waiver.id:
        return Standing.USED, None
    reason = _uncompensated(waiver, by_id) if result.status in _WAIVABLE else None
    if result.status is Status.ERROR:
        reason = f"{waiver.check} is an ERROR, which can't be waived"
    if reason:
        return Standing.VOID, reason
    return Standing.UNUSED, f"{waiver.check} is {result.status}: delete this waiver"


def _uncompensated(waiver: Waiver, by_id: Mapping[str, Result]) -> str | None:
    for name in waiver.compensating:
        status = by_id[name].status if name in by_id else "not run here"
        if status is not Status.PASS:
            return f"{name}, which must compensate for it, is {status}"
    return None
