"""The command line."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from poc2prod import cli_audit
from poc2prod.errors import UsageError
from poc2prod.options import Data, ProjectFolder, explained_names, print_version

EXIT_CODES = "Exit status: 0 done, 1 failed, 2 wrong usage or a wrong answer, 130 interrupted."
CONFLICTS = 3


class _Commands(TyperGroup):
    """Takes "audit diff" for one command, so that `audit` can take a folder."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[:2] == ["audit", "diff"]:
            args = ["audit diff", *args[2:]]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="poc2prod",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode=None,  # rich would double the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print it.")
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
    data: Data = None,
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
    from poc2prod.new import create, summary

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
    typer.echo(summary(created, destination))


@app.command(epilog=EXIT_CODES.replace("130", f"{CONFLICTS} conflicts to resolve, 130"))
def update(
    destination: ProjectFolder = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")
    ] = False,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="A release other than the newest.")
    ] = None,
    data: Data = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing: take the defaults of new questions.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--continue", help="Finish an update whose conflicts you resolved.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print only errors.")] = False,
) -> None:
    """Bring the project in DEST to the newest release, or to other answers, and lose no edit.

    It is staged and left for you to commit. Conflicts are marked in the files and reported.
    """
    from poc2prod.updating import report

    if resume:
        if dry_run or to or data or defaults or as_json:
            raise UsageError("--continue goes with no other option: it finishes what was begun")
        _resume(destination, quiet=quiet)
        return
    from poc2prod.update import update as run

    done = run(destination, to=to, pairs=data or (), defaults=defaults, dry_run=dry_run)
    duties = None if quiet and not as_json else report.duties(done, destination, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(report.document(done, duties, dry_run=dry_run), indent=2))
    elif not quiet:
        typer.echo(report.text(done, duties, dry_run=dry_run))
    if done.conflicts:
        raise typer.Exit(CONFLICTS)


def _resume(destination: Path, *, quiet: bool) -> None:
    from poc2prod import git
    from poc2prod.updating import report
    from poc2prod.updating.apply import resume
    from poc2prod.updating.repository import Repository

    git.shield()
    versions, left = resume(Repository.at(destination))
    if left:
        typer.echo("\n".join(left), err=True)
        raise typer.Exit(CONFLICTS)
    if not quiet:
        typer.echo(f"All is resolved. Next: git commit -m {shlex.quote(report.message(*versions))}")


@app.command(epilog=EXIT_CODES)
def status(
    destination: ProjectFolder = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say which release a project is at, what newer ones bring, and what was edited."""
    from poc2prod.status import show

    show(destination, as_json=as_json)


@app.command(epilog=EXIT_CODES)
def explain(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="A question's key, such as latency, or a check's id, such as KPI-01;"
            " without one, all questions are listed.",
            autocompletion=explained_names,
        ),
    ] = None,
) -> None:
    """Say what a question asks and changes, or what a check of the audit is for."""
    from poc2prod.explain import explanation, listing
    from poc2prod.template import opened

    with opened() as template:
        root = template.root
        typer.echo(explanation(root, name) if name else listing(root))


cli_audit.add(app)
