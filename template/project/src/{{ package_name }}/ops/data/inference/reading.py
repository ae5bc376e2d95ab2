# Managed by poc2prod; extend in sources.py, where infer writes what it found.
"""Opens a table that nobody has described: where it is, how its file is laid out."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from ... import table
from ...errors import ProjectError

_TEXTS = (".csv", ".tsv", ".txt")
_SEPARATORS = ",;\t|"
_LINES = 200
_HEAD = 1_000_000


@dataclass(frozen=True)
class Layout:
    """How a file is written.

    Attributes:
        separator: of a text file.
        encoding: as polars calls it.
        names: what columns without a name are called: polars' name for them → the new one.
    """

    suffix: str = ".parquet"
    separator: str = ","
    encoding: str = "utf8"
    names: dict[str, str] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        """Whether it is a text file."""
        return self.suffix in _TEXTS


def layout(path: Path) -> Layout:
    """Find out how a file is written.

    Raises:
        ProjectError: it is missing, empty, of another kind, or its header can't be used.
    """
    if not path.is_file():
        raise ProjectError(f"there is no file {path}")
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        try:
            header = list(pl.read_parquet_schema(path))
        except pl.exceptions.PolarsError as error:
            raise ProjectError(f"{path} cannot be read: {table.reason(error)}") from None
        return Layout(names=_cleaned(dict(zip(header, header, strict=True))))
    if suffix not in _TEXTS:
        raise ProjectError(
            f"{path}: {suffix or 'no ending'} is not .csv, .tsv, .txt or .parquet: convert it, or"
            " give the URL of a database and --table"
        )
    text, encoding = _decoded(path)
    lines = [line for line in text.splitlines()[:_LINES] if line.strip()]
    if len(lines) < 2:
        raise ProjectError(f"{path} has no row below its header")
    separator = _separator(lines)
    header = next(csv.reader(io.StringIO(text), delimiter=separator))
    return Layout(suffix, separator, encoding, _names(header, path))


def read(path: Path, found: Layout, rows: int) -> pl.DataFrame:
    """Read at most `rows` rows: text as text, Parquet as it is.

    Raises:
        ProjectError: it can't be read; says where.
    """
    try:
        if not found.is_text:
            return pl.scan_parquet(path).head(rows).collect().rename(found.names)
        frame = pl.read_csv(
            path,
            separator=found.separator,
            encoding=found.encoding,
            infer_schema=False,
            n_rows=rows,
        )
    except pl.exceptions.PolarsError as error:
        hint = "; a line has more values than the header" if "fields" in str(error) else ""
        raise ProjectError(f"{path} cannot be read: {table.reason(error)}{hint}") from None
    return frame.rename(found.names)


def query(url: str, name: str, rows: int) -> pl.DataFrame:
    """Read at most `rows` rows of a database's table.

    Raises:
        ProjectError: the database can't be reached, or has no such table.
    """
    import sqlalchemy

    from ..database import opened, reason

    schema, _, plain = name.rpartition(".")
    engine = opened(url, "the database at the URL given as FILE")
    try:
        with engine.connect() as connection:
            found = sqlalchemy.Table(
                plain, sqlalchemy.MetaData(), schema=schema or None, autoload_with=engine
            )
            result = connection.execute(sqlalchemy.select(found).limit(rows))
            names, values = list(result.keys()), result.all()
        engine.dispose()
    except sqlalchemy.exc.NoSuchTableError:
        raise ProjectError(f"the database has no table {name}") from None
    except (sqlalchemy.exc.SQLAlchemyError, ValueError) as error:
        raise ProjectError(f"the database cannot be read: {reason(error, url)}") from None
    columns = {name: [_plain(row[i]) for row in values] for i, name in enumerate(names)}
    return pl.DataFrame({name: _series(values) for name, values in columns.items()})


def _plain(value: Any) -> Any:
    """What polars has a type for; a decimal of a database is a number."""
    return float(value) if type(value).__name__ == "Decimal" else value


def _series(values: list[Any]) -> pl.Series:
    try:
        return pl.Series(values, strict=True)
    except (TypeError, pl.exceptions.PolarsError):  # SQLite keeps what it was given
        return pl.Series(
            [None if value is None else str(value) for value in values], dtype=pl.String
        )


def _decoded(path: Path) -> tuple[str, str]:
    """The beginning of a file as text, and its encoding."""
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw[:_HEAD]:
        raise ProjectError(f"{path} is UTF-16 or no text: save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")[:_HEAD], "utf8"
    except UnicodeDecodeError:
        return raw[:_HEAD].decode("cp1252", "replace"), "cp1252"


def _separator(lines: list[str]) -> str:
    """The one that cuts most lines into the same number of parts, and into more than one."""

    def score(separator: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        width, often = widths.most_common(1)[0]
        return (often / widths.total() if width > 1 else 0.0, width)

    return max(_SEPARATORS, key=score)


def _names(header: list[str], path: Path) -> dict[str, str]:
    """Name columns that have no name.

    Raises:
        ProjectError: two have the same name, or the first line is no header.
    """
    given = [name for name in header if name.strip()]
    twice = [name for name, times in Counter(given).items() if times > 1]
    if twice:
        raise ProjectError(
            f"{path}: the column {', '.join(twice)} is there twice: give each a name of its own"
        )
    if given and all(_number(name) for name in given):
        raise ProjectError(f"{path}: the first line holds numbers: give the table a header")
    names: dict[str, str] = {}  # as polars calls them → as they are
    unnamed = 0
    for number, name in enumerate(header, 1):
        if name.strip():
            names[name.replace('"', '""')] = name
            continue
        found = name or (f"_duplicated_{unnamed - 1}" if unnamed else "")
        unnamed += not name
        new = f"column_{number}"
        names[found] = new if new not in given else f"{new}_unnamed"
    renamed = {old: new for old, new in names.items() if new.startswith("column_") and old != new}
    return {**renamed, **_cleaned(names)}


def _cleaned(names: dict[str, str]) -> dict[str, str]:
    """Names that no CSV file can give back: with quotes, or of several lines."""
    clean = {old: " ".join(name.replace('"', "'").split()) for old, name in names.items()}
    odd = {old: new for old, new in clean.items() if '"' in names[old] or "\n" in names[old]}
    taken = set(names.values())
    return {old: new if new not in taken else f"{new}_" for old, new in odd.items()}


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
