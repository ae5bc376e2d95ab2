# Managed by poc2prod; extend in settings.toml: kpi_values, kpi_database.
"""Where measured values come from: CSV files and queries of SQLite."""

import csv
import io
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ..errors import ProjectError

COLUMNS = ("kpi", "period_start", "period_end", "value")
OPTIONAL = "source"
MOST_ROWS = 100_000
MOST_BYTES = 10_000_000

Rows = Iterator[tuple[str, dict[str, str]]]
"""Where a row is, and its fields."""


def file(path: Path) -> Rows:
    """Read a CSV file, row by row, each with its line.

    Raises:
        ProjectError: it is missing, too large, not UTF-8, not CSV, or has other columns.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ProjectError(
            f"{path} is not here: write the measured values into it, as CSV with the columns"
            f" {','.join(COLUMNS)} and a row per period; `kpi example` prints one to start from"
        ) from None
    if len(content) > MOST_BYTES:
        raise ProjectError(f"{path} has more than {MOST_BYTES:,} bytes: a row per period is enough")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProjectError(f"{path}:{line}: is not UTF-8; save it as CSV UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_columns(names, COLUMNS, f"{path}:1")
        for fields in reader:
            where = f"{path}:{reader.line_num}"
            if len(fields) > len(names):
                raise ProjectError(
                    f"{where}: {len(fields)} fields for {len(names)} columns; write a point, not a"
                    " comma, in a number, and quote text that has a comma"
                )
            if any(fields):
                yield where, dict.fromkeys(names, "") | dict(zip(names, fields, strict=False))
    except csv.Error as error:
        raise ProjectError(f"{path}:{reader.line_num}: is not CSV: {error}") from None


def query(name: str, query: str, database: str | None) -> Rows:
    """Ask a database for the values of one KPI.

    Raises:
        ProjectError: there is none, it is no SQLite file, or the query fails.
    """
    if database is None:
        raise ProjectError(
            f"{name} is measured by a query: set kpi_database in settings.toml or"
            " OPS_KPI_DATABASE, such as sqlite:///plant.db"
        )
    scheme, _, path = database.partition(":///")
    if scheme != "sqlite" or not path:
        # A URL may hold a password: it is not repeated.
        raise ProjectError(
            "kpi_database must be sqlite:///FILE: other databases need SQLAlchemy, which is not"
            " part of this project; export to CSV and name that file in measured_by.ref, with"
            " kind manual"
        )
    found = Path(path).resolve()
    if not found.is_file():
        raise ProjectError(f"kpi_database: {path} is not here")
    where = f"{name}'s query"
    try:
        # Read-only: a report changes nothing, whatever the contract's query says.
        with closing(sqlite3.connect(f"{found.as_uri()}?mode=ro", uri=True)) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or ()]
            _check_columns(names, COLUMNS[1:], where)
            rows = cursor.fetchmany(MOST_ROWS + 1)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise ProjectError(f"{where}: {error}; mend measured_by.ref") from None
    if len(rows) > MOST_ROWS:
        raise ProjectError(f"{where}: more than {MOST_ROWS:,} rows; a row per period is enough")
    for number, row in enumerate(rows, start=1):
        fields = ("" if value is None else str(value) for value in row)
        yield f"{where}, row {number}", {"kpi": name} | dict(zip(names, fields, strict=True))


def _check_columns(names: list[str], needed: Sequence[str], where: str) -> None:
    missing = [name for name in needed if name not in names]
    strange = [name for name in names if name not in (*COLUMNS, OPTIONAL)]
    twice = [name for name in names if names.count(name) > 1]
    for wrong, problem in ((missing, "no column"), (strange, "a column"), (twice, "two columns")):
        if wrong:
            raise ProjectError(
                f"{where}: has {problem} {wrong[0]!r}; write {','.join(needed)} and, if you like,"
                f" {OPTIONAL}, separated by commas"
            )
