# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Ingestion brings every row once, whatever happens to the files between two runs."""

import shutil

import polars as pl
import pytest
from conftest import run
from ingesting import (
    deliver,
    edit,
    hours,
    ingest,
    kept,
    manifest,
    metric,
    quarantined,
    small,
    table,
)


@pytest.fixture
def plant(tmp_path):
    return small(tmp_path / "plant")


def test_what_is_new_is_added_and_nothing_twice(plant):
    deliver(plant, "a.csv", range(0, 5))
    first = ingest(plant).stdout
    assert "5 rows; 5 read, 5 kept, 0 to quarantine" in first
    before = manifest(plant).id
    assert "nothing new" in ingest(plant).stdout
    assert manifest(plant).id == before
    deliver(plant, "b.csv", range(5, 9))
    ingest(plant)
    assert hours(table(plant)) == [*range(9)]
    assert manifest(plant).parents == (before,)
    assert manifest(plant).counts.rows_in == 4


def test_the_same_files_give_the_same_id_elsewhere(plant, tmp_path):
    other = small(tmp_path / "other" / "deeper")
    for place in (plant, other):
        deliver(place, "a.csv", range(0, 5), x=-1)
        deliver(place, "b.csv", range(5, 20))
        ingest(place)
    assert manifest(plant).id == manifest(other).id


def test_a_file_that_changed_replaces_its_rows(plant):
    deliver(plant, "a.csv", range(0, 5))
    deliver(plant, "b.csv", range(5, 9))
    ingest(plant)
    deliver(plant, "a.csv", range(2, 4))
    ingest(plant)
    assert sorted(hours(table(plant))) == [2, 3, 5, 6, 7, 8]


def test_a_file_that_moved_or_was_copied_is_not_read_again(plant):
    file = deliver(plant, "a.csv", range(0, 5))
    ingest(plant)
    shutil.copy(file, plant / "incoming/b.csv")
    ingest(plant)
    file.rename(plant / "incoming/c.csv")
    ingest(plant)
    assert hours(table(plant)) == [*range(5)]


def test_two_files_that_swap_their_content_lose_nothing(plant):
    a, b = deliver(plant, "a.csv", range(0, 5)), deliver(plant, "b.csv", range(5, 9))
    ingest(plant)
    before = a.read_bytes()
    a.write_bytes(b.read_bytes())
    b.write_bytes(before)
    ingest(plant)
    assert sorted(hours(table(plant))) == [*range(9)]


def test_another_table_takes_the_place_of_the_one_before(plant):
    deliver(plant, "a.csv", range(0, 5))
    deliver(plant, "b.csv", range(5, 9))
    (plant / "settings.toml").write_text('data = "incoming/a.csv"\n')
    ingest(plant)
    (plant / "settings.toml").write_text('data = "incoming/b.csv"\n')
    ingest(plant)
    assert hours(table(plant)) == [5, 6, 7, 8]
    (plant / "settings.toml").write_text('[sources.x]\nlocation = "incoming"\n')
    ingest(plant)
    assert hours(table(plant)) == [*range(9)]
    assert manifest(plant).sources.keys() == {"x"}


def test_a_folder_that_was_emptied_keeps_its_rows(plant):
    deliver(plant, "a.csv", range(0, 5)).rename(plant / "incoming/b.csv")
    ingest(plant)
    (plant / "incoming/b.csv").unlink()
    assert "nothing new, 5 rows" in ingest(plant).stdout


def test_an_empty_folder_and_a_missing_file_are_named(plant):
    assert "there is no data at incoming/*.csv" in run(plant, "ingest").stderr
    edit(plant / "settings.toml", "incoming/*.csv", "incoming/a.csv")
    deliver(plant, "a.csv", range(0, 5)).rename(plant / "kept")
    assert "there is no data at incoming/a.csv" in run(plant, "ingest").stderr
    (plant / "kept").rename(plant / "incoming/a.csv")
    ingest(plant)
    (plant / "incoming/a.csv").unlink()
    assert "there is no data at incoming/a.csv" in run(plant, "ingest").stderr


def test_what_breaks_the_contract_is_kept_as_it_was_read_with_the_reason(plant):
    deliver(plant, "a.csv", range(0, 9), x="1e3 bar")
    deliver(plant, "b.csv", range(9, 19), x=101)
    ingest(plant)
    rows = quarantined(plant)
    assert rows["x"].to_list() == ["1e3 bar", "101"]
    assert "x" in rows["rejected_because"][0]
    assert "above 100" in rows["rejected_because"][1]
    assert sorted(hours(table(plant))) == [*range(1, 9), *range(10, 19)]


def test_a_row_whose_key_is_there_is_rejected_and_the_first_one_stays(plant):
    deliver(plant, "a.csv", range(0, 10))
    ingest(plant)
    deliver(plant, "b.csv", range(9, 20), x=50)
    ingest(plant)
    assert hours(table(plant)) == [*range(20)]
    assert table(plant).filter(pl.col("x") == 50).is_empty()
    assert "primary key" in quarantined(plant)["rejected_because"][0]


def test_rows_in_are_rows_out_and_quarantined_in_metrics_too(plant):
    deliver(plant, "a.csv", range(0, 9), x=-1)
    ingest(plant)
    deliver(plant, "b.csv", range(9, 19), x=-1)
    ingest(plant)
    ingest(plant)
    name = 'data_ingest_rows_total{outcome="%s"}'
    assert [metric(plant, name % k) for k in ("in", "out", "quarantined")] == [19, 17, 2]
    assert metric(plant, 'data_rejected_rows_total{reason="x: a value below 0"}') == 2
    assert metric(plant, 'data_quarantine_rows{reason="x: a value below 0"}') == 2
    assert metric(plant, "data_snapshot_rows") == 17
    assert metric(plant, "data_newest_row_timestamp_seconds") == 1_772_388_000  # hour 18


def test_too_many_bad_rows_stop_it_and_change_nothing(plant):
    deliver(plant, "a.csv", range(0, 9))
    ingest(plant)
    before = manifest(plant).id
    deliver(plant, "b.csv", range(9, 12), x=-1)
    result = run(plant, "ingest")
    assert result.returncode == 1
    assert "1 of 3 rows break data-contract.yaml, most often x: a value below 0" in result.stderr
    assert manifest(plant).id == before
    (plant / "settings.toml").write_text(
        'max_rejected_share = 0.4\n[sources.plant]\nlocation = "incoming/*.csv"\n'
    )
    ingest(plant)
    assert hours(table(plant)) == [*range(9), 10, 11]


def test_a_contract_that_changed_reads_again_what_is_there(plant):
    deliver(plant, "a.csv", range(0, 9), x=120)
    ingest(plant)
    assert quarantined(plant).height == 1
    edit(plant / "data-contract.yaml", "maximum: 100", "maximum: 200")
    ingest(plant)
    assert sorted(hours(table(plant))) == [*range(9)]
    assert quarantined(plant).is_empty()
    edit(plant / "data-contract.yaml", "status: draft", "status: active")
    assert "nothing new" in ingest(plant).stdout


def test_a_broken_file_is_named_and_nothing_of_the_others_is_lost(plant):
    deliver(plant, "a.csv", range(0, 9))
    (plant / "incoming/b.csv").write_text("machine,time\nm1,2026-03-01T00:00:00Z\n")
    result = run(plant, "ingest")
    assert result.returncode == 1
    assert "incoming/b.csv has no column x, y" in result.stderr
    assert kept(plant).head() is None
    (plant / "incoming/b.csv").unlink()
    ingest(plant)
    assert hours(table(plant)) == [*range(9)]


def test_batches_that_memory_can_hold_bring_the_same_rows(plant, monkeypatch):
    deliver(plant, "a.csv", range(0, 100), x=-1)
    monkeypatch.setenv("OPS_BATCH_ROWS", "7")
    ingest(plant)
    assert hours(table(plant)) == [*range(1, 100)]
    assert len(manifest(plant).parts) == 15
    assert quarantined(plant).height == 1


def test_hours_that_the_clocks_have_twice_are_two_rows(plant):
    (plant / "incoming/dst.csv").write_text(
        "machine,time,x,y\n"
        "m1,2026-10-25T02:30:00+02:00,1,0\n"
        "m1,2026-10-25T02:30:00+01:00,2,1\n"
        "m1,2026-03-29T03:00:00+02:00,3,1\n"
    )
    ingest(plant)
    times = table(plant)["time"].dt.to_string("%FT%R").to_list()
    assert times == ["2026-10-25T00:30", "2026-10-25T01:30", "2026-03-29T01:00"]
