# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What was measured of the business KPIs is read with suspicion, from files and by queries."""

import re
import sqlite3
from contextlib import closing

import pytest
from conftest import run
from kpis import AUGUST, FULL, HEADER, JULY, OLD, TODAY, reporter, rows


@pytest.fixture
def report(tmp_path):
    return reporter(tmp_path)


def refused(result, expected):
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert expected in result.stderr
    assert result.stdout == ""


HOSTILE = {
    "no file": (None, "kpi-values.csv is not here: write the measured values into it"),
    "empty": ("", "kpi-values.csv:1: has no column 'kpi'"),
    "semicolons": (HEADER.replace(",", ";"), ":1: has no column 'kpi'"),
    "a column too many": (f"{HEADER},note", ":1: has a column 'note'"),
    "a column twice": (f"{HEADER},value", ":1: has two columns 'value'"),
    "another KPI": (
        rows(f"{JULY}6", "BK-2,2026-07-01,2026-07-31,6"),
        ":3: the contract has no KPI",
    ),
    "no KPI": (rows(",2026-07-01,2026-07-31,6"), ":2: the contract has no KPI ''"),
    "misspelt": (rows("BK1,2026-07-01,2026-07-31,6"), "did you mean BK-1?"),
    "reversed": (rows("BK-1,2026-07-31,2026-07-01,6"), ":2: period_end 2026-07-01 is before"),
    "future": (rows("BK-1,2026-09-01,2026-09-30,6"), ":2: period_end 2026-09-30 is in the future"),
    "no day": (rows("BK-1,2026-02-30,2026-03-01,6"), ":2: period_start: '2026-02-30' is not a day"),
    "another day": (rows("BK-1,2026-07-01,31.07.2026,6"), ":2: period_end: '31.07.2026' is not"),
    "a week": (rows("BK-1,2026-W27-1,2026-07-31,6"), ":2: period_start: '2026-W27-1' is not"),
    "nan": (rows(f"{JULY}NaN"), ":2: value: 'NaN' is not a number"),
    "inf": (rows(f"{JULY}inf"), ":2: value: 'inf' is not a number"),
    "overflow": (rows(f"{JULY}1e999"), ":2: value: 1e999 is too large"),
    "underscore": (rows(f"{JULY}6_4"), ":2: value: '6_4' is not a number"),
    "other digits": (rows(f"{JULY}٦"), ":2: value: '٦' is not a number"),
    "text": (rows(f"{JULY}six"), ":2: value: 'six' is not a number"),
    "nothing": (rows(JULY), ":2: value: nothing is not a number"),
    "short": (rows("BK-1,2026-07-01"), ":2: period_end: nothing is not a day"),
    "comma": (rows(f"{JULY}6,4"), ":2: 5 fields for 4 columns; write a point"),
    "comma, quoted": (rows(f'{JULY}"6,4"'), ":2: value: '6,4' is not a number"),
    "comma into source": (
        rows(f"{JULY}6,4", header=f"{HEADER},source"),
        ":2: source: 4 is a number",
    ),
    "twice": (
        rows(f"{JULY}6", f"{JULY}6"),
        ":3: BK-1: the period from 2026-07-01 overlaps the one",
    ),
    "overlap": (
        rows(f"{AUGUST}6", "BK-1,2026-07-01,2026-08-01,6"),
        ":2: BK-1: the period from 2026-08-01 overlaps the one to 2026-08-01 at kpi-values.csv:3",
    ),
    "quote": (rows(f'{JULY}"6'), ":2: is not CSV"),
    "long": (rows(f"{JULY}{'6' * 200_000}"), "is not CSV: field larger"),
    "long enough": (rows(f"{JULY}{'x' * 100_000}"), "xxx' is not a number"),
    "not UTF-8": (rows(f"{JULY}6").encode() + b"\xff", ":3: is not UTF-8"),
    "UTF-16": (rows(f"{JULY}6").encode("utf-16"), ":1: is not UTF-8"),
    "huge": (b"x" * 10_000_001, "more than 10,000,000 bytes"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_values_that_cant_be_are_refused_with_their_line(report, name):
    values, expected = HOSTILE[name]
    result = report(values)
    refused(result, expected)
    assert len(result.stderr) < 400


@pytest.mark.parametrize(
    "values",
    [
        rows(f"{JULY}6", f"{AUGUST}5.5"),
        rows(f"{AUGUST}5.5", "", f" {JULY}+6.0e0 "),
        "\ufeff" + rows(f"{JULY}6", f"{AUGUST}5.5").replace("\n", "\r\n"),
        rows("2026-08-31,5.5,BK-1,2026-08-01", header="period_end,value,kpi,period_start"),
        rows(f'{JULY}6,"a, ""b"""', f"{AUGUST}5.5,", header=f"{HEADER},source"),
    ],
)
def test_values_are_read_in_any_layout_that_csv_has(report, values):
    result = report(values)
    assert result.returncode == 0, result.stderr
    assert re.search(r"BK-1 +5.5 hour +2026-08-01 to 2026-08-31 ", result.stdout)


@pytest.fixture
def queried(report, tmp_path, monkeypatch):
    with closing(sqlite3.connect(tmp_path / "plant.db")) as database:
        database.execute("CREATE TABLE kpi (period_start, period_end, value, source)")
        database.execute("INSERT INTO kpi VALUES ('2026-07-01', '2026-07-31', 5.5, NULL)")
        database.commit()

    def ask(query, url="sqlite:///plant.db"):
        if url:
            monkeypatch.setenv("OPS_KPI_DATABASE", url)
        return report(
            None, FULL.replace("cadence", f'measured_by: {{kind: query, ref: "{query}"}}, cadence')
        )

    return ask


def test_a_query_measures(queried):
    result = queried("SELECT * FROM kpi")
    assert result.returncode == 0, result.stderr
    assert "BK-1  5.5 hour" in result.stdout


ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT i AS period_start, i AS period_end, i AS value FROM n"
)


@pytest.mark.parametrize(
    ("query", "url", "expected"),
    [
        ("SELECT * FROM kpi", None, "BK-1 is measured by a query: set kpi_database"),
        ("SELECT * FROM kpi", "sqlite:///gone.db", "kpi_database: gone.db is not here"),
        ("SELECT * FROM kpi", "sqlite:///kpi-contract.yaml", "file is not a database"),
        ("SELECT * FROM kpi", "sqlite://", "kpi_database must be sqlite:///FILE"),
        ("SELECT * FROM kpi", "postgresql://a:<hidden>@h/d", "other databases need SQLAlchemy"),
        ("SELECT * FROM gone", "sqlite:///plant.db", "BK-1's query: no such table: gone"),
        ("DELETE FROM kpi", "sqlite:///plant.db", "attempt to write a readonly database"),
        ("SELECT 1; SELECT 2", "sqlite:///plant.db", "one statement at a time"),
        ("SELECT value FROM kpi", "sqlite:///plant.db", "has no column 'period_start'"),
        (
            "SELECT period_start, period_end, NULL AS value FROM kpi",
            "sqlite:///plant.db",
            "BK-1's query, row 1: value: nothing is not a number",
        ),
        (
            "SELECT period_start, period_end, x'36' AS value FROM kpi",
            "sqlite:///plant.db",
            "is not a number",
        ),
        (
            ENDLESS,
            "sqlite:///plant.db",
            "more than 100,000 rows",
        ),
    ],
)
def test_a_query_that_cant_measure_is_refused(queried, query, url, expected):
    result = queried(query, url)
    refused(result, expected)
    assert "hidden" not in result.stderr


def test_each_kpi_has_its_own_source(report, tmp_path):
    other = FULL.replace("BK-1", "BK-2").replace(
        "cadence", "measured_by: {kind: experiment, ref: two.csv}, cadence"
    )
    (tmp_path / "two.csv").write_text(rows("BK-2,2026-07-01,2026-07-31,5"), encoding="utf-8")
    both = f"{FULL}\n  - {other}"
    result = report(rows(f"{JULY}5.5"), both)
    assert result.returncode == 0, result.stderr
    assert re.search(r"BK-1 +5.5 hour.*\nBK-2 +5 hour", result.stdout)
    refused(report(rows("BK-2,2026-07-01,2026-07-31,5"), both), "no KPI 'BK-2' measured here")


def test_the_example_is_read_and_says_what_it_is(report, tmp_path):
    report(None)
    result = run(tmp_path, "kpi", "example", "--today", TODAY)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"{HEADER},source\nBK-1,2026-07-01,2026-07-31,")
    assert result.stdout.count(",simulated\n") == result.stdout.count("\n") - 1 == 2
    assert report(result.stdout).returncode in (0, 1)
    assert "Source: simulated" in (tmp_path / "build/kpi/BK-1.svg").read_text(encoding="utf-8")


def test_an_example_needs_no_figure_that_only_people_know(report, tmp_path):
    kpi = OLD.replace("value: 2", "value: unknown").replace("value: 1", "value: unknown")
    report(None, kpi)
    result = run(tmp_path, "kpi", "example", "--today", TODAY)
    assert report(result.stdout, kpi).returncode == 0
