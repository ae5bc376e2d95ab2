"""Where the files of a project go in an update, and what is in their way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poc2prod.releases import Release, Version

RESCUED = ".poc2prod/rescued"
"""Where in a project the edits are that no longer have a file, a folder for each update."""


def moves(paths: set[str], crossed: Sequence[Release], packages: tuple[str, str]) -> dict[str, str]:
    """Return path → new path of all that moved: by a release, or with the package's name."""
    old_home, new_home = (f"src/{package}/" for package in packages)
    renamed: dict[str, str] = {}
    for release in crossed:
        for source, target in release.changes.renamed.items():
            origin = next((path for path, now in renamed.items() if now == source), source)
            renamed[origin] = target
    moves = {}
    for path in paths:
        moved = path
        if path.startswith(old_home):
            moved = f"src/<package_name>/{path.removeprefix(old_home)}"
        moved = renamed.get(moved, moved)
        moved = moved.replace("src/<package_name>/", new_home)
        if moved != path:
            moves[path] = moved
    return moves


def occupied(root: Path, path: str, going: set[str]) -> bool:
    """Tell whether a file can't be put at `path`, once the paths `going` are gone."""
    for parent in Path(path).parents[:-1]:
        place = root / parent
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return parent.as_posix() not in going
    place = root / path
    if place.is_dir() and not place.is_symlink():
        return any(
            file.relative_to(root).as_posix() not in going
            for file in place.rglob("*")
            if file.is_symlink() or not file.is_dir()
        )
    return os.path.lexists(place)


def vacant(root: Path, paths: Mapping[str, object], version: Version) -> str:
    """Return the folder of this update's rescued edits, which no earlier one has used."""
    home = RESCUED
    while home in paths or (os.path.lexists(root / home) and not (root / home).is_dir()):
        home += "_"
    folder, number = f"{home}/{version.tag}", 1
    while os.path.lexists(root / folder) or any(path.startswith(f"{folder}/") for path in paths):
        number += 1
        folder = f"{home}/{version.tag}-{number}"
    return folder
