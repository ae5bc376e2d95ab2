# Managed by poc2prod; extend with a command of your own beside it.
"""`verify`: whether a registered version is what was registered, and who signed it."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    version: Annotated[str, typer.Argument(help="Such as v3; the champion if left out.")] = "",
    signed_by: Annotated[
        Path | None, typer.Option(help="Public keys, in PEM; the setting signed_by if left out.")
    ] = None,
) -> None:
    """Check a version's sums, its signature where keys are named, and its golden replies."""
    from .. import registry
    from ..predictor import Predictor
    from ..settings import settings

    models, keys = settings().models, signed_by or settings().signed_by
    directory = registry.version(models, version) if version else registry.champion(models)
    digest = Predictor(directory, keys).metadata.digest
    print(
        f"{directory}: {digest}, {f'signed by a key of {keys}' if keys else 'not asked who signed'}"
    )
