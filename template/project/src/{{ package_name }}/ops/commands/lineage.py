# Managed by poc2prod; extend with a command of your own beside it.
"""`lineage`: what a model was made from, down to the files that were read."""

from typing import Annotated

import typer


def run(
    model: Annotated[
        str, typer.Argument(help="A version such as v3, `champion`, or a folder of runs/.")
    ] = "champion",
) -> None:
    """Print the chain from a model to the sources. Exit status 1: something is damaged."""
    from .. import registry
    from ..data import lineage
    from ..settings import settings

    links = list(lineage.lineage(registry.find(settings(), model), settings()))
    for link in links:
        words = {"ok": "ok", "changed": "-", "broken": "BROKEN"}
        digest = f" {link.digest[:12]}" if link.digest else ""
        note = f" ({link.note})" if link.note else ""
        print(f"{words[link.state]:7}{'  ' * link.depth}{link.kind} {link.name}{digest}{note}")
    broken = sum(link.state == "broken" for link in links)
    print(f"{len(links)} links, {broken} broken" if broken else f"{len(links)} links, all whole")
    if broken:
        raise typer.Exit(1)
