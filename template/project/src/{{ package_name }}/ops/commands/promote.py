# Managed by poc2prod; extend with a command of your own beside it.
"""`promote`: from a registered version to the champion, forward or back."""

from typing import Annotated

import typer


def run(
    version: Annotated[str, typer.Argument(help="A version of the registry, such as v3.")],
) -> None:
    """Make a registered version the champion, if it passes its gates."""
    from .. import contract, kpi
    from ..promotion import Promotion
    from ..settings import settings

    quality, declared = kpi.load().model_quality, contract.load()
    promotion = Promotion(declared, quality, settings())
    directory, repeated = promotion.promote(version)
    print(directory if repeated else f"{directory}, judged by its stored predictions")
