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


@pytest.mark.parametrize("ending", [".csv", ".CSV", ".parquet"])
def test_text_stays_text_and_a_name_is_no_pattern(tmp_path, ending):
    path = tmp_path / f"pump[7]{ending}"
    frame = pl.DataFrame({"id": ["007"]})
    frame.write_parquet(path) if ending == ".parquet" else frame.write_csv(path)
    assert read(path).collect().equals(frame)
