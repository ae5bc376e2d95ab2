"""Makes rows to ask a model about: held-out ones, and rows at the edges of the data contract.

Runs with the project's libraries and none of its code.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

HELD_OUT = 500


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Write rows.json, a list of requests, and rows.parquet, the same rows, into `folder`.

    Args:
        request: `part`, the held-out rows as split; `columns` of the data contract.

    Returns:
        `held_out` rows, which come first, their `numbers`, and `edges`, how many rows follow.
    """
    frame = pl.read_parquet(request["part"])
    frame = frame.sample(min(HELD_OUT, frame.height), seed=7)
    inputs = [column for column in request["columns"] if column["role"] == "input"]
    names = [column["name"] for column in inputs]
    row = next(name for name in frame.columns if name.startswith("row number"))
    rows = frame.select(names).to_dicts()
    edges: list[dict[str, Any]] = []
    for column in inputs:
        for value in _edges(column):
            edges.append({**rows[len(edges) % len(rows)], column["name"]: value})
    folder = Path(request["folder"])
    (folder / "rows.json").write_text(json.dumps(rows + edges), encoding="utf-8")
    whole = pl.concat([frame.select(names), pl.DataFrame(edges, schema=frame.select(names).schema)])
    whole.write_parquet(folder / "rows.parquet")
    return {"held_out": len(rows), "numbers": frame[row].to_list(), "edges": len(edges)}


def _edges(column: dict[str, Any]) -> Any:
    """Yield what the contract allows, and code may forget."""
    if not column["required"]:
        yield None
    if column["kind"] == "boolean":
        yield from (True, False)
    elif column["kind"] == "string":
        unseen = (" never seen ", "Ünïcode", "1e5", "NaN")
        plain = not any(rule in column["options"] for rule in ("pattern", "maxLength"))
        yield from column["values"] or (unseen if plain else ())
    elif column["kind"] in ("number", "integer"):
        options = column["options"]
        cast = int if column["kind"] == "integer" else float
        low, high = options.get("minimum"), options.get("maximum")
        yield from (cast(bound) for bound in (low, high) if bound is not None)
        for value in (0, -0.0, 1 / 3, 1e-7) if cast is float else (0, 3):
            if (low is None or value >= low) and (high is None or value <= high):
                yield cast(value)
