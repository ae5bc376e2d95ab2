"""INF-08: backups come back, within what the contract promises."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stale
from poc2prod.audit.records.scrutiny import judged

if TYPE_CHECKING:
    from poc2prod.audit.context import Context
    from poc2prod.audit.records.evidence import Envelope

EVERY = timedelta(days=90)
"""How old a drill may be where the contract names no other period."""


def drilled(context: Context) -> Outcome:
    """A drill brought everything back, as fast and as fresh as the contract promises."""
    assert context.check is not None
    if not context.tree.has(CONTRACT):
        return missing(f"{CONTRACT} is not there", Location(CONTRACT))
    if context.contract is None:
        return failed(f"{CONTRACT} can't be used: see KPI-01", Location(CONTRACT))
    promised = context.contract.nonfunctional.recovery
    if promised is None:
        place = Location(CONTRACT, context.line(CONTRACT, "nonfunctional"))
        return missing(f"{place}: nonfunctional has no recovery, so nothing is promised", place)
    envelope = judged(context, context.check)
    if isinstance(envelope, Outcome):
        return envelope
    place = Location(envelope.path)
    every = promised.rollback_drill.every if promised.rollback_drill else EVERY
    if context.now - envelope.finished > every:
        days = (context.now - envelope.finished).days
        return stale(f"{place}: the drill was {days} days ago, of {every.days} allowed", place)
    if not (_figure(envelope, "rows") > 0 or isinstance(envelope.values.get("model"), str)):
        return missing(
            f"{place}: neither rows nor a model came back: run `make backup drill`", place
        )
    for name, limit in (("rto_seconds", promised.rto), ("rpo_seconds", promised.rpo)):
        measured, most = _figure(envelope, name), limit.total_seconds()
        if not 0 <= measured <= most:
            return failed(
                f"{place}: {name} is {measured:g}, of {most:g} in {CONTRACT}",
                place,
                Location(CONTRACT, context.line(CONTRACT, "recovery")),
                value=measured,
                threshold=most,
            )
    return passed(
        "a drill brought the registry and the data back in time",
        1,
        value=_figure(envelope, "rto_seconds"),
        threshold=promised.rto.total_seconds(),
        evidence=(envelope.evidence,),
    )


def _figure(envelope: Envelope, name: str) -> float:
    """Return a figure that was measured; NaN where there is none."""
    value: object = envelope.values.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return math.nan
