# Managed by poc2prod; extend in kpi-contract.yaml.
"""Alerts on how fast an SLO's error budget burns, over a long and a short window at once.

The long window says that it matters, the short one that it still goes on. A page: 2 % of a month's
budget in an hour, or 5 % in six. A ticket: 10 % in three days; a pair for one day would add
nothing, because whatever burns 10 % in a day has burnt them in three.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..kpi import indicators
from ..kpi.indicators import PREDICT, REQUESTS, Indicator, selector
from ..kpi.running import BURN_RATES, Availability, Latency, can_fire
from . import series
from .alerts import Alert, Case, Group, Severity
from .promql import minutes, number, rate

HORIZON = 480
"""Minutes that a test sees: a window of days is as full of errors as the part that has data."""


@dataclass(frozen=True)
class Sli:
    """The share of bad requests, and what the service would export of them.

    Attributes:
        good: series that count good requests; `bad` and `all` likewise.
        ratio: PromQL of the share of bad ones, with $w for the window.
    """

    ratio: str
    good: str
    bad: str | None
    all: str | None
    means: str

    def over(self, window: str) -> str:
        """Give the share over a window."""
        return self.ratio.replace("$w", window)

    def values(self, *parts: series.Part) -> dict[str, str]:
        """Give the series of requests of which a share is bad, part after part."""
        made = {self.good: series.counted(parts, lambda bad: 1 - bad)}
        if self.bad:
            made[self.bad] = series.counted(parts, lambda bad: bad)
        if self.all:
            made[self.all] = series.counted(parts, lambda _: 1)
        return made


def availability(job: str) -> Sli:
    """Requests that the service failed to answer."""
    counted = indicators.availability(job)
    good, bad = (selector(REQUESTS, job, route=PREDICT, status=s) for s in ("200", "503"))
    return Sli(_ratio(counted), good, bad, None, "requests fail")


def latency(job: str, limit_ms: float) -> Sli:
    """Requests that were answered too late."""
    counted = indicators.latency(job, limit_ms)
    means = f"requests take longer than {number(limit_ms)} ms"
    return Sli(_ratio(counted), counted.good, None, counted.total, means)


def of(slo: Availability | Latency, job: str) -> Sli:
    """Give what an SLO is about."""
    return availability(job) if slo.kind == "availability" else latency(job, slo.limit_ms)


def _ratio(counted: Indicator) -> str:
    total = rate(counted.total, "$w")
    if counted.bad:
        return f"{rate(counted.bad, '$w')} / {total}"
    return f"1 - {rate(counted.good, '$w')} / {total}"


@dataclass(frozen=True)
class Pair:
    """The share of bad requests from which on two windows together fire."""

    long: str
    short: str
    threshold: float

    def expr(self, sli: Sli) -> str:
        """Give the condition."""
        limit = number(self.threshold)
        return f"{sli.over(self.long)} > {limit}\nand\n{sli.over(self.short)} > {limit}"

    def cases(self, alert: Alert, sli: Sli, most: float) -> Iterator[Case]:
        """Give pairs of cases just above and below, with no share above `most`."""
        long, short = min(minutes(self.long), HORIZON), minutes(self.short)
        above, below = min(1.1 * self.threshold, (1 + self.threshold) / 2), 0.9 * self.threshold

        def case(name: str, fires: bool, *parts: series.Part) -> Case:
            rest = HORIZON - sum(part.minutes for part in parts)
            values = sli.values(series.Part(rest, 0), *parts)
            return Case(f"{self.long} and {self.short}: {name}", alert, values, HORIZON, fires)

        yield case("just above", True, series.Part(min(long + short, HORIZON), above))
        yield case("just below", False, series.Part(min(long + short, HORIZON), below))
        # In the long window below, in the short one above: it may pass by itself.
        lasted = max(short, -int(-below * long // most))
        begun = series.Part(lasted, below * long / lasted)
        yield case("begun a moment ago", False, begun)
        # And the other way round: it is over, or nearly.
        before = min(1.0, (1.1 * self.threshold * long - below * short) / (long - short))
        eased = (series.Part(long - short, before), series.Part(short, below))
        yield case("not any more", False, *eased)


def thresholds(objective: float, *wanted: tuple[float, str, str]) -> list[Pair]:
    """Turn burn rates into shares of bad requests.

    No more than all requests can be bad: where a burn rate asks for that, half of what is between
    the budget and all of them is the threshold. A pair that the one before implies is left out.
    """
    budget = 1 - objective
    pairs: list[Pair] = []
    for burn_rate, long, short in wanted:
        share = burn_rate * budget if can_fire(burn_rate, objective) else (1 + budget) / 2
        pair = Pair(long, short, share)
        if not pairs or pair.threshold * 1.25 <= pairs[-1].threshold:
            pairs.append(pair)
    return pairs


_FAST = ((BURN_RATES[0], "1h", "5m"), (BURN_RATES[1], "6h", "30m"))
_SLOW = ((BURN_RATES[2], "3d", "6h"),)


def group(slo: Availability | Latency, job: str) -> Group:
    """Compile an SLO."""
    sli = of(slo, job)
    alerts: list[Alert] = []
    cases: list[Case] = []
    speeds: tuple[tuple[str, Severity, tuple[tuple[float, str, str], ...]], ...]
    speeds = (("fast", "page", _FAST), ("slow", "ticket", _SLOW))
    for speed, severity, wanted in speeds:
        pairs = thresholds(slo.objective, *wanted)
        alert = Alert(
            name=f"{slo.id}-{speed}-burn",
            expr="\nor\n".join(f"({pair.expr(sli)})" for pair in pairs) + "\n",
            severity=severity,
            summary=f"So many {sli.means} that the objective of {slo.objective:.10g} is at risk.",
            runbook=slo.kind,
            of=slo.id,
        )
        alerts.append(alert)
        for number_, pair in enumerate(pairs):
            most = 0.9 * pairs[0].threshold if number_ else 1.0
            cases += pair.cases(alert, sli, most)
        quiet = (("all is well", series.Part(HORIZON, 0)), ("no requests", series.Part(0, 0)))
        cases += [Case(name, alert, sli.values(part), HORIZON, False) for name, part in quiet]
    return Group(slo.id.lower(), tuple(alerts), tuple(cases), every="1h")
