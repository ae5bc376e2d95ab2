# Managed by poc2prod; extend with a command of your own beside it.
"""`backup`: keeps the registry and the data where a disaster does not reach them."""


def run() -> None:
    """Back up the registry, the snapshots and the quarantine; drop backups that are too old."""
    from datetime import UTC, datetime, timedelta

    from ..console import step
    from ..data.snapshots import snapshots
    from ..data.store import store
    from ..recovery import backups
    from ..settings import settings

    configured = settings()
    with step("Back up"):
        new, backup = backups.take(
            store(configured.backups),
            configured.models,
            snapshots(configured.snapshots, configured.quarantine),
            datetime.now(UTC),
            timedelta(days=configured.backup_keep_days),
        )
    print(f"{new[:12]}: {len(backup.files):,} files, champion {backup.champion or 'none'}")
