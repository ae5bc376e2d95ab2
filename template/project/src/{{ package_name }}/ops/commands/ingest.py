# Managed by poc2prod; extend with a command of your own beside it.
"""`ingest`: from the sources to a snapshot."""


def run() -> None:
    """Bring what is new in the sources into a snapshot; keep rejected rows in quarantine."""
    from .. import contract
    from ..console import say, step
    from ..data import ingestion, scanner
    from ..settings import settings

    declared = contract.load()
    with step("Ingest"):
        done = ingestion.ingest(
            declared, settings(), lambda: say("Another ingest is running: wait for it")
        )
    for suspicion in scanner.scan(declared, settings()) if done.changed else ():
        say(f"warning: {suspicion}")
    counts = done.manifest.counts
    if not done.changed:
        print(f"{done.snapshot[:12]}: nothing new, {done.manifest.rows:,} rows")
        return
    print(
        f"{done.snapshot[:12]}: {done.manifest.rows:,} rows; {counts.rows_in:,} read,"
        f" {counts.rows_out:,} kept, {counts.quarantined:,} to quarantine"
    )
    for kind, rows in (*counts.cleansed.items(), *counts.reasons.items()):
        print(f"  {rows:>9,}  {kind}")
