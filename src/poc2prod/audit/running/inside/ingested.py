"""Reads what a project's ingestion left: the newest snapshot, its rows and what it quarantined.

Runs with the project's libraries and none of its code.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return the snapshot's id, its rows, and which of some rows are in quarantine.

    Args:
        request: the folders `snapshots` and `quarantine`; `columns` to compare by; `rows`, lists
            of texts in the order of `names`.

    Returns:
        `snapshot`, None without one; `rows` in it; `rejected` rows in quarantine; `found`, which of
        the rows are there; `reasons`, whether each row there says why; `duplicates` in the table.
    """
    folder, quarantine = Path(request["snapshots"]), Path(request["quarantine"])
    head = folder / "head"
    if not head.is_file():
        return {"snapshot": None}
    snapshot = head.read_text("utf-8").strip()
    content = (folder / f"manifests/{snapshot}.json").read_bytes()
    if hashlib.sha256(content).hexdigest() != snapshot:
        return {"error": "the newest manifest is not what its name says"}
    manifest = json.loads(content)
    rows = sum(_height(folder / "parts", part) for part in manifest["parts"])
    rejected = [
        pl.read_parquet(quarantine / f"{part['sha256']}.parquet")
        for part in manifest.get("quarantined", [])
    ]
    there = set()
    unexplained = 0
    for frame in rejected:
        by = [name for name in request["columns"] if name in frame.columns]
        texts = frame.select(pl.col(by).cast(pl.String)).iter_rows()
        there |= set(texts)
        because = [name for name in frame.columns if name not in request["names"]]
        unexplained += frame.height - sum(
            any(isinstance(value, str) and value.strip() for value in row)
            for row in frame.select(because).iter_rows()
        )
    places = [request["names"].index(name) for name in request["columns"]]
    found = [tuple(row[place] for place in places) in there for row in request["rows"]]
    return {
        "snapshot": snapshot,
        "rows": rows,
        "rejected": sum(frame.height for frame in rejected),
        "unexplained": unexplained,
        "found": found,
    }


def _height(folder: Path, part: dict[str, Any]) -> int:
    return int(
        pl.scan_parquet(folder / f"{part['sha256']}.parquet").select(pl.len()).collect().item()
    )
