# Managed by poc2prod; extend with a command of your own beside it.
"""`predict`: a prediction for a row or a few, without a service."""

import sys
from typing import Annotated

import typer


def run(
    rows: Annotated[
        str, typer.Argument(help='A JSON object, a list of them, "-" for standard input.')
    ],
) -> None:
    """Predict with the champion and print the reply as JSON."""
    from .. import registry
    from ..files import to_json
    from ..predictor import Predictor
    from ..rows import RowReader
    from ..settings import settings

    predictor = Predictor(registry.champion(settings().models), settings().signed_by)
    reader = RowReader(predictor.metadata.inputs, settings().max_rows)
    read = reader.read(sys.stdin.buffer.read() if rows == "-" else rows)
    print(to_json(predictor.reply(read)), end="")
