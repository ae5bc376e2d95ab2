# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What was measured of the business KPIs is read with suspicion, judged, and drawn."""

import re
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from conftest import CONTRACT, run
from hypothesis import given, settings
from hypothesis import strategies as st
from package import load

people = load("ops.kpi.people")
progress = load("ops.kpi.progress")
picture = load("ops.kpi.picture")
Reading = load("ops.kpi.measured").Reading

OLD = (
    "{id: BK-1, name: N, unit: hour, direction: decrease, baseline: {value: 2}, target: {value: 1}}"
)
FULL = (
    "{id: BK-1, name: Downtime, unit: hour, direction: decrease, floor: 5.8, cadence: P1M,"
    " baseline: {value: 6.4, to: 2026-06-30}, target: {value: 4.8, by: 2027-06-30},"
    " if_missed: {after_periods: 2, action: pause_rollout, decider: Head of Maintenance}}"
)
GATES = "model_quality: {gates: [{id: MQ-1, metric: r2, op: gte, value: 0.5}]}\n"
HEADER = "kpi,period_start,period_end,value"
JULY, AUGUST = "BK-1,2026-07-01,2026-07-31,", "BK-1,2026-08-01,2026-08-31,"
TODAY = "2026-09-15"


@pytest.fixture
def report(tmp_path):
    """Writes a contract and, unless None, values; then runs the report."""

    def write_and_run(values, kpi=FULL, today=TODAY):
        assert OLD in CONTRACT
        contract = CONTRACT.replace(OLD, kpi) + GATES
        (tmp_path / "kpi-contract.yaml").write_text(contract, encoding="utf-8")
        if isinstance(values, str):
            values = values.encode()
        if values is not None:
            (tmp_path / "kpi-values.csv").write_bytes(values)
        return run(tmp_path, "kpi", "report", "--today", today)

    return write_and_run


def refused(result, expected):
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert expected in result.stderr
    assert result.stdout == ""


def rows(*lines, header=HEADER):
    return "\n".join((header, *lines, ""))


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


def test_a_missed_floor_asks_for_a_decision_once_it_lasts(report, tmp_path):
    late = "BK-1: the next value is due since 2026-08-31\n"
    once = report(rows(f"{JULY}6"))
    assert once.returncode == 0
    assert "5.8 missed, 1 in a row" in once.stdout
    assert late in once.stdout
    twice = report(rows(f"{JULY}6", f"{AUGUST}5.9"))
    assert twice.returncode == 1
    assert twice.stderr == ""
    said = (
        "worse than the floor of 5.8 hour for 2 periods in a row;"
        " Head of Maintenance decides: pause rollout"
    )
    assert twice.stdout.endswith(f"build/kpi/report.md\ndecision due: BK-1: {said}\n")
    assert late not in twice.stdout
    text = (tmp_path / "build" / "kpi" / "report.md").read_text(encoding="utf-8")
    assert f"**Decision due:** {said}." in text
    (shown,) = re.findall(r"!\[.*\]\((.*)\)", text)
    assert (tmp_path / "build" / "kpi" / shown).is_file()
    mended = report(rows(f"{JULY}6", f"{AUGUST}5.9", "BK-1,2026-09-01,2026-09-14,5.8"))
    assert mended.returncode == 0
    assert " kept" in mended.stdout


def test_a_decider_whom_nobody_knows_is_said(report):
    kpi = FULL.replace("Head of Maintenance", "unknown")
    result = report(rows(f"{JULY}6", f"{AUGUST}5.9"), kpi)
    assert result.returncode == 1
    assert "the accountable person, as if_missed.decider is unknown, decides" in result.stdout


def test_a_contract_that_says_little_is_enough(report, tmp_path):
    result = report(rows(f"{JULY}1.5"), OLD)
    assert result.returncode == 0, result.stderr
    assert re.search(r"-0.5 \(-25.0%\) +0.5 +unknown +none", result.stdout)
    assert "on track while baseline.to, target.by is unknown" in result.stdout
    assert (tmp_path / "build" / "kpi" / "BK-1.svg").is_file()


@pytest.mark.parametrize(
    ("kpi", "today", "expected"),
    [
        (FULL, "2026-07-20", ", due on 2026-07-31"),
        (FULL, "2026-07-31", ", due on 2026-07-31"),
        (FULL, "2026-08-01", ", due since 2026-07-31"),
        (
            FULL.replace(
                "cadence", "measured_by: {kind: manual, ref: log, label_lag: P7D}, cadence"
            ),
            "2026-08-07",
            ", due on 2026-08-07",
        ),
        (OLD, TODAY, "; due once the contract knows cadence and baseline.to"),
    ],
)
def test_a_kpi_without_values_is_due_by_its_cadence(report, kpi, today, expected):
    result = report(rows(), kpi, today)
    assert result.returncode == 0, result.stderr
    assert f"BK-1  not measured yet{expected}\n" in result.stdout


def test_values_of_the_baseline_alone_are_none(report, tmp_path):
    result = report(rows("BK-1,2026-06-01,2026-06-30,9"))
    assert result.returncode == 0, result.stderr
    assert "BK-1  not measured yet, due since 2026-07-31\n" in result.stdout
    assert (tmp_path / "build" / "kpi" / "BK-1.svg").is_file()


@pytest.mark.parametrize(
    ("end", "cadence", "expected"),
    [
        ("2026-12-31", 30, "2027-01-31"),
        ("2027-01-31", 30, "2027-02-28"),
        ("2028-01-31", 30, "2028-02-29"),
        ("2027-02-28", 30, "2027-03-31"),
        ("2026-06-14", 30, "2026-07-14"),
        ("2026-10-31", 90, "2027-01-31"),
        ("2026-12-31", 360, "2027-12-31"),
        ("2026-12-31", 7, "2027-01-07"),
        ("2026-12-31", 0.5, "2027-01-01"),
    ],
)
def test_months_are_the_calendars(end, cadence, expected):
    following = progress.following(date.fromisoformat(end), timedelta(days=cadence))
    assert following == date.fromisoformat(expected)


def standing(
    values, direction="decrease", levels=(6.4, 5.8, 4.8), first=date(2026, 7, 1), name="N"
):
    baseline, floor, target = levels
    kpi = people.BusinessKpi.model_validate(
        {
            "id": "BK-1",
            "name": name,
            "unit": "hour",
            "direction": direction,
            "floor": floor,
            "baseline": {"value": baseline, "to": date(2026, 6, 30)},
            "target": {"value": target, "by": date(2027, 6, 30)},
            "if_missed": {"after_periods": 2, "action": "review", "decider": "D"},
        }
    )
    readings, day = [], first
    for value in values:
        end = progress.following(day - timedelta(days=1), timedelta(days=30))
        if value is not None:
            readings.append(Reading(day, end, value, "", ""))
        day = end + timedelta(days=1)
    return progress.Progress(kpi, tuple(readings), day)


UP = ("increase", (35, 45, 70))
DOWN = ("decrease", (6.4, 5.8, 4.8))


@pytest.mark.parametrize(
    ("way", "values", "on_track", "missed", "decision"),
    [
        (DOWN, [6.2], True, 1, False),
        (DOWN, [6.3], False, 1, False),
        (DOWN, [5.8], True, 0, False),
        (DOWN, [5.9, 5.9], True, 2, True),
        (DOWN, [5.9, 5.8, 5.9], True, 1, False),
        (DOWN, [5.9, 5.9, 5.7], True, 0, False),
        (DOWN, [5.9, None, 5.9], True, 2, True),  # nobody looked: no way out
        (DOWN, [5.0] * 11 + [4.8], True, 0, False),
        (DOWN, [5.0] * 11 + [4.81], False, 0, False),
        (DOWN, [5.0] * 17 + [4.81], False, 0, False),  # the day of the target has passed
        (UP, [38], True, 1, False),
        (UP, [37], False, 1, False),
        (UP, [45], True, 0, False),
        (UP, [44, 44.9], True, 2, True),
        (UP, [44, 45, 43], False, 1, False),
        (UP, [69] * 11 + [70], True, 0, False),
        (UP, [69] * 12, False, 0, False),
    ],
)
def test_progress_is_judged_in_its_direction(way, values, on_track, missed, decision):
    judged = standing(values, *way)
    assert (judged.on_track, judged.missed, judged.asks_for_decision) == (
        on_track,
        missed,
        decision,
    )


def test_numbers_have_the_sign_of_their_direction():
    down, up = standing([6.0], *DOWN), standing([72], *UP)
    assert (round(down.change, 9), round(down.distance, 9)) == (-0.4, 1.2)
    assert (up.change, up.distance) == (37, -2)
    assert round(up.planned, 3) == round(35 + 35 * 31 / 365, 3)


def test_periods_of_the_baseline_are_not_judged():
    judged = standing([9, 9, 9, 5.5], first=date(2026, 4, 1))
    assert [reading.value for reading in judged.counted] == [5.5]
    assert judged.missed == 0
    assert not standing([9, 9, 9], first=date(2026, 4, 1)).asks_for_decision
    assert picture.draw(judged).count('<circle class="before"') == 3 + 1  # and the legend's


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
        ("SELECT * FROM kpi", "postgresql://a:secret@h/d", "other databases need SQLAlchemy"),
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
    assert "secret" not in result.stderr


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


def parsed(svg):
    return ElementTree.fromstring(svg)  # noqa: S314  # written here


def test_a_picture_is_the_same_each_time_and_says_what_it_shows():
    judged = standing([6.2, 5.7, 5.9])
    svg = picture.draw(judged)
    assert svg == picture.draw(judged)
    title, description = parsed(svg)[:2]
    assert title.text == "N (BK-1)"
    assert description.text == (
        "N in hour, 3 periods from 1 Jul 2026 to 30 Sep 2026, 5.9 in the last."
        " Baseline 6.4, floor 5.8, target 4.8 by 30 Jun 2027. Worse than the floor in 2."
    )
    assert svg.count('<path class="missed"') == 2 + 1  # and the legend's
    assert "prefers-color-scheme:dark" in svg
    assert 'transform="translate(22 197.0) rotate(-90)"' in svg  # the unit, along its axis


def test_no_name_becomes_markup(report, tmp_path):
    name = "<script>alert(1)</script> & ![x](y) | \\u0007\\n# z"
    result = report(rows(f"{JULY}6"), FULL.replace("name: Downtime", f'name: "{name}"'))
    assert result.returncode == 0, result.stderr
    svg = (tmp_path / "build" / "kpi" / "BK-1.svg").read_text(encoding="utf-8")
    assert "<script" not in svg
    assert parsed(svg)[0].text == "<script>alert(1)</script> & ![x](y) | # z (BK-1)"
    text = (tmp_path / "build" / "kpi" / "report.md").read_text(encoding="utf-8")
    assert re.findall(r"(?<!\\)[<|]", text.partition("| latest")[0]) == []
    assert "\n# z" not in text
    assert re.findall(r"(?<!\\)!\[", text) == ["!["]


numbers = st.floats(-3e38, 3e38).filter(lambda value: value == 0 or abs(value) > 1e-30)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(numbers, min_size=1, max_size=30),
    levels=st.tuples(numbers, st.none() | numbers, numbers),
    direction=st.sampled_from(["increase", "decrease"]),
    first=st.dates(date(1000, 1, 1), date(3000, 1, 1)).map(lambda day: day.replace(day=1)),
)
def test_whatever_is_measured_lies_in_the_picture(values, levels, direction, first):
    svg = picture.draw(standing(values, direction, levels, first))
    parsed(svg)
    for x, y in re.findall(r'<circle class="\w+" cx="([-\d.]+)" cy="([-\d.]+)"', svg):
        assert 0 < float(x) < picture.WIDTH
        assert 0 < float(y) < picture.HEIGHT
    assert "nan" not in svg
    ticks = svg.count('class="grid"')
    assert 4 <= ticks <= 22
