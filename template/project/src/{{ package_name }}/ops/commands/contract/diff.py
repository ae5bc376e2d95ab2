# Managed by poc2prod; extend with a command of your own beside it.
"""`contract diff`: what a change of the contract asks of whom."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    old: Annotated[Path, typer.Argument(help="The contract before.")],
    new: Annotated[Path, typer.Argument(help="The contract after.")] = Path("kpi-contract.yaml"),
) -> None:
    """Class each change of the contract. Exit status 1: its version was not raised enough."""
    from ... import kpi
    from ...kpi.difference import compare

    difference = compare(kpi.load(old), kpi.load(new))
    for change in difference.changes:
        print(change)
    if not difference.changes:
        print("nothing has changed")
    if difference.needs_approval:
        print("needs new approvals by business and operations")
    if difference.missing_version:
        print(f"{new}: metadata.version: raise it to {difference.missing_version} at least")
        raise typer.Exit(1)
