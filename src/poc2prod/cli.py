"""The command line."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from poc2prod import __version__

EXIT_CODES = "Exit status: 0 done, 1 failed, 2 wrong usage or a wrong answer, 130 interrupted."

app = typer.Typer(
    name="poc2prod",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich would double the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"poc2prod {__version__}")
        raise typer.Exit


def _question_names(incomplete: str) -> list[str]:
    from poc2prod.questions import load
    from poc2prod.template import opened

    with opened() as template:
        return [name for name in load(template.root) if name.startswith(incomplete)]


def _data_keys(incomplete: str) -> list[str]:
    return [f"{name}=" for name in _question_names(incomplete)]


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show where an error comes from, as POC2PROD_DEBUG=1 does."),
    ] = False,
) -> None:
    """Generate machine-learning repositories that are production-shaped from the first commit."""
    if debug:
        os.environ["POC2PROD_DEBUG"] = "1"


@app.command(epilog=EXIT_CODES)
def new(
    destination: Annotated[
        Path, typer.Argument(metavar="DEST", help="The folder to create; or one that is empty.")
    ],
    data: Annotated[
        list[str] | None,
        typer.Option(
            "-d",
            "--data",
            metavar="KEY=VALUE",
            help="Answer a question. May be repeated.",
            autocompletion=_data_keys,
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Answer from a YAML file, such as another project's .poc2prod/answers.yaml.",
        ),
    ] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing: take the default of what is open.")
    ] = False,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE", help="A folder or git URL instead of poc2prod's own template."
        ),
    ] = None,
    ref: Annotated[
        str | None,
        typer.Option(metavar="REF", help="A tag, branch or commit of the template."),
    ] = None,
    no_git: Annotated[
        bool, typer.Option("--no-git", help="Don't make a git repository and a first commit.")
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print only errors.")] = False,
) -> None:
    """Generate a project in DEST, which appears when it is complete.

    What neither -d nor --answers answers is asked; "poc2prod explain" lists the questions.
    """
    from poc2prod.new import create

    created = create(
        destination,
        pairs=data or (),
        answers_file=answers,
        defaults=defaults,
        source=template,
        ref=ref,
        repository=not no_git,
    )
    if quiet:
        return
    typer.echo(f"{created.root.name}: {created.files} files, {created.git}\n")
    width = max(map(len, created.choices), default=0)
    for name, value in created.choices.items():
        text = ", ".join(value) or "none" if isinstance(value, list) else value
        typer.echo(f"  {name:{width}}  {text}")
    typer.echo("\nNext:")
    if created.root != Path.cwd():
        typer.echo(f"  cd {shlex.quote(str(destination))}")
    typer.echo("  make demo\n  make test")


@app.command(epilog=EXIT_CODES)
def explain(
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="[QUESTION]",
            help="Its key, such as latency; without one, all are listed.",
            autocompletion=_question_names,
        ),
    ] = None,
) -> None:
    """Say what a question asks, which answers it takes, and which files they change."""
    from poc2prod.explain import explanation, listing
    from poc2prod.template import opened

    with opened() as template:
        root = template.root
        typer.echo(explanation(root, question) if question else listing(root))
