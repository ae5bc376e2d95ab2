# Managed by poc2prod; extend in kpi-contract.yaml.
"""Alerts on one figure and one threshold: limits and guardrails."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..kpi.indicators import PREDICT, REQUESTS, selector
from . import series
from .alerts import Alert, Case, Group
from .promql import number, rate

if TYPE_CHECKING:
    from ..kpi.running import Guardrail, Limit


def record(guardrail: Guardrail) -> str:
    """Name the figure of a guardrail, so that alert, tests and dashboard speak of the same."""
    return f"guardrail:{guardrail.id.lower().replace('-', '_')}"


def guarded(guardrail: Guardrail, promql: str) -> Group:
    """Compile a guardrail that says how it is measured."""
    figure = record(guardrail)
    low = guardrail.op == "gte"
    lasting = max(1, round(guardrail.for_.total_seconds() / 60))
    alert = Alert(
        name=guardrail.id,
        expr=f"{figure} {'<' if low else '>'} {number(guardrail.value)}",
        severity="page",
        summary=f"A guardrail is broken: see {guardrail.id} in kpi-contract.yaml.",
        runbook="guardrail",
        of=guardrail.id,
        lasting=f"{lasting}m",
    )
    cases = _cases(
        alert, lasting, guardrail.value, lambda *held: {figure: series.steady(*held)}, low=low
    )
    records = {figure: promql.strip()}
    return Group(guardrail.id.lower(), (alert,), cases, records=records)


def measured(kind: str, job: str) -> str | None:
    """Give the PromQL of what a limit bounds; None: nothing measures it."""
    if kind == "throughput_rps":
        return rate(selector(REQUESTS, job, route=PREDICT), "5m")
    if kind == "model_age_seconds":
        return f"time() - max({selector('model_trained_timestamp_seconds', job)})"
    return None


def limited(limit: Limit, job: str) -> Group | None:
    """Compile a limit; None: nothing measures what it bounds."""
    figure = measured(limit.kind, job)
    if figure is None:
        return None
    throughput = limit.kind == "throughput_rps"
    lasting = 10 if throughput else 60
    alert = Alert(
        name=limit.id,
        expr=f"{figure} > {number(limit.value)}",
        severity="ticket",
        summary="More requests come than the service is promised to stand."
        if throughput
        else "The model is older than it may become.",
        runbook="throughput" if throughput else "model-age",
        of=limit.id,
        lasting=f"{lasting}m",
    )
    values = _traffic(job) if throughput else _trained(job)
    cases = _cases(alert, lasting, limit.value, values, low=False)
    return Group(limit.id.lower(), (alert,), cases)


Held = tuple[int, float]
Values = Callable[..., dict[str, str]]


def _cases(
    alert: Alert, lasting: int, value: float, values: Values, *, low: bool
) -> tuple[Case, ...]:
    """Test just above and below the bound, for long enough, too short, and until a moment ago."""
    step = 0.1 * abs(value) or 1.0
    bad, good = (value - step, value + step) if low else (value + step, value - step)
    settle = 10  # longer than any window here
    whole = settle + lasting + 5

    def case(name: str, fires: bool, *held: Held) -> Case:
        return Case(name, alert, values(*held), whole, fires)

    return (
        case("just beyond the bound", True, (whole + 1, bad)),
        case("just within", False, (whole + 1, good)),
        case("beyond it, but not for long", False, (settle + 7, good), (lasting - 1, bad)),
        case("not any more", False, (whole - settle, bad), (settle + 1, good)),
    )


def _traffic(job: str) -> Values:
    counter = selector(REQUESTS, job, route=PREDICT, status="200")

    def values(*held: Held) -> dict[str, str]:
        parts = [series.Part(minutes, per_second) for minutes, per_second in held]
        scale = 60 / series.PER_MINUTE
        return {counter: series.counted(parts, lambda per_second: per_second * scale)}

    return values


def _trained(job: str) -> Values:
    gauge = selector("model_trained_timestamp_seconds", job)

    def values(*held: Held) -> dict[str, str]:
        # The clock of a test goes on from 0, and what is as old as before was trained later.
        passed, runs = 0, []
        for minutes, age in held:
            if minutes:
                runs.append(f"{60 * passed - age:.10g}+60x{minutes - 1}")
            passed += minutes
        return {gauge: " ".join(runs)}

    return values
