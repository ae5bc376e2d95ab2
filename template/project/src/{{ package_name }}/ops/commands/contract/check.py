# Managed by poc2prod; extend with a command of your own beside it.
"""`contract check`: is the contract valid, and what is left to write."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    contract: Annotated[Path, typer.Argument(help="The contract.")] = Path("kpi-contract.yaml"),
) -> None:
    """Say what is wrong or unknown in the KPI contract. Exit status 1: it can't be used."""
    from ... import kpi

    findings = kpi.check(contract)
    for kind in ("error", "warning", "incomplete"):
        for finding in findings:
            if finding.kind == kind:
                print(finding if kind == "error" else f"{finding} ({kind})")
    kinds = [finding.kind for finding in findings]
    if "error" in kinds:
        raise typer.Exit(1)
    status = kpi.load(contract).metadata.status
    unknown = f", with {kinds.count('incomplete')} values unknown" if "incomplete" in kinds else ""
    print(f"{contract}: valid, {status}{unknown}")
