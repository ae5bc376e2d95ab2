# Managed by poc2prod; extend in a module of your own beside it.
"""KPIs, their contract, and values of them, for the tests of the report."""

from datetime import date, timedelta

from conftest import CONTRACT, run
from package import load

people = load("ops.kpi.people")
progress = load("ops.kpi.progress")
Reading = load("ops.kpi.measured").Reading

OLD = (
    "{id: BK-1, name: N, unit: hour, direction: decrease, baseline: {value: 2}, target: {value: 1}}"
)
FULL = (
    "{id: BK-1, name: Downtime, unit: hour, direction: decrease, floor: 5.8, cadence: P1M,"
    " baseline: {value: 6.4, to: 2026-06-30}, target: {value: 4.8, by: 2027-06-30},"
    " if_missed: {after_periods: 2, action: pause_rollout, decider: Head of Maintenance}}"
)
GATES = "model_quality: {gates: [{id: MQ-1, metric: r2, op: gte, value: 0.5}]}\n"
HEADER = "kpi,period_start,period_end,value"
JULY, AUGUST = "BK-1,2026-07-01,2026-07-31,", "BK-1,2026-08-01,2026-08-31,"
TODAY = "2026-09-15"


def reporter(directory):
    """Return what writes a contract and, unless None, values; then runs the report."""

    def write_and_run(values, kpi=FULL, today=TODAY):
        assert OLD in CONTRACT
        contract = CONTRACT.replace(OLD, kpi) + GATES
        (directory / "kpi-contract.yaml").write_text(contract, encoding="utf-8")
        if isinstance(values, str):
            values = values.encode()
        if values is not None:
            (directory / "kpi-values.csv").write_bytes(values)
        return run(directory, "kpi", "report", "--today", today)

    return write_and_run


def rows(*lines, header=HEADER):
    return "\n".join((header, *lines, ""))


def standing(
    values, direction="decrease", levels=(6.4, 5.8, 4.8), first=date(2026, 7, 1), name="N"
):
    baseline, floor, target = levels
    kpi = people.BusinessKpi.model_validate(
        {
            "id": "BK-1",
            "name": name,
            "unit": "hour",
            "direction": direction,
            "floor": floor,
            "baseline": {"value": baseline, "to": date(2026, 6, 30)},
            "target": {"value": target, "by": date(2027, 6, 30)},
            "if_missed": {"after_periods": 2, "action": "review", "decider": "D"},
        }
    )
    readings, day = [], first
    for value in values:
        end = progress.following(day - timedelta(days=1), timedelta(days=30))
        if value is not None:
            readings.append(Reading(day, end, value, "", ""))
        day = end + timedelta(days=1)
    return progress.Progress(kpi, tuple(readings), day)
