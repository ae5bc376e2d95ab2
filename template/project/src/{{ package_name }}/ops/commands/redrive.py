# Managed by poc2prod; extend with a command of your own beside it.
"""`redrive`: from quarantine back to the table."""


def run() -> None:
    """Check the rows in quarantine again, and bring those that are valid now into a snapshot."""
    from .. import contract
    from ..console import say, step
    from ..data import redriving
    from ..settings import settings

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
