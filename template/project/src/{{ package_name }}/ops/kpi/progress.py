# Managed by poc2prod; extend in kpi-contract.yaml.
"""How far a business KPI is on its way from the baseline to the target, by what was measured."""

import math
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from .measured import Reading
from .people import BusinessKpi

_DAY, _MONTH = timedelta(days=1), timedelta(days=30)


@dataclass(frozen=True)
class Progress:
    """A KPI, what was measured of it, and the day of the report."""

    kpi: BusinessKpi
    readings: tuple[Reading, ...]
    today: date

    @property
    def counted(self) -> tuple[Reading, ...]:
        """The periods after the baseline's: before, there was no model to judge."""
        return tuple(reading for reading in self.readings if self.counts(reading))

    @property
    def latest(self) -> Reading | None:
        """The last period that counts."""
        return self.counted[-1] if self.counted else None

    @property
    def due(self) -> date | None:
        """The day by which the next value is known, or None where nobody can tell."""
        last = self.latest.end if self.latest else self.kpi.baseline.to
        if last is None or self.kpi.cadence is None:
            return None
        by = self.kpi.measured_by
        return following(last, self.kpi.cadence) + ((by and by.label_lag) or timedelta())

    @property
    def late(self) -> bool:
        """Whether a value should be there by now."""
        return self.due is not None and self.due < self.today

    @property
    def change(self) -> float | None:
        """From the baseline."""
        start = self.kpi.baseline.value
        return None if self.latest is None or start is None else self.latest.value - start

    @property
    def distance(self) -> float | None:
        """What is left to the target; 0 or less when it is reached."""
        end = self.kpi.target.value
        return None if self.latest is None or end is None else self._better(end, self.latest.value)

    @property
    def planned(self) -> float | None:
        """What the latest value should be on a straight line from baseline to target."""
        start, end = self.kpi.baseline, self.kpi.target
        if self.latest is None or start.value is None or end.value is None:
            return None
        if start.to is None or end.by is None:
            return None
        days, passed = (end.by - start.to).days, (self.latest.end - start.to).days
        share = min(passed / days, 1) if days > 0 else 1
        return start.value + (end.value - start.value) * share

    @property
    def on_track(self) -> bool | None:
        """Whether the latest value is as good as planned."""
        if self.latest is None or self.planned is None:
            return None
        near = math.isclose(self.latest.value, self.planned, rel_tol=1e-9, abs_tol=1e-12)
        return near or self._better(self.latest.value, self.planned) > 0

    @property
    def missed(self) -> int:
        """How many of the last periods in a row are worse than the floor.

        One that was not measured neither counts nor ends the row: not to look would be a way out.
        """
        row = 0
        for reading in reversed(self.counted):
            if not self.misses(reading):
                break
            row += 1
        return row

    @property
    def asks_for_decision(self) -> bool:
        """Whether the floor is missed for so long that the contract asks for a decision."""
        rule = self.kpi.if_missed
        return rule is not None and self.missed >= rule.after_periods

    def misses(self, reading: Reading) -> bool:
        """Whether a period that counts is worse than the floor."""
        floor = self.kpi.floor
        worse = floor is not None and self._better(floor, reading.value) > 0
        return worse and self.counts(reading)

    def counts(self, reading: Reading) -> bool:
        """Whether a period is after the baseline's."""
        end = self.kpi.baseline.to
        return end is None or reading.start > end

    def _better(self, a: float, b: float) -> float:
        """By how much `a` is better than `b`."""
        return a - b if self.kpi.direction == "increase" else b - a


def following(end: date, cadence: timedelta) -> date:
    """Return the last day of the period after the one that ends on a day.

    The contract counts a month as 30 days; measured months are the calendar's.
    """
    months, rest = divmod(cadence, _MONTH)
    if rest:
        return end + max(cadence, _DAY)
    first = end + _DAY
    years, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + years, month + 1
    return date(year, month, min(first.day, monthrange(year, month)[1])) - _DAY
