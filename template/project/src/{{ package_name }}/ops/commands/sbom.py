# Managed by poc2prod; extend with a command of your own beside it.
"""`sbom`: the bill of materials of the image and the model."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer


def run(
    output: Annotated[Path, typer.Argument(help="A JSON file.")] = Path("build/sbom.cdx.json"),
    python: Annotated[str, typer.Option(help="The image's Python.")] = "3.13",
) -> None:
    """Write CycloneDX 1.6: what is in the image, the champion and its data."""
    from .. import bundle, registry
    from ..cli import PROJECT
    from ..files import to_json, write_text
    from ..settings import settings
    from ..supply import bill, parts

    folder = Path("requirements")
    group = folder / f"{parts.group()}.txt"
    champion = registry.champion_or_none(settings().models)
    if champion:
        bundle.verify(champion)
    pins = parts.pinned([group, folder / "own.txt"], python)
    system = parts.installed()
    write_text(output, to_json(bill.bill(PROJECT, version(PROJECT), [*pins, *system], champion)))
    model = f"{champion.name} of the registry" if champion else "no model"
    print(f"{output}: {len(pins)} pins, {len(system)} packages of the image, {model}")
