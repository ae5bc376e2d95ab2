# Managed by poc2prod; extend in settings.toml.
"""A table of a database as a source: what is new in it by a column that only grows."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from ..contract import DataContract
from ..errors import ProjectError
from ..settings import Source

_ENCODE = "its URL cannot be used: in a user and a password write @ : / as %40 %3A %2F"


class Table:
    """A table, and how far it was read.

    Attributes:
        name: of the table.
        watermark: the greatest value of its column that was read, as text; None before.
    """

    def __init__(self, source_name: str, source: Source, contract: DataContract) -> None:
        """Prepare to read.

        Raises:
            ProjectError: the contract has no primary key, or the variable is not set.
        """
        if not contract.identity:
            raise ProjectError(
                f"the source {source_name} is a database, whose rows are read again where the time"
                " says they may be new: mark the columns that identify a row in data-contract.yaml,"
                " with primaryKey: true"
            )
        self.name = str(source.table)
        self.watermark: str | None = None
        self._where = f"{self.name} of the source {source_name}"
        self._column = str(source.watermark)
        self._contract = contract
        self._variable = str(source.url_env)
        self._url = os.environ.get(self._variable, "")
        if not self._url:
            raise ProjectError(
                f"the source {source_name} is at the URL that the variable {self._variable} holds,"
                " which is not set"
            )

    def read(self, since: str | None, rows: int) -> Iterator[pl.DataFrame]:
        """Read what is new since a watermark, in one statement and so of one state of the table.

        Rows that come later than others with a greater time are found for as long as the contract's
        latency allows, since so much is read again. Values are text, as from CSV: the contract says
        what they are.

        Raises:
            ProjectError: the database cannot be reached or read, or the table lacks a column.
        """
        engine = opened(self._url, f"{self._where}, at the URL in {self._variable}")
        file = engine.url.database or ""
        real = file and not file.startswith((":memory:", "file:"))
        if engine.dialect.name == "sqlite" and real and not Path(file).is_file():
            # SQLite would make an empty one.
            raise ProjectError(f"{self._where}: there is no file {file}")
        try:
            with engine.connect() as connection:
                streaming = connection.execution_options(stream_results=True, max_row_buffer=rows)
                query, watermark = self._query(engine, since)
                for part in streaming.execute(query).mappings().partitions(rows):
                    self._advance(part, watermark)
                    yield self._frame(part)
        except sa.exc.NoSuchTableError:
            raise ProjectError(f"{self._where}: there is no such table") from None
        except sa.exc.SQLAlchemyError as error:
            raise ProjectError(f"{self._where}: {reason(error, self._url)}") from None
        finally:
            engine.dispose()

    def _query(self, engine: sa.Engine, since: str | None) -> tuple[sa.Select[Any], str]:
        schema, _, name = self.name.rpartition(".")
        table = sa.Table(name, sa.MetaData(schema=schema or None), autoload_with=engine)
        wanted = [column.name for column in self._contract.columns]
        missing = [column for column in (*wanted, self._column) if column not in table.columns]
        if missing:
            raise ProjectError(
                f"{self._where} has no column {', '.join(missing)}: it has"
                f" {', '.join(column.name for column in table.columns)}"
            )
        watermark = table.columns[self._column]
        if isinstance(watermark.type, sa.types.NullType):
            raise ProjectError(
                f"{self._where}: its column {self._column} has no type that can be compared, so"
                " what is new cannot be asked for: give it one, such as TIMESTAMP"
            )
        label = "watermark of this row"
        query = sa.select(*(table.columns[name] for name in wanted), watermark.label(label))
        if since is not None:
            # Rows without it are seen every time: they are known, or rejected, after the first.
            begin = _before(since, watermark.type.python_type, self._overlap())
            query = query.where(sa.or_(watermark >= begin, watermark.is_(None)))
        keys = (table.columns[column.name] for column in self._contract.identity)
        return query.order_by(watermark, *keys), label

    def _overlap(self) -> timedelta:
        found: timedelta | None = getattr(self._contract, "latency", None)
        return found or timedelta()

    def _advance(self, rows: Any, watermark: str) -> None:
        """Remember the greatest value, but no time that is to come: it would hide what is now."""
        now = datetime.now(UTC)
        for row in rows:
            value = row[watermark]
            if value is None or (isinstance(value, datetime) and _aware(value) > now):
                continue
            self.watermark = value.isoformat() if isinstance(value, date) else str(value)

    def _frame(self, rows: Any) -> pl.DataFrame:
        columns = {
            column.name: pl.Series([_text(row[column.name]) for row in rows], dtype=pl.String)
            for column in self._contract.columns
        }
        return pl.DataFrame(columns)


def opened(url: str, where: str) -> sa.Engine:
    """Prepare to connect to a database.

    Raises:
        ProjectError: the URL is none, or its driver is not installed.
    """
    try:
        return sa.create_engine(url)
    except ValueError:  # which quotes what it took for the port
        raise ProjectError(f"{where}: {_ENCODE}") from None
    except (sa.exc.ArgumentError, ImportError) as error:
        raise ProjectError(
            f"{where}: {reason(error, url)}; for another database add its driver,"
            " such as psycopg[binary], to requirements/own.in and run make lock"
        ) from None


def _text(value: Any) -> str | None:
    """Write a value as a CSV file would."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)


def _before(since: str, kind: Any, overlap: timedelta) -> Any:
    """Go back from a watermark by the time that rows may be late."""
    if issubclass(kind, datetime):
        return datetime.fromisoformat(since) - overlap
    if issubclass(kind, date):
        return date.fromisoformat(since) - overlap
    if overlap and issubclass(kind, str):
        try:
            return (datetime.fromisoformat(since) - overlap).isoformat(sep=since[10:11] or "T")
        except ValueError:
            return since
    return kind(since)


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def reason(error: Exception, url: str) -> str:
    """Say in one line what is wrong, without the URL, which may hold a password."""
    if url.count("@") > 1 and not isinstance(error, ImportError):
        return _ENCODE  # what follows the first @ of a password was taken for a host
    said = " ".join(str(error).split()).partition(" [SQL:")[0]
    return said.replace(url, "the URL")[:300]
