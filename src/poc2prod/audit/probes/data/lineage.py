"""DAT-04: what serves can be traced to its code, configuration and data, all unchanged."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from poc2prod.audit.outcome import Evidence, Location, Outcome, failed, missing, passed, unknown
from poc2prod.audit.running import candidates
from poc2prod.audit.running.lab import UnrunnableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from poc2prod.audit.context import Context
    from poc2prod.audit.git.repository import Repository
    from poc2prod.audit.running.candidates import Project

CONFIGURATION = {
    "data_contract_sha256": "data-contract.yaml",
    "kpi_contract_sha256": "kpi-contract.yaml",
    "settings_sha256": "settings.toml",
}
"""What model.json records under made_from → the file whose digest it is."""


def resolvable(context: Context) -> Outcome:
    """The champion's record resolves, by digests of our own, and `lineage` sees a flipped byte."""
    project = candidates.project(context)
    if project is None:
        return candidates.no_package()
    tree = context.tree
    champion = (tree.text(f"{project.models}/champion") or "").strip()
    place = Location(f"{project.models}/{champion}/model.json")
    if not champion or not tree.has(place.path):
        return missing("no model is registered, so nothing can be traced", Location(project.models))
    made_from = candidates.made_from(candidates.document(tree, place.path))
    if wrong := _code(context.repository, made_from):
        return wrong
    data = _data(context, made_from)
    if isinstance(data, Outcome):
        return data
    if not tree.matching("/src/*/ops/commands/lineage.py"):
        return missing("there is no command `lineage`: nobody can follow a model to its data")
    if reason := _followed(project, champion, data):
        return failed(reason, place)
    return passed(
        f"{champion} is of commit {made_from['commit'][:12]} and {len(data)} files of data; digests"
        " agree, and lineage notices a byte that was flipped in any of them",
        len(data) + len(CONFIGURATION) + 1,
        evidence=(Evidence(place.path, tree.digest(place.path) or ""),),
        locations=(place,),
    )


def _code(repository: Repository | None, made_from: Mapping[str, Any]) -> Outcome | None:
    """Say what is wrong with the commit that a model records, or with what it held."""
    commit = str(made_from.get("commit"))
    if repository is None:
        return unknown("there is no git repository that could have the code of a model")
    if not repository.knows(commit):
        if repository.shallow:
            return unknown("the history is cut off, which has the code of a model: fetch-depth: 0")
        return failed(f"the champion's code is in no commit before this one: {commit[:12]}")
    if made_from.get("modified") is not False:
        return failed("the champion was trained with changes that are in no commit: train again")
    for key, path in CONFIGURATION.items():
        recorded, content = made_from.get(key), repository.at(commit, path)
        if recorded is None:
            return failed(f"model.json does not record {key}: train with this release")
        if content is None or hashlib.sha256(content).hexdigest() != recorded:
            return failed(f"{path} at {commit[:12]} is not what the champion was trained with")
    return None


def _data(context: Context, made_from: Mapping[str, Any]) -> list[str] | Outcome:
    """Return the files of the snapshot that a model was made from, each as its digest says."""
    tree, path = context.tree, str(made_from.get("data"))
    recorded = made_from.get("data_sha256")
    if not candidates.inside(path) or not tree.has(path):
        return unknown(f"{path} is not here, so its digest can't be computed")
    if tree.digest(path) != recorded:
        return failed(f"{path} is not what the champion was trained on", Location(path))
    files = [path]
    if path.endswith(".json"):
        folder = path.rpartition("/")[0].rpartition("/")[0]
        for digest in _parts(candidates.document(tree, path)):
            part = f"{folder}/parts/{digest}.parquet"
            if tree.digest(part) != digest:
                return failed(f"{part} is missing or not what its name says", Location(part))
            files.append(part)
    return files


def _parts(manifest: Mapping[str, Any]) -> Iterator[str]:
    parts = manifest.get("parts")
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict):
            yield str(part.get("sha256"))


def _followed(project: Project, champion: str, data: list[str]) -> str | None:
    """Say why `lineage` is of no use: it fails, names no data, or overlooks what was changed."""
    copy = project.lab.copy()
    done = project.command(copy, "lineage", champion)
    if done.status is None:
        raise UnrunnableError(f"lineage is {done.reason}")
    if not done.ok:
        return f"lineage {champion} finds damage: {done.reason}"
    lacking = [
        path for path in data if path.rpartition("/")[2].partition(".")[0] not in done.output
    ]
    if lacking:
        return f"lineage {champion} does not lead to {lacking[0]}"
    for path in (data[0], data[-1], f"{project.models}/{champion}/model.onnx"):
        file = copy / path
        before = file.read_bytes()
        _flip(file, before)
        done = project.command(copy, "lineage", champion)
        file.write_bytes(before)
        if done.ok:
            return f"lineage {champion} finds nothing wrong when a byte of {path} is another"
    return None


def _flip(file: Path, content: bytes) -> None:
    middle = len(content) // 2
    changed = bytes([content[middle] ^ 1])
    file.chmod(0o644)
    file.write_bytes(content[:middle] + changed + content[middle + 1 :])
