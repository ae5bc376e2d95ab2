# Managed by poc2prod; extend with a command of your own: a module here with a function `run`.
"""Follow the business KPIs from the baseline to the target."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

Contract = Annotated[Path, typer.Argument(help="The contract.")]
Today = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="As if it were this day; else the day here (TZ)."),
]
