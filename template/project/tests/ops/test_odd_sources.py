# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Ingestion of files that are called, changed or written in ways that nobody planned for."""

import os

import polars as pl
import pytest
from conftest import run
from ingesting import CONTRACT, deliver, edit, hours, ingest, manifest, small, table
from package import load


@pytest.fixture
def plant(tmp_path):
    return small(tmp_path / "plant")


def read_from(plant, location):
    (plant / "settings.toml").write_text(
        f'[sources.plant]\nlocation = "{location}"\n', encoding="utf-8"
    )


def refusal(plant):
    result = run(plant, "ingest")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_name_with_the_signs_of_a_pattern_is_a_name(plant, monkeypatch):
    def literally(path):
        return pl.scan_csv(path, infer_schema=False, glob=False)

    monkeypatch.setattr(load("sources"), "read", literally)  # an older one may not do so
    deliver(plant, "a.csv", range(0, 5)).rename(plant / "incoming/b[1].csv")
    deliver(plant, "a.csv", range(5, 8)).rename(plant / "incoming/b*.csv")
    deliver(plant, "bc.csv", range(8, 10))
    (plant / "incoming").rename(plant / "in[2]")
    read_from(plant, "in[2]")
    ingest(plant)
    assert sorted(hours(table(plant))) == [*range(10)]
    assert sorted(manifest(plant).sources["plant"].items) == ["b*.csv", "b[1].csv", "bc.csv"]


def test_a_folder_with_a_dot_keeps_the_rows_of_files_that_have_gone(plant):
    deliver(plant, "a.csv", range(0, 5))
    deliver(plant, "b.csv", range(5, 8))
    (plant / "incoming").rename(plant / "incoming.2026")
    read_from(plant, "incoming.2026")
    ingest(plant)
    (plant / "incoming.2026/a.csv").unlink()
    ingest(plant)
    assert hours(table(plant)) == [*range(8)]


def test_what_is_not_whole_yet_is_left_alone(plant):
    deliver(plant, "a.csv", range(0, 5))
    for folder in (".upload", "_temporary"):
        (plant / "incoming" / folder).mkdir()
        deliver(plant, f"{folder}/half.csv", range(5, 8))
    read_from(plant, "incoming/")
    ingest(plant)
    assert hours(table(plant)) == [*range(5)]


def test_a_key_that_becomes_a_number_is_read_again(plant):
    deliver(plant, "a.csv", range(0, 5), machine="1")
    deliver(plant, "b.csv", range(5, 8), machine="2")
    ingest(plant)
    contract, key = plant / "data-contract.yaml", "name: machine\n        logicalType: "
    edit(contract, f"{key}string", f"{key}integer")
    ingest(plant)
    assert table(plant)["machine"].to_list() == [1] * 5 + [2] * 3


def test_rows_of_other_columns_that_cannot_be_read_again_are_named(plant):
    deliver(plant, "a.csv", range(0, 5))
    ingest(plant)
    (plant / "incoming/a.csv").rename(plant / "away.csv")
    (plant / "data-contract.yaml").write_text(
        CONTRACT + "      - name: z\n        logicalType: number\n", encoding="utf-8"
    )
    new = deliver(plant, "b.csv", range(5, 8)).read_text(encoding="utf-8")
    lines = [f"{line},{'1' if number else 'z'}" for number, line in enumerate(new.splitlines())]
    (plant / "incoming/b.csv").write_text("\n".join(lines), encoding="utf-8")
    assert "the rows of a.csv, of the source plant, were kept by an older" in refusal(plant)
    # Back, with the new column, it is read again.
    (plant / "incoming/a.csv").write_text(
        (plant / "away.csv").read_text(encoding="utf-8").replace("\n", ",\n").replace("y,", "y,z"),
        encoding="utf-8",
    )
    ingest(plant)
    assert hours(table(plant)) == [*range(8)]


def test_a_name_that_is_no_text_is_refused(plant):
    file = os.fsencode(deliver(plant, "a.csv", range(0, 5)))
    try:
        os.rename(file, file.replace(b"a.csv", b"a\xff.csv"))  # noqa: PTH104
    except OSError:
        return  # this file system has text alone
    assert "'a\\udcff.csv' is not UTF-8: rename it" in refusal(plant)


def test_a_column_that_is_there_twice_is_refused(plant):
    file = deliver(plant, "a.csv", range(0, 5))
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(f"{line},{'7' if n else 'x'}" for n, line in enumerate(lines)))
    assert "incoming/a.csv has the column x twice" in refusal(plant)


def test_a_file_that_is_broken_is_named_without_what_it_holds(plant):
    file = deliver(plant, "a.csv", range(0, 5))
    file.write_text(f'{file.read_text()}"Ada Lovelace,2026-03-05T00:00:00Z,5,1\n')
    message = refusal(plant)
    assert "incoming/a.csv cannot be read" in message
    assert "Lovelace" not in message


def test_a_folder_of_others_in_the_store_is_left_alone(plant):
    deliver(plant, "a.csv", range(0, 5))
    ingest(plant)
    (plant / "data/snapshots/.tmp-of-others").mkdir()
    deliver(plant, "b.csv", range(5, 6))
    ingest(plant)
    assert (plant / "data/snapshots/.tmp-of-others").is_dir()
