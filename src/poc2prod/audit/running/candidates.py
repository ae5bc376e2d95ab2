"""Models that are trained in a lab, once for all checks, and the registry that they go into."""

from __future__ import annotations

import json
import shutil
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Location, failed, missing
from poc2prod.audit.running.lab import Lab, UnrunnableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from poc2prod.audit.context import Context
    from poc2prod.audit.files.tree import Tree
    from poc2prod.audit.outcome import Outcome
    from poc2prod.audit.running.lab import Done

SETTINGS = "settings.toml"
_DEFAULTS = {
    "data": "data/readings.parquet",
    "snapshots": "data/snapshots",
    "quarantine": "data/quarantine",
    "runs": "runs",
    "models": "models",
}
_WRITTEN = ("snapshots", "quarantine", "runs", "models")


@dataclass(frozen=True, slots=True)
class Project:
    """What a lab has to know of the project.

    Attributes:
        package: the name of its Python package.
        data: the table to learn from; None where there is none in the repository.
        snapshots: the snapshots to learn from, where the table is not what is learned from.
        runs: where training leaves candidates.
        models: the registry.
        variables: keep what is written inside of a copy, whatever the settings say.
    """

    lab: Lab
    package: str
    data: str | None
    snapshots: str | None
    runs: str
    models: str
    variables: Mapping[str, str]

    def command(self, copy: Path, *arguments: str) -> Done:
        """Run one of the project's commands in a copy."""
        return self.lab.run(copy, "-m", self.package, *arguments, variables=self.variables)

    def registry(self, copy: Path) -> tuple[list[str], str | None]:
        """Return the versions that a copy's registry holds, and the one that serves."""
        models = copy / self.models
        alias = models / "champion"
        champion = alias.read_text("utf-8", "replace").strip() if alias.is_file() else None
        return sorted(path.name for path in models.glob("v*") if path.is_dir()), champion


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that was trained and evaluated in a copy.

    Attributes:
        run: its folder; None where training failed.
        reason: why training failed.
        evaluated: how `evaluate` ended.
    """

    copy: Path
    run: Path | None
    reason: str = ""
    evaluated: Done | None = None

    @property
    def predictions(self) -> Path | None:
        """What it predicted of the held-out rows; None where it was not evaluated."""
        table = self.run / "evaluation/predictions.parquet" if self.run else None
        return table if table and table.is_file() else None


def project(context: Context) -> Project | None:
    """Return what a lab has to know; None where there is no package with commands.

    Raises:
        UnreadableError: the settings are no TOML.
        UnrunnableError: there is no data to learn from.
    """
    assert context.lab is not None
    found = context.tree.matching("/src/*/__main__.py")
    if not found:
        return None
    settings = _settings(context.tree)
    snapshots = None
    if _read(context.tree).get("sources"):
        snapshots = settings["snapshots"]
        if not inside(snapshots):
            raise UnrunnableError(f"the snapshots are outside of the repository, in {snapshots}")
        settings["data"] = ""
    variables = {}
    for name in _WRITTEN:
        if not inside(settings[name]):
            settings[name] = _DEFAULTS[name]
            variables[f"OPS_{name.upper()}"] = _DEFAULTS[name]
    data = settings["data"] if inside(settings["data"]) else None
    if data and not context.tree.has(data):
        raise UnrunnableError(f"there is no data at {data}: put it there; `make data` simulates it")
    return Project(
        context.lab,
        found[0].split("/")[1],
        data,
        snapshots,
        settings["runs"],
        settings["models"],
        variables,
    )


def places(tree: Tree) -> dict[str, str]:
    """Return where data, runs and models are; empty for one that is outside of the repository."""
    return {name: path if inside(path) else "" for name, path in _settings(tree).items()}


def _settings(tree: Tree) -> dict[str, str]:
    settings = _read(tree)
    return {name: str(settings.get(name, default)) for name, default in _DEFAULTS.items()}


def _read(tree: Tree) -> dict[str, Any]:
    try:
        return tomllib.loads(tree.text(SETTINGS) or "")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnreadableError(f"{SETTINGS} is no TOML: {' '.join(str(error).split())}") from error


def inside(path: str) -> bool:
    """Whether a path of the settings is one in the repository."""
    return (
        bool(path)
        and "://" not in path
        and not path.startswith(("/", "~"))
        and ".." not in path.split("/")
    )


def candidate(
    project: Project, name: str, prepare: Callable[[Path], None] | None = None
) -> Candidate:
    """Train and evaluate in a copy, once for a name.

    Args:
        project: what to train.
        name: of the candidate.
        prepare: changes the copy first.

    Raises:
        UnrunnableError: it can't run here.
    """

    def make() -> Candidate:
        copy = project.lab.copy()
        shutil.rmtree(copy / project.runs, ignore_errors=True)
        if prepare:
            prepare(copy)
        done = project.command(copy, "train")
        if done.status is None:
            raise UnrunnableError(f"train is {done.reason}")
        runs = sorted((copy / project.runs).glob("*/model.json"))
        if not done.ok or not runs:
            return Candidate(copy, None, done.reason if not done.ok else "it left no model")
        return Candidate(copy, runs[-1].parent, evaluated=project.command(copy, "evaluate"))

    return project.lab.once(f"candidate {name}", make)


def registered(project: Project) -> tuple[Path, Done]:
    """Register the first candidate in a copy of its own, once; return the copy, how it ended."""

    def make() -> tuple[Path, Done]:
        copy = project.lab.copy(candidate(project, "first").copy)
        return copy, project.command(copy, "register")

    return project.lab.once("registered", make)


def document(tree: Tree, path: str) -> dict[str, Any]:
    """Read a JSON object of the audited repository.

    Raises:
        UnreadableError: there is none.
    """
    try:
        found = json.loads(tree.text(path) or "")
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path} is no JSON") from error
    if not isinstance(found, dict):
        raise UnreadableError(f"{path} is no JSON object")
    return found


def made_from(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what model.json says that a model was made from."""
    found = metadata.get("made_from")
    return found if isinstance(found, dict) else {}


def no_contract(context: Context) -> Outcome | None:
    """Say that there are no gates to hold a model to; None where there are."""
    if context.contract is not None:
        return None
    if not context.tree.has(CONTRACT):
        return missing(f"{CONTRACT} is not there", Location(CONTRACT))
    return failed(f"{CONTRACT} is not valid, so it gates nothing: see KPI-01", Location(CONTRACT))


def ready(context: Context) -> Project | Outcome:
    """Return what a lab has to know, or why no model can be held to the contract's gates.

    Raises:
        UnreadableError, UnrunnableError: as `project`.
    """
    return no_contract(context) or project(context) or no_package()


def no_package() -> Outcome:
    """Say that there is nothing to run."""
    return missing("there is no package with a __main__.py in src", Location("src"))
