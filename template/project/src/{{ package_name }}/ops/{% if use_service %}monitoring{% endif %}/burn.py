# Managed by poc2prod; extend in kpi-contract.yaml.
"""Alerts on how fast an SLO's error budget burns, over a long and a short window at once.

The long window says that it matters, the short one that it still goes on. A page: 2 % of a month's
budget in an hour, or 5 % in six. A ticket: 10 % in three days; a pair for one day would add
nothing, because whatever burns 10 % in a day has burnt them in three. Of a request every ten
minutes, one bad one would be a page; so nobody is called for fewer than three.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..kpi import indicators
from ..kpi.indicators import PREDICT, REQUESTS, selector
from ..kpi.rates import BURN_RATES, can_fire
from . import series
from .alerts import Alert, Case, Group, Severity
from .promql import minutes, number, rate

if TYPE_CHECKING:
    from ..kpi.running import Availability, Latency

FEWEST = 3
"""Bad requests in the long window, for an alert. Not of all requests, or where hardly any come, a
service that answers none of them would go unnoticed."""

HORIZON = 480
"""Minutes that a test sees: a window of days is as full of errors as the part that has data."""


class Sli(NamedTuple):
    """The bad requests, and what the service would export of them.

    Attributes:
        ratio: PromQL of the share of bad ones, with $w for the window.
        bad: likewise how many there are.
        good: a series that counts good requests.
        other: one that counts bad ones, or `all_` where nothing counts just these.
        means: what is wrong, in words.
    """

    ratio: str
    bad: str
    good: str
    other: str
    all_: bool
    means: str

    def over(self, window: str) -> str:
        """Give the share over a window."""
        return self.ratio.replace("$w", window)

    def fewest(self, window: str) -> str:
        """Require that there are some bad ones in a window; increase() is never quite whole."""
        return f"{self.bad.replace('$w', window)} > {FEWEST - 0.5}"

    def values(self, *parts: series.Part) -> dict[str, str]:
        """Give the series of requests of which a share is bad, part after part."""
        return {
            self.good: series.counted(parts, lambda bad: 1 - bad),
            self.other: series.counted(parts, lambda bad: 1 if self.all_ else bad),
        }

    def failures(self, at: Sequence[int], busy: int = 0) -> dict[str, str]:
        """Give the series of few requests, all of them bad, after so many busy minutes."""
        good = series.events([], HORIZON, busy)
        return {self.good: good, self.other: series.events(at, HORIZON, busy if self.all_ else 0)}


def availability(job: str) -> Sli:
    """Requests that the service failed to answer."""
    counted = indicators.availability(job)
    good, bad = (selector(REQUESTS, job, route=PREDICT, status=s) for s in ("200", "503"))
    return Sli(
        f"{rate(counted.bad, '$w')} / {rate(counted.total, '$w')}",
        f"sum(increase({counted.bad}[$w]))",
        good,
        bad,
        all_=False,
        means="requests fail",
    )


def latency(job: str, limit_ms: float) -> Sli:
    """Requests that were answered too late."""
    counted = indicators.latency(job, limit_ms)
    return Sli(
        f"1 - {rate(counted.good, '$w')} / {rate(counted.total, '$w')}",
        f"sum(increase({counted.total}[$w])) - sum(increase({counted.good}[$w]))",
        counted.good,
        counted.total,
        all_=True,
        means=f"requests take longer than {number(limit_ms)} ms",
    )


def of(slo: Availability | Latency, job: str) -> Sli:
    """Give what an SLO is about."""
    return availability(job) if slo.kind == "availability" else latency(job, slo.limit_ms)


class Pair(NamedTuple):
    """The share of bad requests from which on two windows together fire."""

    long: str
    short: str
    threshold: float

    def expr(self, sli: Sli) -> str:
        """Give the condition."""
        limit = number(self.threshold)
        shares = (f"{sli.over(window)} > {limit}" for window in (self.long, self.short))
        return "\nand\n".join((*shares, sli.fewest(self.long)))

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
        # Few of few, where a shorter pair of windows sees fewer, and a longer one many good ones.
        busy = HORIZON - long
        few = sli.failures([*(busy + 5 * n for n in range(1, FEWEST)), HORIZON - 2], busy)
        yield Case(f"{self.long} and {self.short}: few, all bad", alert, few, HORIZON, fires=True)


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
        fewer = sli.failures(range(HORIZON - FEWEST, HORIZON - 1))
        cases.append(Case("fewer bad ones than matter", alert, fewer, HORIZON, fires=False))
    return Group(slo.id.lower(), tuple(alerts), tuple(cases), every="1h")
