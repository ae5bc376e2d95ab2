# Managed by poc2prod; extend with a command of your own beside it.
"""`contract openslo`: the objectives in the words of other tools."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    contract: Annotated[Path, typer.Argument(help="The contract.")] = Path("kpi-contract.yaml"),
) -> None:
    """Print the service level objectives as OpenSLO v1."""
    from ... import kpi
    from ...kpi.openslo import export

    print(export(kpi.load(contract)), end="")
