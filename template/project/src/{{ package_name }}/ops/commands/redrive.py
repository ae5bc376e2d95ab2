# Managed by poc2prod; extend with a command of your own beside it.
"""`redrive`: from quarantine back to the table."""

from typing import Annotated

import typer


def run(
    only_list: Annotated[
        bool, typer.Option("--list", help="Print the rows in quarantine as CSV; change nothing.")
    ] = False,
) -> None:
    """Check the rows in quarantine again, and bring those that are valid now into a snapshot."""
    from .. import contract
    from ..console import say, step
    from ..data import redriving
    from ..settings import settings

    if only_list:
        print(redriving.waiting_rows(settings()).write_csv(), end="")
        return
    with step("Redrive"):
        done = redriving.redrive(
            contract.load(), settings(), lambda: say("An ingest is running: wait for it")
        )
    waiting = sum(part.rows for part in done.manifest.quarantined)
    brought = done.manifest.counts.rows_out if done.changed else 0
    print(f"{done.snapshot[:12]}: {brought:,} rows back, {waiting:,} still in quarantine")
    for part in done.manifest.quarantined:
        for reason, rows in part.reasons.items():
            print(f"  {rows:>9,}  {part.source}: {part.item}: {reason}")
