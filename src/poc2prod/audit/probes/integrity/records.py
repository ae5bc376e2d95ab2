"""The audit's own integrity: what it is told must be owned, in time and true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stale
from poc2prod.audit.records.evidence import FOLDER
from poc2prod.audit.records.scrutiny import doubtful, outdated, verdict
from poc2prod.audit.records.waivers import FILE

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


def evidence_authentic(context: Context) -> Outcome:
    """Every envelope is what it says, and none that a check relies on is out of date.

    Envelopes of a dirty tree pass, so that a first run counts; no level above L1 accepts them.
    """
    store, checks = context.evidence, context.catalogue.checks
    envelopes = store.envelopes
    if not envelopes and not store.unreadable:
        return missing(f"{FOLDER} has no envelope: run `make demo`", Location(FOLDER))
    doubts = list(store.unreadable)
    for envelope in envelopes:
        relied_on = [name for name in envelope.checks if store.of_check(name) is envelope]
        if envelope.checks and not relied_on:
            continue  # a newer one has superseded it
        doubts += doubtful(context, envelope)
        about = [checks.get(name) for name in relied_on]
        for check in about or [None]:  # its inputs must be the same whatever it is for
            doubts += outdated(context, envelope, check)
    doubts = list(dict.fromkeys(doubts))
    examined = len(envelopes) + len(store.unreadable)
    digests = tuple(envelope.evidence for envelope in envelopes)
    if outcome := verdict(doubts, examined, digests):
        return outcome
    dirty = f", {len(store.dirty)} of a dirty tree" if store.dirty else ""
    text = f"{len(envelopes)} envelopes are what they say{dirty}"
    return passed(text, len(envelopes), evidence=digests)
