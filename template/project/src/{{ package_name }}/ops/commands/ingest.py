# Managed by poc2prod; extend with a command of your own beside it.
"""`ingest`: from the sources to a snapshot."""


def run() -> None:
    """Bring what is new in the sources into a snapshot; keep rejected rows in quarantine."""
    from datetime import UTC, datetime

    from .. import contract
    from ..console import say, step
    from ..data import ingestion, scanner, tables
    from ..data.snapshots import snapshots
    from ..errors import ProjectError
    from ..settings import settings

    declared, kept = contract.load(), snapshots(settings().snapshots, settings().quarantine)
    with step("Ingest"):
        done = ingestion.ingest(
            declared, settings(), lambda: say("Another ingest is running: wait for it")
        )
    for suspicion in scanner.scan(declared, settings()) if done.changed else ():
        say(f"warning: {suspicion}")
    counts = done.manifest.counts
    if done.changed:
        print(
            f"{done.snapshot[:12]}: {done.manifest.rows:,} rows; {counts.rows_in:,} read,"
            f" {counts.rows_out:,} kept, {counts.quarantined:,} to quarantine"
        )
        for kind, rows in (*counts.cleansed.items(), *counts.reasons.items()):
            print(f"  {rows:>9,}  {kind}")
    else:
        print(f"{done.snapshot[:12]}: nothing new, {done.manifest.rows:,} rows")
    newest = kept.newest(done.manifest.parts, declared.time)
    old = tables.stale(newest, declared, datetime.now(UTC))
    if old:
        raise ProjectError(f"{old}; see why no newer rows come")
