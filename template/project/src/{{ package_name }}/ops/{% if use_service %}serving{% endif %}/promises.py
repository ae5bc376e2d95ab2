# Managed by poc2prod; extend in kpi-contract.yaml.
"""What the KPI contract promises of a service under load, and whether an answer kept to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..kpi.running import Latency, Nonfunctional, Slo

_SENT_SHARE = 0.95  # of the load, for a test to say anything
_HEADER = ("promise", "what", "measured", "promised", "verdict")


@dataclass(frozen=True)
class Answer:
    """What became of a request, in seconds since the test began."""

    due: float
    sent: float | None
    """None: its turn never came."""
    ended: float
    status: int | None
    """None: there was no answer."""

    @property
    def milliseconds(self) -> float:
        """From when it should have been sent, so that waiting to be sent counts too."""
        return math.inf if self.status is None else (self.ended - self.due) * 1000

    @property
    def failed(self) -> bool:
        """Whether it spends the error budget of availability."""
        return self.status is None or self.status >= 500


@dataclass(frozen=True)
class Verdict:
    """A promise, and what came of it."""

    promise: str
    what: str
    measured: str
    promised: str
    kept: bool
    reason: str = ""
    """What the columns don't say of a miss."""


def load(promised: Nonfunctional) -> tuple[str, float]:
    """Name the greatest load that is promised, and give it in requests a second; 1 without one."""
    limits = [limit for limit in promised.limits if limit.kind == "throughput_rps"]
    if not limits:
        return "no limit", 1.0
    greatest = max(limits, key=lambda limit: limit.value)
    return greatest.id, greatest.value


def slowest_ms(promised: Nonfunctional) -> float:
    """Give the latest that an answer is promised; 0 without a promise."""
    return max((slo.limit_ms for slo in promised.slos if isinstance(slo, Latency)), default=0.0)


def quantile(values: Sequence[float], share: float) -> float:
    """Give the least value that at least this share of the values does not exceed."""
    # Rounded, because 0.07 * 100 is more than 7.
    return sorted(values)[max(1, math.ceil(round(share * len(values), 9))) - 1]


def achieved(answers: Sequence[Answer], per_second: float) -> float:
    """Give the requests a second that were really sent."""
    sent = [answer.sent for answer in answers if answer.sent is not None]
    return len(sent) / (max(sent) + 1 / per_second) if sent else 0.0


def judge(promised: Nonfunctional, answers: Sequence[Answer]) -> list[Verdict]:
    """Compare the answers with the load and with each objective."""
    return [_sent(promised, answers), *(_judged(slo, answers) for slo in promised.slos)]


def table(verdicts: Sequence[Verdict]) -> str:
    """Give a line per promise, in columns, and what else must be known."""
    rows = [_HEADER]
    for each in verdicts:
        kept = "kept" if each.kept else "MISSED"
        rows.append((each.promise, each.what, each.measured, each.promised, kept))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)) for row in rows)
    reasons = (f"{each.promise}: {each.reason}" for each in verdicts if each.reason)
    return "\n".join([*(line.rstrip() for line in lines), *reasons])


def _sent(promised: Nonfunctional, answers: Sequence[Answer]) -> Verdict:
    name, wanted = load(promised)
    rate = achieved(answers, wanted)
    kept = rate >= _SENT_SHARE * wanted
    reason = (
        "the service was too slow to take the load: its answers kept every connection busy, unless"
        " this machine was too busy to send"
    )
    promise = f"{wanted:g} requests/s"
    return Verdict(name, "load sent", f"{rate:.4g}", promise, kept, "" if kept else reason)


def _judged(slo: Slo, answers: Sequence[Answer]) -> Verdict:
    if slo.kind == "availability":
        failed = sum(answer.failed for answer in answers)
        share = 1 - failed / len(answers)
        kept = share >= slo.objective
        reason = "" if kept else f"{failed} of {len(answers)} requests: {_failures(answers)}"
        measured, promise = f"{share:.3%}", f"at least {100 * slo.objective:g}%"
        return Verdict(slo.id, "availability", measured, promise, kept, reason)
    latency = quantile([answer.milliseconds for answer in answers], slo.quantile)
    measured = f"{latency:.1f} ms" if math.isfinite(latency) else "no answer"
    what, promise = f"p{100 * slo.quantile:g} latency", f"at most {slo.limit_ms:g} ms"
    return Verdict(slo.id, what, measured, promise, latency <= slo.limit_ms)


def _failures(answers: Sequence[Answer]) -> str:
    kinds = [answer.status for answer in answers if answer.failed]
    counted = {kind: kinds.count(kind) for kind in kinds}
    return ", ".join(
        f"{count} without an answer" if kind is None else f"{count} answered {kind}"
        for kind, count in counted.items()
    )
