# Managed by poc2prod; extend in kpi-contract.yaml.
"""Alerts that any service needs, whatever is promised of it: is it there, and is it seen?"""

from collections.abc import Iterable

from ..kpi.indicators import selector
from .alerts import Alert, Case, Group


def group(job: str, needed: Iterable[str]) -> Group:
    """Compile them; `needed` selects what other alerts look at."""
    up, ready = selector("up", job), selector("service_ready", job)
    gone = "\n  or\n".join(f"  absent({metric})" for metric in sorted({ready, *needed}))
    watchdog = Alert(
        "Watchdog",
        "vector(1)",
        "none",
        "Always fires: whoever receives it raises the alarm when it stops coming.",
        "watchdog",
    )
    down = Alert(
        "ServiceDown",
        f"(sum({up}) or vector(0)) == 0",
        "page",
        "No instance of the service answers Prometheus.",
        "service-down",
        lasting="1m",
    )
    not_ready = Alert(
        "ServiceNotReady",
        f"max({ready}) == 0",
        "page",
        "The service runs, but no instance has a model to answer with.",
        "service-not-ready",
        lasting="2m",
    )
    blind = Alert(
        "MetricsMissing",
        f"count(\n{gone}\n) > 0\nand\nsum({up}) > 0\n",
        "ticket",
        "The service runs without metrics that other alerts look at, so these are blind.",
        "metrics-missing",
        lasting="10m",
    )
    there = dict.fromkeys([ready, *needed], "1x20")
    return Group(
        "service",
        (watchdog, down, not_ready, blind),
        (
            Case("always", watchdog, {}, 1, fires=True),
            Case("killed", down, {up: "1x4 0x6"}, 10, fires=True),
            Case("never seen", down, {}, 10, fires=True),
            Case("back again", down, {up: "1x4 0x3 1x3"}, 10, fires=False),
            Case("for seconds only", down, {up: "1x8 0x1"}, 9, fires=False),
            Case("up", down, {up: "1x10"}, 10, fires=False),
            Case("no model", not_ready, {ready: "0x10"}, 10, fires=True),
            Case("no model for seconds", not_ready, {ready: "1x8 0x1"}, 9, fires=False),
            Case("a model", not_ready, {ready: "1x10"}, 10, fires=False),
            Case("a model again", not_ready, {ready: "0x8 1x2"}, 10, fires=False),
            *(
                Case(
                    f"without {metric.partition('{')[0]}",
                    blind,
                    {up: "1x20", **{name: v for name, v in there.items() if name != metric}},
                    20,
                    fires=True,
                )
                for metric in there
            ),
            Case("just started", blind, {up: "1x5"}, 5, fires=False),
            Case("all there", blind, {up: "1x20", **there}, 20, fires=False),
            Case("down, which is another's", blind, {up: "0x20"}, 20, fires=False),
        ),
    )
