"""Yours: what sources.py reads."""

from pathlib import Path

import polars as pl
import pytest
from package import load

read = load("sources").read


def test_csv_and_parquet_hold_the_same(tmp_path):
    frame = pl.DataFrame({"x": [1.5, None], "name": ["ä, b", "c\nd"]})
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_csv(tmp_path / "t.csv")
    assert read(tmp_path / "t.parquet").collect().equals(frame)
    assert read(tmp_path / "t.csv").collect().cast({"x": pl.Float64}).equals(frame)


def test_another_ending_is_refused_by_name():
    with pytest.raises(ValueError, match=r"\.xlsx is not \.csv or \.parquet"):
        read(Path("t.xlsx"))
