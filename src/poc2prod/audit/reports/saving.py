"""Writes reports to files: each whole or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod.audit.reports import formats
from poc2prod.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poc2prod.audit.reports.formats import Writer


def writers(paths: Sequence[Path]) -> list[tuple[Path, Writer]]:
    """Return the writer for each path, before an audit that may take minutes.

    Raises:
        UsageError: a path has no known ending, is a folder, or is there twice.
    """
    found: dict[Path, tuple[Path, Writer]] = {}
    for path in paths:
        write = formats.by_suffix(path)
        real = Path(os.path.realpath(path))
        if real.is_dir():
            raise UsageError(f"--output {path}: that is a folder; name a file")
        if real in found:
            raise UsageError(f"--output {path}: that file is named twice")
        found[real] = (real, write)
    return list(found.values())


def save(report: Mapping[str, Any], wanted: Sequence[tuple[Path, Writer]]) -> list[str]:
    """Write the reports, as many as can be, and return what went wrong."""
    problems = []
    for path, write in wanted:
        try:
            _replace(path, write(report))
        except OSError as error:
            problems.append(f"{path} can't be written: {error.strerror or error}")
    return problems


def _replace(path: Path, text: str) -> None:
    """Write a file under another name, then put it in place of the old one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from error
    beside = path.with_name(f".{path.name[:100]}.{os.getpid()}.tmp")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        beside.replace(path)
    except BaseException:  # Ctrl-C too
        with suppress(OSError):
            beside.unlink()
        raise
