# Managed by poc2prod; extend in kpi-contract.yaml.
"""How the service's own metrics, see serving/telemetry.py, measure an objective."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .running import Availability, Latency

PREDICT = "/predict"
REQUESTS = "http_requests_total"

_SIGNS = {"~": "=~", "!": "!~"}


class Indicator(NamedTuple):
    """Counters of good and of all requests, as selectors of Prometheus.

    Attributes:
        bad: empty where nothing counts them: a histogram only knows what was fast enough.
    """

    good: str
    total: str
    bad: str = ""


def of(slo: Availability | Latency, job: str) -> Indicator:
    """Give what an objective counts."""
    return availability(job) if slo.kind == "availability" else latency(job, slo.limit_ms)


def availability(job: str) -> Indicator:
    """Count the requests that the service did not fail to answer."""
    good, bad = (selector(REQUESTS, job, route=PREDICT, status=s) for s in ("!5..", "~5.."))
    return Indicator(good, selector(REQUESTS, job, route=PREDICT), bad)


def latency(job: str, limit_ms: float) -> Indicator:
    """Count the requests that were answered in time."""
    metric, limit = "http_request_duration_seconds", repr(limit_ms / 1000)  # as the label has it
    good = selector(f"{metric}_bucket", job, route=PREDICT, le=limit)
    return Indicator(good, selector(f"{metric}_count", job, route=PREDICT))


def selector(metric: str, job: str, **labels: str) -> str:
    """Select a metric of the service. ~ begins a regular expression, ! one that must not match.

    >>> selector("http_requests_total", "pumps", route="/predict", status="~5..")
    'http_requests_total{job="pumps", route="/predict", status=~"5.."}'
    """
    matchers = [f'job="{job}"']
    for name, value in labels.items():
        matchers.append(f'{name}{_SIGNS.get(value[0], "=")}"{value.lstrip("~!")}"')
    return f"{metric}{{{', '.join(matchers)}}}"


def duration(window: timedelta) -> str:
    """Write a window as Prometheus and OpenSLO do; a minute is the smallest.

    >>> duration(timedelta(days=30)), duration(timedelta(minutes=90))
    ('30d', '90m')
    """
    for unit, length in (("d", timedelta(days=1)), ("h", timedelta(hours=1))):
        if not window % length:
            return f"{window // length}{unit}"
    return f"{max(1, window // timedelta(minutes=1))}m"
