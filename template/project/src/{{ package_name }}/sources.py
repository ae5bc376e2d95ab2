"""Yours: where the data comes from."""

from pathlib import Path

import polars as pl


def read(path: Path) -> pl.LazyFrame:
    """Open a table of CSV or Parquet without loading it.

    Args:
        path: a file that ends in .csv or .parquet.

    Returns:
        The rows as they are. CSV columns stay text: the data contract, not a guess from the first
        lines, says what they are.

    Raises:
        ValueError: the file has another ending.
    """
    match path.suffix.lower():
        case ".parquet":
            return pl.scan_parquet(path, glob=False)
        case ".csv":
            return pl.scan_csv(path, infer_schema=False, glob=False)
        case other:
            raise ValueError(f"cannot read {path}: {other or 'no ending'} is not .csv or .parquet")
