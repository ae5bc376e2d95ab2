"""Step 1: what is promised to callers, and whether anything measures it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.context import Context
    from poc2prod.ops.kpi import KpiContract

EVIDENCE = "readiness/evidence/*.json"
TAIL = 0.99


def complete(context: Context) -> Outcome:
    """The contract promises what its way of serving needs, and each promise is measured."""
    if not context.tree.has(CONTRACT):
        return missing(f"{CONTRACT} is not there", Location(CONTRACT))
    contract = context.contract
    if contract is None:
        return failed(f"{CONTRACT} can't be used: see KPI-01", Location(CONTRACT))
    place = Location(CONTRACT, context.line(CONTRACT, "nonfunctional"))
    mode = "batch" if context.answers.get("use_batch") else "service"
    if not (context.answers.get("use_batch") or context.answers.get("use_service")):
        return unknown("the answers don't say how soon a prediction must be there (latency)")
    promised = [*contract.nonfunctional.slos, *contract.nonfunctional.limits]
    absent = sorted(_REQUIRED[mode].keys() - _kinds(contract))
    if absent:
        add = ", ".join(_REQUIRED[mode][kind] for kind in absent)
        return failed(f"{place}: nonfunctional lacks what a {mode} must promise: {add}", place)
    unseen = sorted(set(_unmeasured(contract)) - set(_recorded(context)))
    if unseen:
        place = Location(CONTRACT, context.line(CONTRACT, unseen[0]))
        return failed(
            f"{place}: nothing measures {', '.join(unseen)}: no alert compiles from it, and no"
            f" {EVIDENCE} for {_id(context)} has a number of that name among its values",
            place,
            examined=len(promised),
        )
    return passed(f"all {len(promised)} promises of a {mode} are measured", len(promised))


# p50 and cost belong to a service too, freshness, success and cost to a batch job. They are not
# asked for yet, because a contract could promise them and nothing would measure them: half of the
# requests is no error budget that could burn, and nothing generated knows a price or a job's end.
_REQUIRED = {
    "service": {
        "availability": "an SLO of kind availability",
        "tail": f"an SLO of kind latency with a quantile of {TAIL} or more",
        "throughput_rps": "a limit of kind throughput_rps",
    },
    "batch": {"batch_seconds": "a limit of kind batch_seconds, its deadline"},
}


def _kinds(contract: KpiContract) -> set[str]:
    kinds: set[str] = {limit.kind for limit in contract.nonfunctional.limits}
    for slo in contract.nonfunctional.slos:
        kinds.add("tail" if slo.kind == "latency" and slo.quantile >= TAIL else slo.kind)
    return kinds


def _unmeasured(contract: KpiContract) -> Iterator[str]:
    from poc2prod.ops.monitoring.compiled import groups  # noqa: PLC0415

    alerted = {alert.of for group in groups(contract) for alert in group.alerts}
    for promise in (*contract.nonfunctional.slos, *contract.nonfunctional.limits):
        if promise.id not in alerted:
            yield promise.id


def _recorded(context: Context) -> Iterator[str]:
    """Yield what evidence has a figure of. Whether it is genuine is for AUD-03 to say."""
    for path in context.tree.matching(f"/{EVIDENCE}"):
        try:
            envelope = json.loads(context.tree.text(path) or "null")
        except (ValueError, RecursionError, UnreadableError):
            continue
        checks = envelope.get("checks") if isinstance(envelope, dict) else None
        if not isinstance(checks, list) or _id(context) not in checks:
            continue
        values = envelope.get("values")
        for name, value in values.items() if isinstance(values, dict) else ():
            if type(value) in (int, float) and math.isfinite(value):
                yield name


def _id(context: Context) -> str:
    return context.check.id if context.check else "KPI-04"
