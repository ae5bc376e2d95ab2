# Managed by poc2prod; extend with a command of your own beside it.
"""`register`: from a candidate to the champion."""

from typing import Annotated

import typer


def run(
    hold: Annotated[
        bool, typer.Option("--hold", help="Store it as a version, and leave the champion alone.")
    ] = False,
) -> None:
    """Register the newest candidate and make it the champion, if it passed its gates."""
    from .. import contract, kpi, registry
    from ..promotion import Promotion
    from ..settings import settings

    quality, declared = kpi.load().model_quality, contract.load()
    promotion = Promotion(declared, quality, settings())
    print(promotion.register(registry.latest_run(settings().runs), promote=not hold))
