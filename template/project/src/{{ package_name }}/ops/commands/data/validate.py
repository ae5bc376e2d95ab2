# Managed by poc2prod; extend with a command of your own beside it.
"""`data validate`: separates the rows of a table that keep to the data contract from the others."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    source: Annotated[str, typer.Argument(help="CSV or Parquet; or a directory or pattern.")],
    output: Annotated[Path, typer.Argument(help="A directory.")],
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove parts that the source no longer has.")
    ] = False,
) -> None:
    """Write the rows that keep to the data contract, and the others with the reasons.

    It is done in parts, by as many workers as settings.toml says; a part that is done is left
    alone.
    """
    from ...data import jobs, runs
    from ...settings import settings

    job = jobs.validate(Path("data-contract.yaml"), output, settings().max_rejected_share)
    manifest = runs.start(source, job, settings(), prune=prune)
    print(f"{output}: {manifest['rows']:,} rows, {manifest['rejected']:,} rejected")
    for reason, count in manifest["reasons"].items():
        print(f"{count:,} rows: {reason}")
