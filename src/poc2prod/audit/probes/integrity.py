"""The audit's own integrity: what it is told must be owned, in time and true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stale
from poc2prod.audit.waivers import FILE

if TYPE_CHECKING:
    from poc2prod.audit.context import Context


def waivers_valid(context: Context) -> Outcome:
    """Every waiver is owned, within its caps and in force.

    An empty list is a statement that its owners can be held to, so it passes; no list is none.
    Whether a compensating check passes is told by the results, see `Waivers.applied`.
    """
    waivers = context.waivers
    if not waivers.there:
        return missing(
            f"{FILE} is not there: write `waivers: []` if none is needed", Location(FILE)
        )
    examined = 1 + len(waivers.listed)
    if waivers.problems:
        void = [waiver.place for waiver in waivers.listed if waiver.problems]
        more = f", and {len(waivers.problems) - 1} more" if waivers.problems[1:] else ""
        places = void or [Location(FILE)]
        return failed(f"void: {waivers.problems[0]}{more}", *places, examined=examined)
    late = [waiver for waiver in waivers.listed if waiver.late]
    if late:
        names = ", ".join(f"{waiver.id} ({waiver.check})" for waiver in late)
        places = [waiver.place for waiver in late]
        return stale(f"expired, and worth nothing: {names}", *places, examined=examined)
    listed = ", ".join(f"{waiver.id} ({waiver.check})" for waiver in waivers.listed) or "none"
    return passed(f"{FILE} is in order; in force: {listed}", examined)
