"""Writes sound rows and rows with one fault each, as CSV, for a project's ingestion to part.

Runs with the project's libraries and none of its code. The rows are the newest of a table; each
fault is one way to break one rule of one column.
"""

from __future__ import annotations

import random
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

NEW = 400
"""Rows of the second file, which has the faults."""


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Write first.csv, second.csv, lacking.csv and few.csv into a folder.

    Returns:
        `rows` of the first file and of the second; `faults`, each with its `column`, `rule` and
        `row`, which is the text of the row's columns; `lacks`, the column that lacking.csv lacks.
    """
    columns = request["columns"]
    names = [column["name"] for column in columns]
    path = Path(request["data"])
    lazy = pl.scan_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.scan_parquet(path)
    time = next((c["name"] for c in columns if c["role"] == "time"), None)
    frame = lazy.select(names).drop_nulls([c["name"] for c in columns if c["required"]]).collect()
    if time:
        frame = frame.sort(time, maintain_order=True)
    frame = frame.tail(max(request["least"], 1000) + NEW)
    if frame.height < 2 * NEW:
        return {"error": f"{path.name} has only {frame.height} whole rows"}
    folder = Path(request["folder"])
    written = folder / "all.csv"
    frame.write_csv(written)
    text = pl.read_csv(written, infer_schema=False)
    first, second = text.head(text.height - NEW), text.tail(NEW)
    faults = _Faults(request, first, second, frame[time] if time else None).all()
    bad = pl.DataFrame([fault["row"] for fault in faults], schema=second.schema, orient="row")
    # Among the others, so that neither the first nor the last rows are the bad ones.
    mixed = pl.concat([second, bad]).sample(fraction=1, shuffle=True, seed=7)
    (folder / "first").mkdir()
    (folder / "second").mkdir()
    first.write_csv(folder / "first/first.csv")
    mixed.write_csv(folder / "second/second.csv")
    lacks = next(column["name"] for column in columns if column["required"])
    second.drop(lacks).write_csv(folder / "lacking.csv")
    second.head(1).write_csv(folder / "few.csv")
    written.unlink()
    return {
        "first": first.height,
        "second": second.height,
        "faults": faults,
        "lacks": lacks,
        "sound": [list(row) for row in second.iter_rows()],
    }


class _Faults:
    """Makes rows of sound ones, each with one fault."""

    def __init__(
        self, request: dict[str, Any], first: pl.DataFrame, second: pl.DataFrame, times: Any
    ) -> None:
        self.columns, self.latency = request["columns"], request["latency"]
        self.first, self.second, self.times = first, second, times
        self.rows = second.to_dicts()
        self.chance = random.Random(7)  # noqa: S311
        self.key = sorted(column["name"] for column in self.columns if column["key"])

    def all(self) -> list[dict[str, Any]]:
        """Return one for each rule of each column, and those of keys and of lateness."""
        of_columns = [fault for column in self.columns for fault in self._of(column)]
        return [*of_columns, *self._repeated(), *self._late()]

    def _of(self, column: dict[str, Any]) -> Any:
        if column["required"]:
            yield self._made(column, "null", "required", None)
        if column["kind"] in ("number", "integer", "boolean", "timestamp", "date"):
            yield self._made(column, "type", f"logicalType {column['kind']}", "no such thing")
        if not column["converted"]:
            for rule, value in _outside(column):
                yield self._made(column, "range", rule, value)
        if column["values"]:
            unlike = "no such thing" if column["kind"] == "string" else "987654321"
            yield self._made(column, "value", "validValues", unlike)
        if column["unique"]:
            yield self._made(column, "duplicate", "unique", self.first[column["name"]][-1])

    def _repeated(self) -> Any:
        """A row with the key of another that came before, and another measurement."""
        number = next((c["name"] for c in self.columns if c["kind"] == "number"), None)
        if self.key and number and number not in self.key:
            row = dict(self.first.tail(1).to_dicts()[0])
            row[number] = next(value for value in self.second[number] if value != row[number])
            name = ", ".join(self.key)
            yield {
                "column": name,
                "kind": "duplicate",
                "rule": "primaryKey",
                "row": [*row.values()],
            }

    def _late(self) -> Any:
        time = next((column for column in self.columns if column["role"] == "time"), None)
        if time and self.latency is not None and self.times.dtype.is_temporal():
            late = self.times[self.first.height - 1] - timedelta(days=self.latency + 2)
            made = pl.DataFrame({"time": [late]}, schema={"time": self.times.dtype})
            text = made.write_csv(include_header=False).strip()
            yield self._made(time, "late", "latency", text)

    def _made(
        self, column: dict[str, Any], kind: str, rule: str, value: str | None
    ) -> dict[str, Any]:
        row = dict(self.chance.choice(self.rows))
        row[column["name"]] = value
        if column["name"] not in self.key:  # else it would be wrong for its key too
            _rekey(row, self.columns, self.chance)
        return {"column": column["name"], "kind": kind, "rule": rule, "row": [*row.values()]}


def _rekey(row: dict[str, Any], columns: list[dict[str, Any]], chance: random.Random) -> None:
    """Give a row another entity, so that its key is not that of the row it was made of."""
    for column in columns:
        if column["key"] and column["kind"] == "string" and not column["values"]:
            row[column["name"]] = f"{row[column['name']]}-{chance.randrange(10**9)}"
            return


def _outside(column: dict[str, Any]) -> Any:
    options = column["options"]
    if column["kind"] in ("number", "integer"):
        for rule, step in (
            ("minimum", -1),
            ("exclusiveMinimum", 0),
            ("maximum", 1),
            ("exclusiveMaximum", 0),
        ):
            bound = options.get(rule)
            if isinstance(bound, int | float):
                yield rule, repr(bound + step * max(1, abs(bound) * 0.01))
    if column["kind"] == "string":
        least, most, pattern = (options.get(r) for r in ("minLength", "maxLength", "pattern"))
        if isinstance(least, int) and least > 1:
            yield "minLength", "x" * (least - 1)
        if isinstance(most, int):
            yield "maxLength", "x" * (most + 1)
        if isinstance(pattern, str):
            unlike = [text for text in ("§", "0", "a", " ", "x y z") if not _like(pattern, text)]
            if unlike:
                yield "pattern", unlike[0]


def _like(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True
