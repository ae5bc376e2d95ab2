# Managed by poc2prod; extend with a command of your own beside it.
"""`kpi report`: the measured values against baseline, target and floor."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from . import Contract, Today


def run(
    contract: Contract = Path("kpi-contract.yaml"),
    output: Annotated[Path, typer.Option(help="Where to write.")] = Path("build/kpi"),
    today: Today = None,
) -> None:
    """Report how far each business KPI is. Exit status 1: the contract asks for a decision."""
    from ... import kpi
    from ...kpi import measured, report
    from ...kpi.progress import Progress
    from ...kpi.words import decision
    from ...settings import settings

    day = today.date() if today else date.today()
    kpis = kpi.load(contract).business_kpis
    values = measured.read(kpis, day, settings().kpi_values, settings().kpi_database)
    standing = [Progress(item, values[item.id], day) for item in kpis]
    print(report.table(standing))
    print(report.write(standing, output))
    decisions = [each for each in standing if each.asks_for_decision]
    for each in decisions:
        print(f"decision due: {each.kpi.id}: {decision(each)}")
    if decisions:
        raise typer.Exit(1)
