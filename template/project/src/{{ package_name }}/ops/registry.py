# Managed by poc2prod; extend in a module of your own that imports it.
"""The registry: numbered model versions as directories, and the alias `champion`.

runs/<time>/                candidates, as training left them
models/v1/  models/v2/ …    bundles, never changed once there
models/champion             one line: the version that serves
"""

import shutil
from pathlib import Path

from .bundle import SUMS, read_evaluation, verify
from .errors import ProjectError
from .files import whole_directory, write_text


def latest_run(runs: Path) -> Path:
    """Find the newest complete candidate.

    Raises:
        ProjectError: nothing has been trained.
    """
    candidates = sorted(runs.glob(f"[0-9]*/{SUMS}"))
    if not candidates:
        raise ProjectError(f"there is no trained model in {runs}/: run train first")
    return candidates[-1].parent


def register(run: Path, models: Path) -> Path:
    """Copy a candidate that passed its gates into the registry and make it the champion.

    Returns:
        The directory of the new version.

    Raises:
        ProjectError: a gate failed, or the candidate or its evaluation was changed.
    """
    verify(run)
    failed = [gate for gate in read_evaluation(run)["gates"] if not gate["passed"]]
    if failed:
        reasons = "; ".join(f"{gate['id']}: {gate['reason']}" for gate in failed)
        raise ProjectError(f"{run.name} is not registered, it misses its gates: {reasons}")
    while True:
        version = models / f"v{max(map(_number, models.glob('v*')), default=0) + 1}"
        try:
            with whole_directory(version) as directory:
                shutil.copytree(run, directory, dirs_exist_ok=True)
        except FileExistsError:
            continue  # another process registered at the same moment and took the number
        break
    write_text(models / "champion", f"{version.name}\n")
    return version


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


def _number(directory: Path) -> int:
    digits = directory.name.removeprefix("v")
    return int(digits) if digits.isdecimal() else 0
