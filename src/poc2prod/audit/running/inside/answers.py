"""Compares what a model said of the same rows in two ways.

Runs with the project's libraries and none of its code.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return the largest difference of numbers, the rows in which other values differ, and rows.

    Args:
        request: `asked`, what `predict` printed, JSON; `scored`, the table that `score` wrote;
            `predictions` of the evaluation, and the `numbers` of the first rows in it.
    """
    text = Path(request["asked"]).read_text("utf-8")
    asked = json.loads(text)
    asked = asked.get("predictions", asked) if isinstance(asked, dict) else asked
    scored = pl.read_parquet(request["scored"])
    largest, unlike, compared = 0.0, 0, 0
    names = [name for name in asked[0] if f"predicted_{name}" in scored.columns]
    if len(asked) != scored.height or not names:
        return {"error": "predict and score answer other rows or other things"}
    for name in names:
        column = scored[f"predicted_{name}"].to_list()
        for one, other in zip((row[name] for row in asked), column, strict=True):
            compared += 1
            gap = _gap(one, other)
            largest = max(largest, gap) if gap is not None else largest
            unlike += gap is None and one != other
    known = pl.read_parquet(request["predictions"])
    by_row = dict(zip(known["row"].to_list(), range(known.height), strict=True))
    for name in names:
        if f"model/{name}" not in known.columns:
            continue
        column = known[f"model/{name}"]
        for row, number in zip(asked, request["numbers"], strict=False):
            if number in by_row:
                compared += 1
                gap = _gap(row[name], column[by_row[number]])
                largest = max(largest, gap) if gap is not None else largest
                unlike += gap is None and row[name] != column[by_row[number]]
    return {"largest": largest, "unlike": unlike, "compared": compared}


def _gap(one: Any, other: Any) -> float | None:
    """Return how far two numbers are apart; None where they are something else."""
    if isinstance(one, bool) or not isinstance(one, int | float):
        return None
    return abs(one - other) if isinstance(other, int | float) else None
