# Managed by poc2prod; extend in a module of your own that imports it.
"""The registry: numbered model versions as directories, and the alias `champion`.

runs/<time>/                candidates, as training left them
models/v1/  models/v2/ …    bundles, never changed once there
models/champion             one line: the version that serves
"""

import shutil
from pathlib import Path

from . import signing
from .bundle import SUMS
from .errors import ProjectError
from .files import whole_directory, write_text
from .settings import Settings


def latest_run(runs: Path) -> Path:
    """Find the newest complete candidate.

    Raises:
        ProjectError: nothing has been trained.
    """
    candidates = sorted(runs.glob(f"[0-9]*/{SUMS}"))
    if not candidates:
        raise ProjectError(f"there is no trained model in {runs}/: run train first")
    return candidates[-1].parent


def store(run: Path, models: Path, key: Path | None = None) -> Path:
    """Copy a candidate into the registry. `promotion` has decided that it may be there.

    Args:
        run: the candidate.
        models: the registry.
        key: the private key that signs it; None leaves it without a signature.

    Returns:
        The directory of the new version.
    """
    while True:
        version = models / f"v{max(map(number, models.glob('v*')), default=0) + 1}"
        try:
            with whole_directory(version) as directory:
                shutil.copytree(run, directory, dirs_exist_ok=True)
                if key:
                    signing.sign(directory, key)
        except FileExistsError:
            continue  # another process registered at the same moment and took the number
        return version


def appoint(version: Path) -> None:
    """Make a version the champion."""
    write_text(version.parent / "champion", f"{version.name}\n")


def version(models: Path, name: str) -> Path:
    """Find a version.

    Raises:
        ProjectError: there is none of that name.
    """
    if not number(Path(name)) or not (models / name).is_dir() or "/" in name:
        there = ", ".join(
            sorted((v.name for v in models.glob("v*")), key=lambda v: number(Path(v)))
        )
        raise ProjectError(f"there is no version {name} in {models}/; there are {there or 'none'}")
    return models / name


def find(settings: Settings, name: str) -> Path:
    """Find a model by what people call it: champion, a version, or a run's folder or its name.

    Raises:
        ProjectError: there is none.
    """
    if name == "champion":
        return champion(settings.models)
    for directory in (settings.runs / name, Path(name)):
        if (directory / SUMS).is_file() and name not in ("", "."):
            return directory
    return version(settings.models, name)


def champion_or_none(models: Path) -> Path | None:
    """Find the version that serves, or that there has never been one.

    Raises:
        ProjectError: the alias names no version.
    """
    return champion(models) if (models / "champion").exists() else None


def champion(models: Path) -> Path:
    """Find the version that serves.

    Raises:
        ProjectError: none is registered, or the alias names none.
    """
    try:
        name = (models / "champion").read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise ProjectError(
            f"no model is registered in {models}/: run train, evaluate and register first"
        ) from None
    except UnicodeDecodeError:
        name = ""
    if not name.startswith("v") or not (models / name).is_dir() or "/" in name:
        raise ProjectError(f"{models / 'champion'} names no version in {models}/: register again")
    return models / name


def chosen(models: Path, name: str) -> Path:
    """Find the version of a name, or without a name the champion.

    Raises:
        ProjectError: there is none.
    """
    return version(models, name) if name else champion(models)


def number(directory: Path) -> int:
    """The number of a version; 0 of anything else."""
    name = directory.name
    return int(name[1:]) if name.startswith("v") and name[1:].isdecimal() else 0
