# Managed by poc2prod; extend in kpi-contract.yaml.
"""Made-up measurements for the tests of alerts, one a minute: sparser ones would go stale."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

PER_MINUTE = 1_000_000


class Part(NamedTuple):
    """So many minutes in which a share of the requests is bad."""

    minutes: int
    bad: float


def counted(parts: Sequence[Part], share: Callable[[float], float]) -> str:
    """Count a share of the requests, in promtool's notation: start+step x repetitions.

    >>> counted([Part(3, 0), Part(2, 0.5)], lambda bad: bad)
    '0+0x3 500000+500000x1'
    """
    total = 0
    runs: list[str] = []
    for part in parts:
        if part.minutes:
            step = round(PER_MINUTE * share(part.bad))
            first = len(runs) == 0
            start = total if first else total + step
            runs.append(f"{start}+{step}x{part.minutes if first else part.minutes - 1}")
            total += step * part.minutes
    return " ".join(runs) or "0+0x0"


def events(at: Sequence[int], minutes: int, busy: int = 0) -> str:
    """Count one event at each of these minutes, after so many busy ones.

    >>> events([4, 6], 7, busy=2)
    '0+1000000x2 2000000+0x0 2000001+0x1 2000002+0x1'
    """
    runs = [f"0+{PER_MINUTE}x{busy}"]
    starts, ends = [busy + 1, *at], [*at, minutes + 1]
    for count, (start, end) in enumerate(zip(starts, ends, strict=True)):
        runs.append(f"{busy * PER_MINUTE + count}+0x{end - start - 1}")
    return " ".join(runs)


def steady(*parts: tuple[int, float]) -> str:
    """Hold values, each for so many minutes.

    >>> steady((3, 1.5), (1, -2))
    '1.5+0x2 -2+0x0'
    """
    return " ".join(f"{value:.10g}+0x{minutes - 1}" for minutes, value in parts if minutes)
