# Managed by poc2prod; extend with a command of your own beside it.
"""`kpi example`: what a file of measured values looks like."""

from datetime import date
from pathlib import Path

from . import Contract, Today


def run(
    contract: Contract = Path("kpi-contract.yaml"),
    today: Today = None,
) -> None:
    """Print simulated values of the contract's KPIs as CSV, to try the report and to fill in."""
    from ... import kpi
    from ...kpi.simulated import rows

    day = today.date() if today else date.today()
    for row in rows(kpi.load(contract).business_kpis, day):
        print(",".join(row))
