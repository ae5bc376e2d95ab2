# Managed by poc2prod; extend in settings.toml.
"""Backups: what the registry, the snapshots and the quarantine held at one moment.

objects/<sha256>     a file's content, once, however many backups hold it
backups/<id>.json    what a backup holds; the id is the SHA-256 of this very file
newest               one line: the id of the newest backup

Objects come first, then the list, then the pointer, so whatever is interrupted leaves the backup
before as the newest. Versions of models and files of snapshots never change, so nothing has to stop
for a backup.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from .. import registry
from ..data.snapshots import Snapshots, path
from ..data.store import Store
from ..errors import ProjectError
from ..files import sha256

NEWEST = "newest"
_DIGEST = re.compile("[0-9a-f]{64}")
_VERSION = re.compile("v[0-9]+")
_NAME = re.compile(
    r"snapshots/manifests/[0-9a-f]{64}\.json|(snapshots/parts|quarantine)/[0-9a-f]{64}\.parquet"
    # No part may lead elsewhere, neither here nor on Windows.
    r"|models(/(?!\.{1,2}(/|$)|[A-Za-z]:)[^/\\\0]+){2,}"
)


class Backup(BaseModel):
    """What a backup holds.

    Attributes:
        taken: when it began, so nothing in it is older.
        previous: the id of the backup before; None of the first.
        champion: the version that served, or None.
        head: the newest snapshot, or None.
        files: SHA-256 of each file, by its name: models/…, snapshots/…, quarantine/….
        written: when rows were ingested, by the names of their files; not in older lists.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    taken: AwareDatetime
    previous: str | None
    champion: str | None
    head: str | None
    files: dict[str, str]
    written: dict[str, AwareDatetime] = {}

    def content(self) -> bytes:
        """The bytes of its file."""
        document = self.model_dump(mode="json")
        return f"{json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)}\n".encode()


def take(
    place: Store, models: Path, snapshots: Snapshots, now: datetime, keep: timedelta
) -> tuple[str, Backup]:
    """Take a backup; then drop those that are older than `keep`, except the newest.

    Args:
        place: where backups are kept.
        models: the registry.
        snapshots: the snapshots and their quarantine.
        now: with a time zone.
        keep: how long a backup is kept.

    Raises:
        ProjectError: something to be backed up is damaged; names it.
    """
    champion = registry.champion_or_none(models)
    head = snapshots.head()
    files: dict[str, str] = {}
    for name, file in (*_of_models(models), *_of_snapshots(snapshots, head)):
        digest = sha256(file)
        if not place.exists(_object(digest)):
            place.put(_object(digest), file)
        files[name] = digest
    written = {
        f"{kind}/{name}": time
        for kind, store in stores(snapshots).items()
        for name, time in store.ages(".parquet")
    }
    backup = Backup(
        taken=now.astimezone(UTC).replace(microsecond=0),
        previous=newest(place),
        champion=champion.name if champion else None,
        head=head,
        files=files,
        written={name: time for name, time in written.items() if name in files},
    )
    content = backup.content()
    new = hashlib.sha256(content).hexdigest()
    place.write(_list(new), content)
    place.write(NEWEST, f"{new}\n".encode("ascii"))
    _drop(place, new, now - keep)
    return new, backup


def newest(place: Store) -> str | None:
    """The id of the newest backup; None before the first.

    Raises:
        ProjectError: the pointer names none.
    """
    try:
        found = place.read(NEWEST).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    if not found.isalnum() or not place.exists(_list(found)):
        raise ProjectError(f"{place.locate(NEWEST)} names no backup: write the id of one into it")
    return found


def read(place: Store, backup: str) -> Backup:
    """Read what a backup holds.

    Raises:
        ProjectError: there is no such backup, it was changed, or it is of somebody else's making.
    """
    where = place.locate(_list(backup))
    try:
        content = place.read(_list(backup))
    except FileNotFoundError:
        raise ProjectError(f"there is no backup {where}") from None
    if hashlib.sha256(content).hexdigest() != backup:
        raise ProjectError(f"{where} is not what was written: its SHA-256 differs")
    try:
        found = Backup.model_validate_json(content)
    except ValidationError as error:
        raise ProjectError(f"{where}: {error.errors()[0]['msg']}") from None
    for text, form in (
        *((name, _NAME) for name in (*found.files, *found.written)),
        *((digest, _DIGEST) for digest in (*found.files.values(), found.previous, found.head)),
        (found.champion, _VERSION),
    ):
        if text is not None and not form.fullmatch(text):
            raise ProjectError(f"{where} has {text[:80]!r}, which no backup has: take another one")
    return found


def chain(place: Store, start: str) -> Iterator[tuple[str, Backup]]:
    """A backup and those before it that are still kept, the newest first, each with its id."""
    each: str | None = start
    while each and (each == start or place.exists(_list(each))):
        backup = read(place, each)
        yield each, backup
        each = backup.previous


def stores(snapshots: Snapshots) -> dict[str, Store]:
    """Where rows are, by the first part of their names in a backup."""
    return {"snapshots": snapshots.store, "quarantine": snapshots.quarantine}


def fetch(place: Store, name: str, digest: str, file: Path) -> None:
    """Write what a backup holds under a name to a file.

    Raises:
        ProjectError: it is missing or damaged; names both.
    """
    where = place.locate(_object(digest))
    try:
        place.fetch(_object(digest), file)
    except FileNotFoundError:
        raise ProjectError(f"{where} is missing, which holds {name}") from None
    if sha256(file) != digest:
        raise ProjectError(f"{where} is damaged, which holds {name}: its SHA-256 differs")


def _of_models(models: Path) -> Iterator[tuple[str, Path]]:
    for version in sorted(models.glob("v*"), key=registry.number):
        for file in sorted(file for file in version.rglob("*") if file.is_file()):
            yield f"models/{file.relative_to(models).as_posix()}", file


def _of_snapshots(snapshots: Snapshots, head: str | None) -> Iterator[tuple[str, Path]]:
    """The manifests back to the first, and whatever part of them is still kept."""
    names = {store: kind for kind, store in stores(snapshots).items()}
    waiting, seen = [head] if head else [], set()
    while waiting:
        manifest = snapshots.read(waiting[0])
        seen.add(waiting[0])
        yield f"snapshots/{path(waiting[0])}", snapshots.store.local(path(waiting[0]))
        for part in (*manifest.parts, *manifest.quarantined):
            target, name = snapshots.place(part)
            if name not in seen and target.exists(name):
                seen.add(name)
                yield f"{names[target]}/{name}", snapshots.file(part)
        waiting = [parent for parent in (*waiting[1:], *manifest.parents) if parent not in seen]


def _drop(place: Store, start: str, before: datetime) -> None:
    """Forget what is older, and the objects that only that held."""
    kept, old = [], []
    for each, backup in chain(place, start):
        if backup.taken < before and each != start:
            old.append((each, backup))
        else:
            kept.append(backup)
    needed = {digest for backup in kept for digest in backup.files.values()}
    for backup_id, backup in reversed(old):  # the oldest first, so that the chain stays whole
        for digest in set(backup.files.values()) - needed:
            place.delete(_object(digest))
        place.delete(_list(backup_id))


def _object(digest: str) -> str:
    return f"objects/{digest}"


def _list(backup: str) -> str:
    return f"backups/{backup}.json"
