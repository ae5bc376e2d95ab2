# Managed by poc2prod; extend in a module of your own beside it.
"""Looks for text in everything below a folder, however it is packed."""

import gzip
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl


def found(root: Path, words: Iterable[str], besides: Iterable[str] = ()) -> set[tuple[str, str]]:
    """Return each word with each file that holds it: as bytes, in a column, or in a database.

    Folders and files named in `besides` are left out.
    """
    left_out = set(besides)
    tops = [top for top in sorted(root.iterdir()) if top.name not in left_out]
    hits = set()
    for path in (path for top in tops for path in (top, *sorted(top.rglob("*")))):
        inside = path.relative_to(root)
        if not path.is_file() or inside.as_posix() in left_out:
            continue
        content = b"\0".join(_contents(path)).lower()
        hits |= {(word, inside.as_posix()) for word in words if word.lower().encode() in content}
    return hits


def _contents(path: Path) -> Iterator[bytes]:
    yield path.as_posix().encode()
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    yield data
    if data[:4] == b"PAR1":  # compressed, and dictionary-encoded
        frame = pl.read_parquet(data, hive_partitioning=False)
        for name in frame.columns:
            yield "\n".join([name, *map(str, frame[name].unique().to_list())]).encode()
    if data[:16] == b"SQLite format 3\0":
        with sqlite3.connect(path) as database:
            yield "\n".join(database.iterdump()).encode()
        database.close()
