# Managed by poc2prod; extend in settings.toml.
"""Restores a backup to where nothing is yet."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from .. import bundle, registry
from ..data.snapshots import HEAD, Snapshots
from ..data.store import Store
from ..errors import ProjectError
from ..files import whole_directory
from . import backups


def restore(place: Store, backup: backups.Backup, models: Path, snapshots: Snapshots) -> None:
    """Write what a backup holds; what points to it comes last.

    A restoration that was interrupted begins again where it was.

    Args:
        place: where backups are kept.
        backup: one of them.
        models: the registry; may have no champion yet.
        snapshots: the snapshots and their quarantine; may have no head yet.

    Raises:
        ProjectError: a registry or snapshots are there already, or an object is damaged.
    """
    if registry.champion_or_none(models) or (any(models.glob("v*")) and not _begun(models, backup)):
        raise ProjectError(f"{models} holds models already: move it away first")
    if snapshots.head() not in (None, backup.head):
        where = snapshots.store.locate(HEAD)
        raise ProjectError(f"{where} is there already: move the snapshots away first")
    targets = backups.stores(snapshots)
    times: dict[str, dict[str, datetime]] = {}
    versions: dict[str, dict[str, Callable[[Path], None]]] = {}
    for name, digest in backup.files.items():
        kind, _, rest = name.partition("/")
        fetch = partial(backups.fetch, place, name, digest)
        if kind == "models":
            version, _, inner = rest.partition("/")
            versions.setdefault(version, {})[inner] = fetch
            continue
        if not targets[kind].exists(rest):
            folder, suffix = rest.rpartition("/")[0], Path(rest).suffix
            targets[kind].add(folder, suffix, fetch)
        if name in backup.written:
            times.setdefault(kind, {})[rest] = backup.written[name]
    for kind, written in times.items():  # how long rows are kept counts from then
        targets[kind].backdate(written)
    for version, files in versions.items():
        _version(models / version, files)
    if backup.head:
        snapshots.store.write(HEAD, f"{backup.head}\n".encode("ascii"))
    if backup.champion:
        registry.appoint(models / backup.champion)


def _begun(models: Path, backup: backups.Backup) -> bool:
    """Whether all versions that are there come from this backup."""
    here = {version.name for version in models.glob("v*")}
    return here <= {name.split("/")[1] for name in backup.files if name.startswith("models/")}


def _version(directory: Path, files: dict[str, Callable[[Path], None]]) -> None:
    if not directory.exists():
        with whole_directory(directory) as temporary:
            for name, fetch in files.items():
                (temporary / name).parent.mkdir(parents=True, exist_ok=True)
                fetch(temporary / name)
    bundle.verify(directory)
