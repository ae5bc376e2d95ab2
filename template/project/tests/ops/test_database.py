# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Rows of a database are read once, up to a watermark, and late ones too. Here it is SQLite."""

import re
import sqlite3

import pytest
from conftest import run
from ingesting import edit, hours, ingest, manifest, quarantined, small, table

SETTINGS = '[sources.plant]\nurl_env = "PLANT_DB"\ntable = "readings"\nwatermark = "time"\n'


@pytest.fixture
def plant(tmp_path, monkeypatch):
    directory = small(tmp_path / "plant", SETTINGS)
    monkeypatch.setenv("PLANT_DB", f"sqlite:///{directory}/plant.db")
    execute(directory, "CREATE TABLE readings (machine TEXT, time DATETIME, x REAL, y BOOLEAN, z)")
    insert(directory, range(0, 20))
    return directory


def execute(directory, statement, *rows):
    with sqlite3.connect(directory / "plant.db") as database:
        database.executemany(statement, rows) if rows else database.execute(statement)
    database.close()


def insert(directory, when, x=None):
    rows = [
        ("m1", f"2026-03-{1 + h // 24:02} {h % 24:02}:00:00.000000", h if x is None else x, h % 2)
        for h in when
    ]
    execute(directory, "INSERT INTO readings VALUES (?, ?, ?, ?, 'other')", *rows)


def test_only_what_is_new_is_read_and_nothing_twice(plant):
    ingest(plant)
    assert hours(table(plant)) == [*range(20)]
    assert manifest(plant).sources["plant"].watermark == "2026-03-01T19:00:00"
    assert "nothing new" in ingest(plant).stdout
    insert(plant, range(20, 30))
    ingest(plant)
    assert hours(table(plant)) == [*range(30)]
    assert manifest(plant).counts.rows_in == 10
    assert manifest(plant).counts.known == 1, "the one at the watermark"
    assert table(plant)["y"].to_list() == [bool(h % 2) for h in range(30)]


def test_a_row_that_is_there_is_not_late_when_it_is_read_again(plant):
    by_another = SETTINGS.replace('"time"', '"machine"')  # which is not the time of a row
    edit(plant / "settings.toml", SETTINGS, f"max_rejected_share = 1\n{by_another}")
    with (plant / "data-contract.yaml").open("a", encoding="utf-8") as file:
        file.write("slaProperties: [{property: latency, value: 7, unit: d}]\n")
    insert(plant, range(20, 400), x=5)
    ingest(plant)
    assert "nothing new" in ingest(plant).stdout
    insert(plant, range(400, 402), x=5)
    execute(plant, "UPDATE readings SET x = 6 WHERE time LIKE '2026-03-01 00%'")
    ingest(plant)
    assert hours(table(plant)) == [*range(402)]
    assert (manifest(plant).counts.known, manifest(plant).counts.rows_in) == (399, 3)
    assert "7 days late" in quarantined(plant)["rejected_because"][0], "it changed, and is old"


def test_rows_of_the_watermarks_own_moment_are_not_missed(plant):
    ingest(plant)
    execute(
        plant,
        "INSERT INTO readings VALUES (?, ?, ?, ?, '')",
        ("m2", "2026-03-01 19:00:00.000000", 5, 1),
    )
    ingest(plant)
    assert table(plant)["machine"].to_list() == ["m1"] * 20 + ["m2"]


def test_rejected_rows_are_kept_once_and_a_row_without_time_too(plant):
    insert(plant, range(20, 21), x=-1)
    execute(plant, "INSERT INTO readings VALUES ('m1', NULL, 1, 1, '')")
    ingest(plant)
    before = manifest(plant).id
    assert quarantined(plant)["x"].to_list() == ["1.0", "-1.0"]
    assert "nothing new" in ingest(plant).stdout
    assert manifest(plant).id == before


def test_a_row_that_changed_is_not_taken_and_not_lost(plant):
    ingest(plant)
    execute(plant, "UPDATE readings SET x = 77 WHERE time LIKE '2026-03-01 19%'")
    edit(plant / "settings.toml", SETTINGS, f"max_rejected_share = 1\n{SETTINGS}")
    ingest(plant)
    assert table(plant)["x"][19] == 19
    assert quarantined(plant)["x"].to_list() == ["77.0"]


def test_a_time_to_come_does_not_hide_what_is_now(plant):
    execute(plant, "INSERT INTO readings VALUES ('m1', '2199-01-01 00:00:00.000000', 1, 1, '')")
    ingest(plant)
    insert(plant, range(20, 25))
    ingest(plant)
    assert sorted(hours(table(plant)))[:25] == [*range(25)]


def test_a_contract_that_changed_reads_all_of_it_again(plant):
    insert(plant, range(20, 21), x=150)
    ingest(plant)
    edit(plant / "data-contract.yaml", "maximum: 100", "maximum: 200")
    ingest(plant)
    assert hours(table(plant)) == [*range(21)]
    assert quarantined(plant).is_empty()


@pytest.mark.parametrize("password", ["geh@eim:s3cret", "geh@s3cret", "geh@eim/s3cret"])
def test_no_part_of_a_password_is_told(plant, monkeypatch, password):
    url = f"sqlite://user:{password}@host/plant"
    monkeypatch.setenv("PLANT_DB", url)
    ingested = run(plant, "ingest")
    inferred = run(plant, "data", "infer", url, "--table", "readings", "--target", "y")
    for refused in (ingested, inferred):
        assert refused.returncode == 1
        assert "in a user and a password write @ : / as %40 %3A %2F" in refused.stderr
        assert "eim" not in refused.stderr
        assert "s3cret" not in refused.stderr


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda p, m: m.delenv("PLANT_DB"), "the variable PLANT_DB holds, which is not set"),
        (
            lambda p, m: m.setenv("PLANT_DB", "nothing"),
            "source plant, at the URL in PLANT_DB: Could not",
        ),
        (
            lambda p, m: edit(p / "settings.toml", '"readings"', '"nowhere"'),
            "nowhere of the source plant: there is no such table",
        ),
        (
            lambda p, m: m.setenv("PLANT_DB", f"sqlite:///{p}/none.db"),
            "none.db",
        ),
        (
            lambda p, m: edit(p / "settings.toml", 'watermark = "time"', 'watermark = "z"'),
            "its column z has no type that can be compared",
        ),
        (
            lambda p, m: execute(p, "ALTER TABLE readings DROP COLUMN x"),
            "readings of the source plant has no column x: it has machine, time",
        ),
        (
            lambda p, m: (p / "data-contract.yaml").write_text(
                re.sub(r"\n *primaryKey.*", "", (p / "data-contract.yaml").read_text())
            ),
            "mark the columns that identify a row in data-contract.yaml",
        ),
        (
            lambda p, m: edit(p / "settings.toml", 'watermark = "time"\n', ""),
            "give location, or else url_env, table and watermark",
        ),
    ],
)
def test_what_is_wrong_is_one_clear_line(plant, monkeypatch, change, expected):
    change(plant, monkeypatch)
    result = run(plant, "ingest")
    assert result.returncode == 1
    assert expected in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert not (plant / "none.db").exists(), "SQLite made it"
