"""How far a KPI is on its way, and its picture, as every generated project has them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_schema import load

if TYPE_CHECKING:
    from collections.abc import Sequence

people, picture, progress = (load(f"ops.kpi.{name}") for name in ("people", "picture", "progress"))
Reading = load("ops.kpi.measured").Reading

Levels = tuple[float, float | None, float]
UP: tuple[str, Levels] = ("increase", (35, 45, 70))
DOWN: tuple[str, Levels] = ("decrease", (6.4, 5.8, 4.8))


def standing(
    values: Sequence[float | None],
    direction: str = DOWN[0],
    levels: Levels = DOWN[1],
    first: date = date(2026, 7, 1),
) -> Any:
    """A KPI with a value a month, None where nobody looked."""
    baseline, floor, target = levels
    kpi = people.BusinessKpi.model_validate(
        {
            "id": "BK-1",
            "name": "N",
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
def test_months_are_the_calendars(end: str, cadence: float, expected: str) -> None:
    following = progress.following(date.fromisoformat(end), timedelta(days=cadence))
    assert following == date.fromisoformat(expected)


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
def test_progress_is_judged_in_its_direction(
    way: tuple[str, Levels],
    values: list[float | None],
    on_track: bool,
    missed: int,
    decision: bool,
) -> None:
    judged = standing(values, *way)
    assert (judged.on_track, judged.missed, judged.asks_for_decision) == (
        on_track,
        missed,
        decision,
    )


def test_numbers_have_the_sign_of_their_direction() -> None:
    down, up = standing([6.0], *DOWN), standing([72], *UP)
    assert (round(down.change, 9), round(down.distance, 9)) == (-0.4, 1.2)
    assert (up.change, up.distance) == (37, -2)
    assert round(up.planned, 3) == round(35 + 35 * 31 / 365, 3)


def test_periods_of_the_baseline_are_not_judged() -> None:
    judged = standing([9, 9, 9, 5.5], first=date(2026, 4, 1))
    assert [reading.value for reading in judged.counted] == [5.5]
    assert judged.missed == 0
    assert not standing([9, 9, 9], first=date(2026, 4, 1)).asks_for_decision
    assert picture.draw(judged).count('<circle class="before"') == 3 + 1  # and the legend's


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # written here


def test_a_picture_is_the_same_each_time_and_says_what_it_shows() -> None:
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


numbers = st.floats(-3e38, 3e38).filter(lambda value: value == 0 or abs(value) > 1e-30)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(numbers, min_size=1, max_size=30),
    levels=st.tuples(numbers, st.none() | numbers, numbers),
    direction=st.sampled_from(["increase", "decrease"]),
    first=st.dates(date(1000, 1, 1), date(3000, 1, 1)).map(lambda day: day.replace(day=1)),
)
def test_whatever_is_measured_lies_in_the_picture(
    values: list[float | None], levels: Levels, direction: str, first: date
) -> None:
    svg = picture.draw(standing(values, direction, levels, first))
    parsed(svg)
    for x, y in re.findall(r'<circle class="\w+" cx="([-\d.]+)" cy="([-\d.]+)"', svg):
        assert 0 < float(x) < picture.WIDTH
        assert 0 < float(y) < picture.HEIGHT
    assert "nan" not in svg
    ticks = svg.count('class="grid"')
    assert 4 <= ticks <= 22
