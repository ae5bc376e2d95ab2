# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Rows wait in quarantine as they were read, and come back once, after what was wrong is mended."""

import polars as pl
import pytest
from conftest import run
from ingesting import (
    deliver,
    edit,
    hours,
    ingest,
    manifest,
    metric,
    quarantined,
    small,
    table,
)


@pytest.fixture
def plant(tmp_path):
    """A project with two rows in quarantine, whose files are gone."""
    directory = small(tmp_path / "plant")
    deliver(directory, "a.csv", range(0, 10), x=120)
    deliver(directory, "b.csv", range(10, 20), x="120 bar")
    ingest(directory)
    for name in ("a.csv", "b.csv"):
        (directory / "incoming" / name).unlink()
    return directory


def test_what_was_mended_comes_back_and_the_rest_stays(plant):
    edit(plant / "data-contract.yaml", "maximum: 100", "maximum: 200")
    said = ingest(plant, "redrive").stdout
    assert "1 rows back, 1 still in quarantine" in said
    assert sorted(hours(table(plant))) == [*range(10), *range(11, 20)]
    assert quarantined(plant)["x"].to_list() == ["120 bar"]
    assert metric(plant, 'data_ingest_rows_total{outcome="redriven"}') == 1
    assert metric(plant, 'data_ingest_rows_total{outcome="in"}') == 20
    before = manifest(plant).id
    assert "0 rows back, 1 still" in ingest(plant, "redrive").stdout
    assert manifest(plant).id == before
    assert "nothing new" in ingest(plant).stdout


def test_a_table_that_would_break_a_rule_is_refused_as_by_ingest(plant):
    edit(plant / "data-contract.yaml", "maximum: 100", "maximum: 200")
    rule = "  - name: readings\n    quality: [{metric: rowCount, mustBeLessThan: 19}]\n"
    edit(plant / "data-contract.yaml", "  - name: readings\n", rule)
    before = manifest(plant).id
    refused = run(plant, "redrive")
    assert refused.returncode == 1
    assert "the table, with what came back: rows must be less than 19, and there are 19" in (
        refused.stderr
    )
    assert manifest(plant).id == before


def test_nothing_mended_is_nothing_changed(plant):
    before = manifest(plant).id
    assert "0 rows back, 2 still in quarantine" in ingest(plant, "redrive").stdout
    assert manifest(plant).id == before
    assert quarantined(plant)["x"].to_list() == ["120", "120 bar"]


def test_a_row_that_another_one_replaced_does_not_come_back(plant):
    deliver(plant, "c.csv", range(0, 1))
    ingest(plant)
    edit(plant / "data-contract.yaml", "maximum: 100", "maximum: 200")
    ingest(plant, "redrive")
    rows = table(plant)
    assert sorted(hours(rows)) == [*range(10), *range(11, 20)]
    assert 120 not in rows["x"].to_list()
    assert "another row of its primary key" in quarantined(plant)["rejected_because"][0]
    assert quarantined(plant)["x"].to_list() == ["120", "120 bar"], "as it was read"


def test_the_list_is_of_what_waits_now_in_files_of_any_kind(plant):
    edit(plant / "settings.toml", "incoming/*.csv", "incoming/*")
    deliver(plant, "c.csv", range(20, 30), x=300)
    csv = plant / "incoming/c.csv"
    pl.read_csv(csv, try_parse_dates=True).write_parquet(csv.with_suffix(".parquet"))
    csv.unlink()
    ingest(plant)
    edit(plant / "data-contract.yaml", "maximum: 100", "maximum: 200")
    ingest(plant, "redrive")
    listed = pl.read_csv(ingest(plant, "redrive", "--list").stdout.encode())
    assert listed["x"].to_list() == ["120 bar", "300"]
    assert listed["rejected_from"].to_list() == ["plant: b.csv", "plant: c.parquet"]
    assert listed["rejected_because"].str.starts_with("x: ").all()


def test_without_a_snapshot_there_is_nothing_to_redrive(tmp_path):
    result = run(small(tmp_path / "new"), "redrive")
    assert result.returncode == 1
    assert "there is no snapshot in data/snapshots: run ingest first" in result.stderr


def test_a_changed_file_of_the_quarantine_is_found(plant):
    (file,) = (plant / "data/quarantine").glob(f"{manifest(plant).quarantined[0].sha256}*")
    file.write_bytes(file.read_bytes()[:-1] + b"2")
    result = run(plant, "redrive")
    assert result.returncode == 1
    assert f"{file.relative_to(plant)} is not what was written" in result.stderr
