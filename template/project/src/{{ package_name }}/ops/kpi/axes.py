# Managed by poc2prod; extend in a module of your own that imports it.
"""Where the ticks of a picture's axes are, and what they say."""

import math
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from .words import MONTHS, number

_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000)
_FEWEST_DAYS = 75  # shorter spans get days


def amounts(values: Sequence[float]) -> list[tuple[float, str]]:
    """Choose round numbers around some values, the first below and the last above all."""
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    low = 0.0 if 0 <= low <= high / 3 else low - room
    high += room
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    digits = max(0, math.ceil(-math.log10(step) - 1e-9) + (round(step / power, 6) == 2.5))
    ticks = [index * step for index in range(first, last + 1)]
    if abs(high) >= 1e7:
        return [(tick, number(tick)) for tick in ticks]
    return [(tick, f"{tick:,.{digits}f}") for tick in ticks]


def days(first: date, last: date) -> list[tuple[date, str]]:
    """Choose days between two: ends of months, or of a short span every few days.

    A month is named at its end, where a picture has the value of the period that is over then.
    """
    span = (last - first).days
    if span < _FEWEST_DAYS:
        step = timedelta(days=max(1, math.ceil(span / 6)))
        shown = [first + index * step for index in range(span // step.days + 1)]
        return [(each, f"{each.day} {MONTHS[each.month - 1]}") for each in shown]
    begin, end = (each.year * 12 + each.month - 1 for each in (first, last))
    months = next(step for step in _MONTH_STEPS if (end - begin) / step <= 7)
    numbers = (divmod(month, 12) for month in range(begin, end + 1) if (month + 1) % months == 0)
    ends = [date(year, month + 1, monthrange(year, month + 1)[1]) for year, month in numbers]
    return [(each, f"{MONTHS[each.month - 1]} {each.year}") for each in ends if each <= last]
