# Managed by poc2prod; extend in a module of your own beside it.
"""KPIs, their contract, and values of them, for the tests of the report."""

from conftest import CONTRACT, run

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
