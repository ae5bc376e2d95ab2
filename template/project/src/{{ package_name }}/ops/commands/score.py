# Managed by poc2prod; extend with a command of your own beside it.
"""`score`: predictions for a whole file."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    source: Annotated[Path, typer.Argument(help="CSV or Parquet.")],
    output: Annotated[Path, typer.Argument(help="CSV or Parquet.")],
) -> None:
    """Write a copy of a file with the champion's predictions beside each row."""
    from .. import registry, scoring
    from ..predictor import Predictor
    from ..settings import settings

    version = registry.champion(settings().models)
    predictor = Predictor(version)
    model = f"{version.name} {predictor.metadata.digest[:12]}"
    rows = scoring.score(source, output, predictor, model)
    print(f"{output}: {rows:,} rows, scored by {model}")
