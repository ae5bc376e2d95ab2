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
    if "error" in kinds or (contract == Path("kpi-contract.yaml") and _differ()):
        raise typer.Exit(1)
    status = kpi.load(contract).metadata.status
    unknown = f", with {kinds.count('incomplete')} values unknown" if "incomplete" in kinds else ""
    print(f"{contract}: valid, {status}{unknown}")


def _differ() -> bool:
    """Say where the project's contracts and settings differ on what is personal."""
    from ... import contract, kpi
    from ...data import agreement
    from ...settings import settings

    if not contract.PATH.exists():
        return False
    declared, said = contract.load(), kpi.load().privacy
    found = [
        *agreement.refused(declared, said),
        *agreement.differences(declared, said, settings()),
    ]
    for line in found:
        print(line)
    return bool(found)
