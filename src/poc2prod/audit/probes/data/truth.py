"""DAT-09: what became of what was predicted comes back, and it is known how late."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed
from poc2prod.audit.records.scrutiny import judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poc2prod.audit.context import Context

VALUES = ("predictions", "labels", "joined_share", "lag_seconds")
LIMIT = "label_lag_seconds"


def ground_truth_arrives(context: Context, *, least: float) -> Outcome:
    """Evidence says that enough predictions of the last period met their truth, and soon enough.

    Its values are: `predictions` that were due, `labels` that came, `joined_share` of the
    predictions that met one, and `lag_seconds`, the 95th percentile of how long that took.

    Args:
        context: what is audited.
        least: the share of predictions that must meet their truth.
    """
    assert context.check is not None
    envelope = judged(context, context.check)
    if isinstance(envelope, Outcome):
        return envelope
    values, place = envelope.values, Location(envelope.path)
    wrong = [name for name in VALUES if not _number(values.get(name))]
    if wrong:
        return failed(f"{place}: values lacks {', '.join(wrong)}, a number", place)
    if values["predictions"] < 1:
        return missing(f"{place}: no prediction was due, so none met its truth", place)
    met, share = _consistent(values), values["joined_share"]
    if met is not None:
        return failed(f"{place}: {met}", place)
    figures: dict[str, Any] = {
        "examined": int(values["predictions"]),
        "value": share,
        "threshold": least,
        "evidence": (envelope.evidence,),
    }
    if share < least:
        return failed(f"{place}: only {share:.0%} of predictions met their truth", place, **figures)
    limit = _limit(context)
    if limit is not None and values["lag_seconds"] > limit:
        return failed(
            f"{place}: the truth comes after {values['lag_seconds']:,.0f} s, and the contract"
            f" allows {limit:,.0f}",
            place,
            **figures,
        )
    examined = figures.pop("examined")
    return passed(
        f"{share:.0%} of {examined:,} predictions met their truth, 95 % of them within"
        f" {values['lag_seconds']:,.0f} s",
        examined,
        **figures,
        locations=(place,),
    )


def _number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value >= 0


def _consistent(values: Mapping[str, Any]) -> str | None:
    """Say why the numbers can't be so."""
    share = values["joined_share"]
    if share > 1:
        return f"joined_share is {share}, more than all"
    if share * values["predictions"] > values["labels"] + 0.5:
        return "more predictions met their truth than there are labels"
    return None


def _limit(context: Context) -> float | None:
    """Return after how many seconds the contract wants the truth, at the latest."""
    contract = context.contract
    if contract is None:
        return None
    found = [each.value for each in contract.nonfunctional.limits if each.kind == LIMIT]
    measured = [kpi.measured_by for kpi in contract.business_kpis if kpi.measured_by]
    found += [each.label_lag.total_seconds() for each in measured if each.label_lag]
    return min(found, default=None)
