"""Git's index, edited without a look at the folder, in the form that `--index-info` takes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from poc2prod.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from poc2prod.updating.repository import Repository


def conflicts_elsewhere(project: Repository) -> list[str]:
    """Return the index entries of other projects' conflicts, with which git merges nothing."""
    listed = project.git("ls-files", "--unmerged", "-z", "--full-name", "--", ":/")
    return [os.fsdecode(line) for line in listed.split(b"\0")[:-1]]


def without(project: Repository, entries: list[str]) -> list[str]:
    """Return the index entries that remove the paths of `entries`."""
    gone = "0" * len(project.commit)
    return [f"0 {gone}\t{path}" for path in {entry.partition("\t")[2] for entry in entries}]


def tree(
    project: Repository, files: Mapping[str, tuple[str, bytes]], removed: Iterable[str]
) -> str:
    """Put `files`, each a mode and contents, into git as HEAD's tree with these changes."""
    lines = [absent(project, path) for path in removed]
    lines += entries(project, [(path, *file, 0) for path, file in files.items()])
    with tempfile.TemporaryDirectory(prefix="poc2prod-index-") as folder:
        index = Path(folder, "index")
        project.git("read-tree", "HEAD", index=index)
        edit(project, lines, index)
        written = project.git("write-tree", index=index).decode().strip()
    listed = project.git("diff-tree", "-r", "-z", "--name-only", "--relative", "HEAD", written)
    lost = {os.fsdecode(path) for path in listed.split(b"\0")[:-1]} - {*files, *removed}
    if lost:  # git took a folder for a file's, or the other way round: one that isn't checked out
        raise CommandError(f"{min(lost)} is in the way of the template's files: move it first")
    return written


def entries(project: Repository, files: list[tuple[str, str, bytes, int]]) -> list[str]:
    """Write files, each a path, mode, contents and stage, to git; return their index entries."""
    with tempfile.TemporaryDirectory(prefix="poc2prod-files-") as folder:
        places = [Path(folder, str(number)) for number in range(len(files))]
        for place, (_, _, data, _) in zip(places, files, strict=True):
            place.write_bytes(data)
        names = "".join(f"{place}\n" for place in places).encode()
        blobs = project.git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names)
    return [
        f"{mode} {blob.decode()} {stage}\t{project.prefix}{path}"
        for (path, mode, _, stage), blob in zip(files, blobs.split(), strict=True)
    ]


def absent(project: Repository, path: str) -> str:
    """Return the index entry that removes `path` in all its stages."""
    return f"0 {'0' * len(project.commit)}\t{project.prefix}{path}"


def edit(project: Repository, lines: list[str], index: Path | None = None) -> None:
    """Put entries into the project's index, or into `index`."""
    if lines:
        stdin = os.fsencode("".join(f"{line}\0" for line in lines))
        project.git("update-index", "-z", "--index-info", stdin=stdin, index=index)
