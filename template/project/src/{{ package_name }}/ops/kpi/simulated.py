# Managed by poc2prod; extend in kpi-contract.yaml.
"""SIMULATED values of KPIs, to try the report with: nothing in them was ever measured."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import cycle, islice

from .people import BusinessKpi
from .progress import following
from .sources import COLUMNS, OPTIONAL

_MONTH, _MOST = timedelta(days=30), 24
_WOBBLE = (0.08, -0.05, 0.02, -0.1, 0.06)  # of the way from baseline to target


def rows(kpis: Sequence[BusinessKpi], today: date) -> Iterator[tuple[str, ...]]:
    """Yield the header and, per KPI that no query measures, periods that are over."""
    yield *COLUMNS, OPTIONAL
    for kpi in kpis:
        if kpi.measured_by and kpi.measured_by.kind == "query":
            continue
        start, end = kpi.baseline.value, kpi.target.value
        start = (end or 0.0) * 1.2 if start is None else start
        end = start * 0.8 if end is None else end
        periods = list(_periods(kpi, today))
        for number, (first, last) in enumerate(periods, start=1):
            wobble = next(islice(cycle(_WOBBLE), number, None))
            value = start + (end - start) * (number / len(periods) + wobble)
            yield kpi.id, str(first), str(last), f"{value:.4g}", "simulated"


def _periods(kpi: BusinessKpi, today: date) -> Iterator[tuple[date, date]]:
    cadence = kpi.cadence or _MONTH
    end = kpi.baseline.to
    if end is None or following(end, cadence) >= today:
        end = today - 7 * max(cadence, timedelta(days=1))
        if not cadence % _MONTH:
            end = end.replace(day=1) - timedelta(days=1)
    for _ in range(_MOST):
        first, end = end + timedelta(days=1), following(end, cadence)
        if end >= today:
            break
        yield first, end
