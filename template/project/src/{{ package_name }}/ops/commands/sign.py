# Managed by poc2prod; extend with a command of your own beside it.
"""`sign`: a signature for a registered version."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    version: Annotated[str, typer.Argument(help="Such as v3; the champion if left out.")] = "",
    key: Annotated[
        Path | None, typer.Option(help="The private key, in PEM; signing_key if left out.")
    ] = None,
) -> None:
    """Sign a version of the registry, as `register` does where `signing_key` is set."""
    from .. import bundle, registry, signing
    from ..errors import ProjectError
    from ..settings import settings

    models, chosen = settings().models, key or settings().signing_key
    if chosen is None:
        raise ProjectError("name the private key: --key FILE, or the setting signing_key")
    directory = registry.version(models, version) if version else registry.champion(models)
    signing.sign(directory, chosen)
    print(directory / bundle.SIGNATURE)
