# Managed by poc2prod; extend in tests/test_sources.py, which is yours.
"""Writes tests of the sources.py that infer wrote, with made-up values: no row of the table."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from .code import assigned, quoted
from .reading import Layout
from .spelling import Spelling

_TESTS = '''"""Yours: what sources.py reads."""

from pathlib import Path

import polars as pl
import pytest
from package import load

read = load("sources").read
{lines}{wanted}

def test_text_is_spelled_as_the_contract_reads_it(tmp_path):
    path = tmp_path / "table{suffix}"
    path.write_text("\\n".join(LINES) + "\\n", encoding={encoding})
    assert read(path).collect().to_dict(as_series=False) == WANTED


def test_parquet_is_read_alike(tmp_path):
    frame = pl.DataFrame({{"x": [1.5, None], "some text": ["ä, b", "c\\nd"]}})
    frame.write_parquet(tmp_path / "table.parquet")
    assert read(tmp_path / "table.parquet").collect().equals(frame)


def test_another_ending_is_refused_by_name():
    with pytest.raises(ValueError, match=r"\\.xlsx is not "):
        read(Path("table.xlsx"))
'''
_DAY = datetime(2024, 2, 28, 13, 45, tzinfo=UTC)


def tests(layout: Layout, spellings: Mapping[str, Spelling]) -> str:
    """The text of tests/test_sources.py.

    Args:
        layout: of the files.
        spellings: of the columns of text that are rewritten.
    """
    columns: dict[str, tuple[str, str | None]] = {"anything else": ("x, y", "x, y")}
    shown: set[str] = set()
    renamed = set(layout.names.values())
    for name, found in ((name, f) for name, f in spellings.items() if name not in renamed):
        for what, text, read in _examples(found):
            if what not in shown and name not in columns:
                shown.add(what)
                columns[name] = (text, read)
    unnamed = layout.names.get("")
    if unnamed:
        columns = {unnamed: ("1", "1"), **columns}
    header = ["" if name == unnamed else name for name in columns]
    written = io.StringIO()
    writer = csv.writer(written, delimiter=layout.separator, lineterminator="\n")
    writer.writerow(header)
    writer.writerow([text for text, _ in columns.values()])
    return _TESTS.format(
        lines=assigned("LINES", written.getvalue().splitlines()),
        wanted=assigned("WANTED", {name: [read] for name, (_, read) in columns.items()}),
        suffix=layout.suffix if layout.is_text else ".csv",
        encoding=quoted("utf-8" if layout.encoding == "utf8" else layout.encoding),
    )


def _examples(found: Spelling) -> Iterator[tuple[str, str, str | None]]:
    """Each way in which a column is rewritten, with a text and what it is read as."""
    if found.time:
        day = _DAY.replace(hour=13 if "%H" in found.time or "%I" in found.time else 0)
        if day.hour == 0 or "%M" not in found.time:
            day = day.replace(hour=0, minute=0)
        yield "time", day.strftime(found.time.replace("%.f", "")), day.strftime("%Y-%m-%dT%H:%M:%S")
    for word, meaning in list(found.words.items())[:1]:
        yield "word", word, meaning
    if found.numerals == "comma":
        yield "comma", "1.234,5", "1234.5"
    if found.numerals == "thousands":
        yield "thousands", "1,234", "1234"
    for gap in [gap for gap in found.missing if gap][:1]:
        yield "gap", gap, None
    if found.padded:
        yield "padded", " z ", "z"
