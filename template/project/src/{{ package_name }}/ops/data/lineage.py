# Managed by poc2prod; extend in a module of your own that imports it.
"""What a model was made from, with every digest on the way compared with what is there.

model → evaluation → code and configuration → snapshot → its parents → the sources
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .. import bundle, registry
from ..errors import ProjectError
from ..files import sha256
from ..settings import Settings
from . import sources
from .manifests import Manifest, Part
from .recorded import Link, State, code
from .snapshots import Snapshots, snapshots


def lineage(directory: Path, settings: Settings) -> Iterator[Link]:
    """Follow a model, or without its own problems whatever can still be followed.

    Args:
        directory: of a version in the registry, or of a run.
        settings: say where the snapshots are.
    """
    alias = directory.parent / "champion"
    if alias.exists():
        yield _try(0, "alias", alias.as_posix(), lambda: _alias(alias))
    yield _try(0, "model", directory.as_posix(), lambda: _sealed(directory))
    evaluation = directory / "evaluation"
    if evaluation.is_dir():
        yield _try(1, "evaluation", evaluation.as_posix(), lambda: _evaluated(directory))
    else:
        yield Link(1, "evaluation", evaluation.as_posix(), None, "changed", "there is none")
    try:
        made_from = bundle.read_metadata(directory).made_from
    except (ProjectError, OSError) as error:
        yield Link(1, "record", f"{directory.as_posix()}/model.json", None, "broken", str(error))
        return
    yield from code(made_from)
    if "snapshot" not in made_from:
        yield _data_file(made_from)
        return
    kept = snapshots(settings.snapshots, settings.quarantine)
    if made_from["snapshot"] != made_from["data_sha256"]:
        where = f"{directory.as_posix()}/model.json"
        yield Link(1, "record", where, None, "broken", "it names two snapshots")
    yield _try(1, "head", kept.store.locate("head"), lambda: kept.head())
    yield from _snapshots(kept, made_from["snapshot"], settings)


def _try(depth: int, kind: str, name: str, check: Callable[[], str | None]) -> Link:
    try:
        return Link(depth, kind, name, check(), "ok")
    except ProjectError as error:
        return Link(depth, kind, name, None, "broken", str(error))
    except OSError as error:
        return Link(depth, kind, name, None, "broken", f"{error.filename}: {error.strerror}")


def _sealed(directory: Path) -> str:
    """Compare a directory with its sums, and these with what such a file looks like."""
    bundle.verify(directory)
    if (directory / bundle.SUMS).read_bytes() != bundle.sums(directory).encode():
        raise ProjectError(f"{directory / bundle.SUMS} is not what was written")
    return sha256(directory / bundle.SUMS)


def _alias(path: Path) -> None:
    if path.read_bytes() != f"{registry.champion(path.parent).name}\n".encode():
        raise ProjectError(f"{path} is not what was written")


def _evaluated(directory: Path) -> str:
    bundle.read_evaluation(directory)
    return _sealed(directory / "evaluation")


def _data_file(made_from: dict[str, Any]) -> Link:
    """Compare the file that a release without snapshots trained on."""
    path, recorded = str(made_from.get("data")), made_from.get("data_sha256")
    if not Path(path).is_file():
        return Link(1, "data", path, recorded, "broken", "it is not there any more")
    same = sha256(Path(path)) == recorded
    return Link(1, "data", path, recorded, "ok" if same else "broken", "" if same else "it changed")


def _snapshots(kept: Snapshots, first: str, settings: Settings) -> Iterator[Link]:
    """Follow a snapshot and its parents, each part once."""
    erased: dict[str, str] = {}
    if head := _quietly(kept.head):
        erased = _quietly(lambda: kept.read(head).erased) or {}
    seen: set[str] = set()
    waiting, depth = [first], 1
    while waiting:
        snapshot, *waiting = waiting
        where = kept.store.locate(f"manifests/{snapshot}.json")
        try:
            manifest = kept.read(snapshot)
        except ProjectError as error:
            yield Link(depth, "snapshot", where, snapshot, "broken", str(error))
            continue
        note = f"{manifest.rows:,} rows, contract {manifest.contract.get('version')}"
        kind = "snapshot" if depth == 1 else "parent"
        yield Link(depth, kind, where, snapshot, "ok", note)
        for part in (*manifest.parts, *manifest.quarantined):
            if part.sha256 not in seen:
                seen.add(part.sha256)
                yield _part(kept, part, depth + 1, erased)
        if depth == 1:
            yield from _sources(manifest, settings)
        waiting += [parent for parent in manifest.parents if parent not in waiting]
        depth += 1


def _part(kept: Snapshots, part: Part, depth: int, erased: dict[str, str]) -> Link:
    target, name = kept.place(part)
    kind, where = "part" if target is kept.store else "quarantine", target.locate(name)
    if part.sha256 in erased and not target.exists(name):
        note = f"erased: {erased[part.sha256]}"
        return Link(depth, kind, where, part.sha256, "changed", note)
    try:
        found = target.digest(name)
    except (ProjectError, OSError) as error:
        said = str(error) if isinstance(error, ProjectError) else "it is missing"
        return Link(depth, kind, where, part.sha256, "broken", said)
    if found != part.sha256:
        return Link(depth, kind, where, part.sha256, "broken", "it is not what was written")
    return Link(depth, kind, where, part.sha256, "ok", f"{part.rows:,} rows of {part.item}")


def _sources(manifest: Manifest, settings: Settings) -> Iterator[Link]:
    """Say what became of the items that were read; they are not ours to keep."""
    origins = settings.origins()
    for name, consumed in manifest.sources.items():
        location = origins[name].location if name in origins else None
        if consumed.watermark is not None:
            yield Link(2, "source", name, None, "ok", f"read up to {consumed.watermark}")
        files = {}
        if location is not None:
            files = {file.name: file for file in _quietly(sources.find, location) or []}
        for item, read in consumed.items.items():
            found = files.get(item)
            digest = _quietly(found.digest) if found else None
            note = "" if digest else "it is not there any more"
            if digest and digest != read.sha256:
                note = "it changed since"
            state: State = "changed" if note else "ok"
            yield Link(2, "source", f"{name}: {item}", read.sha256, state, note)


def _quietly(what: Callable[..., Any], *arguments: object) -> Any:
    try:
        return what(*arguments)
    except (ProjectError, OSError):
        return None
