# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What was measured of the business KPIs is judged, and drawn."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kpis import AUGUST, FULL, JULY, OLD, TODAY, reporter, rows, standing
from package import load

picture = load("ops.kpi.picture")
progress = load("ops.kpi.progress")


@pytest.fixture
def report(tmp_path):
    return reporter(tmp_path)


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
    assert "on track while baseline.to and target.by are unknown" in result.stdout
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
        (DOWN, [5.0] * 17 + [4.8], True, 0, False),  # long after the day of the target
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
