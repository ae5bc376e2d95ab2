"""Holds the labels of predictions.parquet against those of the data that a model was made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return how many `rows` of a bundle's predictions have another label than the data."""
    bundle = Path(request["bundle"])
    metadata = json.loads((bundle / "model.json").read_text("utf-8"))
    frame = pl.read_parquet(bundle / "evaluation/predictions.parquet")
    return {"rows": strangers(frame, metadata, request)}


def tables(data: Path) -> list[Path]:
    """Return the tables of the data: itself, or the parts that the manifest of a snapshot lists."""
    if data.suffix != ".json":
        return [data]
    folder = data.parents[1] / "parts"
    return [folder / f"{part['sha256']}.parquet" for part in json.loads(data.read_text())["parts"]]


def strangers(frame: pl.DataFrame, metadata: dict[str, Any], request: dict[str, Any]) -> int | None:
    """Count the rows whose label is not that of the data; None where that can't be compared.

    A row has the number that it has in the file, unless the team reads the file its own way. So
    its entity or its time must be those of the data, unless the request says `as_read`.
    """
    data, made_from = request.get("data"), metadata["made_from"]
    if not data or not data.endswith((".parquet", ".json")) or "row" not in frame.columns:
        return None
    keys = {name: made_from.get(name) for name in ("entity", "time") if name in frame.columns}
    try:
        columns = [metadata["target"], *keys.values()]
        table = pl.scan_parquet(tables(Path(data)), glob=False).select(columns).collect()
    except (pl.exceptions.PolarsError, OSError, ValueError, LookupError, TypeError):
        return None
    rows = frame["row"].to_list()
    if max(rows) >= table.height:
        return None
    found = table[rows]
    same = [
        found[by].cast(pl.String).equals(frame[name].cast(pl.String)) for name, by in keys.items()
    ]
    if not request.get("as_read") and not (same and all(same)):
        return None
    label = frame["label"].cast(pl.String)
    return int(found[metadata["target"]].cast(pl.String).ne_missing(label).sum())
