# Managed by poc2prod; extend in sources.py, where infer writes what it found.
"""Opens the team's table as a sources.py that suits it will."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from .... import sources as own_sources
from ...errors import ProjectError
from . import exemplifying, reading, sourcing
from .spelling import Spelling, spelling


@dataclass(frozen=True)
class Found:
    """A table as it was opened.

    Attributes:
        where: as settings.toml shall name it.
        sources: the text of a sources.py that reads it; None where today's does.
        tests: of that.
    """

    where: Path
    frame: pl.DataFrame
    spellings: dict[str, Spelling]
    sources: str | None
    tests: str | None


def from_file(path: Path, rows: int, folder: Path) -> Found:
    """Open a file; one from outside the project is meant to be copied into a folder of it.

    Raises:
        ProjectError: it is missing, or can't be read.
    """
    layout = reading.layout(path)
    raw = reading.read(path, layout, rows)
    texts = [name for name, kind in raw.schema.items() if kind == pl.String]
    spellings = {name: spelling(raw[name]) for name in texts}
    odd = {name: found for name, found in spellings.items() if not found.plain}
    floats = [name for name, kind in raw.schema.items() if kind.is_float()]
    with_nan = any(raw[name].is_nan().any() for name in floats)
    text = sourcing.sources(path.name, layout, odd, with_nan=with_nan)
    try:
        lazy = own_sources.read(path) if text is None else sourcing.opened(text, path)
        frame = lazy.head(rows).collect()
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ProjectError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    inside = path.resolve().is_relative_to(Path.cwd().resolve())
    where = path.resolve().relative_to(Path.cwd().resolve()) if inside else folder / path.name
    tests = None if text is None else exemplifying.tests(layout, odd)
    return Found(where, frame, spellings, text, tests)


def from_database(url: str, table: str, rows: int, folder: Path) -> Found:
    """Read a database's table, to be kept as a file of the project.

    Raises:
        ProjectError: it can't be read.
    """
    frame = reading.query(url, table, rows)
    if frame.is_empty():
        raise ProjectError(f"the table {table} has no row")
    where = folder / f"{table.replace('/', '_')}.parquet"
    with TemporaryDirectory(prefix="infer-") as temporary:
        path = Path(temporary, where.name)
        frame.write_parquet(path)
        found = from_file(path, rows, folder)
    return replace(found, where=where)


def bring(path: Path, where: Path) -> None:
    """Copy a file into the project."""
    where.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, where)
