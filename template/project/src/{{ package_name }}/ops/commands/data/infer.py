# Managed by poc2prod; extend with a command of your own beside it.
"""`data infer`: a data contract for the team's own table, and what follows from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ...data.inference.infer import Proposal

_ROWS = 1_000_000
_FOLDER = Path("data")


def run(
    file: Annotated[str, typer.Argument(help="CSV or Parquet; with --table a database's URL.")],
    target: Annotated[str, typer.Option(help="The column to predict.")],
    table: Annotated[str | None, typer.Option(help="Of the database; with a schema, s.t.")] = None,
    problem: Annotated[
        str | None,
        typer.Option(help="binary, multiclass or regression, if not what it looks like."),
    ] = None,
    rows: Annotated[int, typer.Option(help="Look at the first so many rows.", min=1)] = _ROWS,
    output: Annotated[
        Path | None, typer.Option(help="Write into this folder instead of over your files.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that you changed; a copy stays.")
    ] = False,
) -> None:
    """Describe a table: write data contract, features, settings and proposed gates for it."""
    from ...console import step
    from ...data.inference import infer, opening, writing
    from ...errors import ProjectError
    from ...settings import settings

    with step("Look at the table"):
        if table is None:
            found = opening.from_file(Path(file), rows, _FOLDER)
        else:
            found = opening.from_database(file, table, rows, _FOLDER)
        proposal = infer.propose(found, target, problem, settings())
    _say(proposal)

    if output is not None:
        writing.write({output / path: text for path, text in proposal.texts.items()}, keep=[])
        print(f"\nwritten into {output}, for you to compare; nothing else was changed")
        return
    changed = writing.edited(list(proposal.texts))
    if infer.MODEL in changed and not force:
        changed.remove(infer.MODEL)
        del proposal.texts[infer.MODEL]
        print(f"{infer.MODEL} is your own and stays: see that it suits so small a table")
    if changed and not force:
        names = ", ".join(path.as_posix() for path in changed)
        raise ProjectError(
            f"{names} would lose what you wrote: --force keeps a copy beside, and"
            " --output FOLDER writes elsewhere; nothing was changed"
        )
    if table is not None:
        found.frame.write_parquet(_made(proposal.where))
    elif not proposal.where.exists() or proposal.where.resolve() != Path(file).resolve():
        opening.bring(Path(file), _made(proposal.where))
    copies = writing.write(proposal.texts, keep=changed)
    print()
    for path in proposal.texts:
        print(f"wrote {path}")
    for path in copies:
        print(f"kept {path}, which you had changed")
    if Path("simulator").is_dir():
        print("the simulated pumps are not used any more: rm -r simulator")
    print(
        "next: look at data-contract.yaml and kpi-contract.yaml, then make train evaluate register"
    )


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _say(proposal: "Proposal") -> None:
    """Print what was found, and what a person has to decide."""
    target, held = proposal.target, proposal.held
    rows = len(target.facts.values)
    print(f"{proposal.where}: {rows:,} rows; {target.name} is {target.problem}")
    for each in proposal.judged:
        facts = each.facts
        what = each.role if each.because is None else f"{each.role}: {each.because}"
        if each.role == "input" and facts.kind == "string":
            more = "no others are accepted" if each.closed else "others are like none of them"
            what = f"input, {len(each.shown)} values with a feature each; {more}"
        nulls = f", {100 * facts.null_share:.1f} % missing" if facts.nulls else ""
        print(f"  {each.name}: {facts.kind}{nulls}; {what}")
        for remark in facts.remarks:
            print(f"    {remark}")
    for name, why in proposal.ignored.items():
        print(f"  {name}: left out, {why}")
    confirm = [f"{each.name}: {each.flag}" for each in proposal.judged if each.flag]
    confirm += [f"{target.name}: {said}" for said in (*target.facts.remarks, *target.said())]
    confirm += proposal.remarks
    confirm += proposal.groups()
    by = {"random": "by chance or row order", "grouped": "by entity", "temporal": "by time"}
    split = by.get(held.split, "by entity and time")
    few = f", of them {held.rarest} of the rarest class" if held.rarest is not None else ""
    confirm.append(f"rows are held out {split}: {held.rows:,} to judge by{few}")
    print("\nfor a person to confirm:")
    for line in confirm:
        print(f"- {line}")
