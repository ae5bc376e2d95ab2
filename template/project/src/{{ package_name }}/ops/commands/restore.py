# Managed by poc2prod; extend with a command of your own beside it.
"""`restore`: brings a backup back."""

from typing import Annotated

import typer


def run(
    backup: Annotated[
        str, typer.Argument(help="The backup's id; the newest unless it is given.")
    ] = "",
) -> None:
    """Restore the registry, the snapshots and the quarantine to where there are none."""
    from ..console import step
    from ..data.snapshots import snapshots
    from ..data.store import store
    from ..errors import ProjectError
    from ..recovery import backups
    from ..recovery.restoring import restore
    from ..settings import settings

    configured = settings()
    place = store(configured.backups)
    wanted = backup or backups.newest(place)
    if wanted is None:
        raise ProjectError(f"there is no backup in {configured.backups}: run backup first")
    found = backups.read(place, wanted)
    with step(f"Restore {len(found.files):,} files"):
        kept = snapshots(configured.snapshots, configured.quarantine)
        restore(place, found, configured.models, kept)
    print(f"{wanted[:12]} of {found.taken:%Y-%m-%d %H:%M} UTC: champion {found.champion or 'none'}")
