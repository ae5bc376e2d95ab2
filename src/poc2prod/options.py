"""Options and arguments that commands share, and how the shell completes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from poc2prod import __version__


def print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"poc2prod {__version__}")
        raise typer.Exit


def question_names(incomplete: str) -> list[str]:
    """Complete the key of a question."""
    from poc2prod.questions import load
    from poc2prod.template import opened

    with opened() as template:
        return [name for name in load(template.root) if name.startswith(incomplete)]


def explained_names(incomplete: str) -> list[str]:
    """Complete what `explain` takes: the key of a question or the id of a check."""
    from poc2prod.audit.catalogue import load

    checks = [name for name in load().checks if name.startswith(incomplete)]
    return [*question_names(incomplete), *checks]


def data_keys(incomplete: str) -> list[str]:
    """Complete the key of `KEY=VALUE`."""
    return [f"{name}=" for name in question_names(incomplete)]


Data = Annotated[
    list[str] | None,
    typer.Option(
        "-d",
        "--data",
        metavar="KEY=VALUE",
        help="Answer a question, or change its answer. May be repeated.",
        autocompletion=data_keys,
    ),
]
ProjectFolder = Annotated[
    Path, typer.Argument(metavar="[DEST]", help="The project's folder; by default this one.")
]
