"""The commands of the audit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from poc2prod.options import ProjectFolder  # noqa: TC001  # Typer reads it

EXIT_CODES = (
    "Exit status: 0 the level is met, 1 it is not, 2 wrong usage, 3 a check failed to run, there"
    " was nothing to examine or a report could not be written, 4 only what is stale or expired"
    " stands against it, 130 interrupted."
)
DIFF_EXIT_CODES = (
    "Exit status: 0 done, 1 something regressed, 2 wrong usage or a wrong answer, 130 interrupted."
)


def add(app: typer.Typer) -> None:
    """Give an application these commands."""
    app.command(epilog=EXIT_CODES)(audit)
    app.command("audit diff", epilog=DIFF_EXIT_CODES)(audit_diff)


def audit(
    destination: ProjectFolder = Path(),
    profile: Annotated[
        str,
        typer.Option(
            metavar="fast|pr|release",
            help="How far to go: fast reads, pr also runs what --allow-exec allows, release all.",
        ),
    ] = "fast",
    level: Annotated[
        str, typer.Option(metavar="L0..L4", help="The level to hold it against.")
    ] = "L1",
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="text|json|md|html|sarif|junit|badge|badge-json",
            help="Of what is printed.",
        ),
    ] = "text",
    output: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Also write a report, in the form of its ending: .txt .json .md .html .sarif .xml"
            " .svg .badge.json. May be repeated.",
        ),
    ] = None,
    allow_exec: Annotated[
        bool,
        typer.Option("--allow-exec", help="Let checks run the repository's code, in a copy."),
    ] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Judge dates as of this day, not today.")
    ] = None,
    record: Annotated[
        bool,
        typer.Option("--record", help="Append the result to readiness/history.jsonl, to commit."),
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print only errors.")] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Run nothing: list all checks; also with --json.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Like --format json.")] = False,
) -> None:
    """Show, with evidence, how far the repository in DEST is from production.

    "poc2prod audit diff OLD NEW" compares two audits; a folder of that name is ./diff.
    """
    if listed:
        from poc2prod.audit import explained

        typer.echo(explained.document() if as_json else explained.listing())
        return
    from poc2prod.audit.command import run

    raise typer.Exit(
        run(
            destination,
            profile=profile,
            level=level,
            form="json" if as_json else form,
            outputs=output or (),
            allow_exec=allow_exec,
            as_of=as_of,
            record=record,
            quiet=quiet,
        )
    )


def audit_diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="A JSON report, or a commit or day in readiness/history.jsonl."
        ),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What to hold against it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say what two audits differ in: what regressed, improved, became stale, is new.

    What a waiver hides or a tightened definition makes incomparable is told apart.
    """
    from poc2prod.audit.reports.diff import run

    raise typer.Exit(run(old, new, Path.cwd(), as_json=as_json))
