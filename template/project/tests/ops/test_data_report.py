# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""The data quality report says what is in the snapshot, in one file, and tells of no person."""

import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from conftest import run
from ingesting import CONTRACT, deliver, ingest, small
from package import load
from test_validation import NOON, declared

columns = load("ops.columns")
page = load("ops.data.reporting.page")
pictures = load("ops.data.reporting.pictures")
profile = load("ops.data.reporting.profile")
Column = columns.Column
PERSONAL = load("ops.personal").Personal(category="identifier", treatment="pseudonymise")


def report(directory):
    result = run(directory, "data", "report", "--output", "report.html")
    assert result.returncode == 0, result.stderr
    return (directory / "report.html").read_text(encoding="utf-8"), result.stdout


@pytest.fixture
def plant(tmp_path):
    """A project that has ingested twice, with a bad row each time."""
    directory = small(tmp_path / "plant")
    deliver(directory, "1.csv", range(48), x=-1)
    ingest(directory)
    deliver(directory, "2.csv", range(48, 96), x=" ")
    ingest(directory)
    return directory


def test_the_page_has_what_was_kept_and_rejected_and_why(plant):
    html, said = report(plant)
    assert said == "94 rows, 2 in quarantine: report.html\n"
    cells = [re.sub("<[^>]*>", "", row) for row in re.findall("<tr>.*?</tr>", html)]
    assert "x: a value below 01" in cells
    assert "x: a missing value1" in cells
    assert "x: space removed1" in cells
    assert "plant942" in cells
    assert "x: a value above 100" in cells  # nobody broke it
    assert "2.08% of all" in html
    assert html.count(": 47 kept, 1 to quarantine") == 2
    assert all(f"<h3>{name}</h3>" in html for name in ("machine", "time", "x", "y"))


def test_the_page_is_whole_in_itself_and_its_pictures_are_sound(plant):
    html, _ = report(plant)
    assert not re.search(r"https?://|<script|<link|<img|url\(|@import", html)
    drawn = re.findall(r"<svg.*?</svg>", html)
    assert len(drawn) > 4
    for picture in drawn:
        root = ET.fromstring(picture)  # noqa: S314  # our own
        assert root.get("aria-label")
        width, height = map(float, root.get("viewBox").split()[2:])
        for shape in root.iter("rect"):
            x, y, w, h = (float(shape.get(name)) for name in ("x", "y", "width", "height"))
            assert -0.1 <= x <= x + w <= width + 0.1
            assert -0.1 <= y <= y + h <= height + 0.1
    assert html.count("<div") == html.count("</div>")


def test_a_broken_rule_and_a_stale_table_are_marked(plant):
    file = plant / "data-contract.yaml"
    rule = "  - name: readings\n    quality: [{metric: rowCount, mustBeLessThan: 90}]\n"
    stale = "slaProperties: [{property: freshness, value: 1, unit: d}]\n"
    file.write_text(CONTRACT.replace("  - name: readings\n", rule) + stale, encoding="utf-8")
    html, said = report(plant)
    assert said.startswith("broken: rows must be less than 90, and there are 94\n")
    assert "0 of 1" in html
    assert "✗ broken" in html
    assert re.search(r"days <span class=\"wrong\">✗</span>.*at most 1 days are allowed", html)
    result = run(plant, "ingest")
    assert "rows must be less than 90" in result.stderr or "must be at most 1 days" in result.stderr
    assert result.returncode == 1


def test_without_a_snapshot_it_says_what_to_do(tmp_path):
    result = run(small(tmp_path / "plant"), "data", "report")
    assert result.returncode == 1
    assert result.stderr.endswith("there is no snapshot in data/snapshots: run ingest first\n")


def drawn(column, values):
    """The profile and the card of a column."""
    contract = declared(column)
    time = [NOON + timedelta(hours=hour) for hour in range(len(values))]
    frame = pl.LazyFrame({column.name: values, "time": time, "y": [True] * len(values)})
    found = next(iter(profile.profiles(frame, contract)))
    return found, page._column(found, len(values))


@pytest.mark.parametrize("kind", ["string", "number", "integer"])
def test_no_value_of_a_person_is_shown(kind):
    values = {"string": ["CANARY"] * 9, "number": [12345.5] * 9, "integer": [98765] * 9}[kind]
    shown = {"string": "CANARY", "number": "12,345.5", "integer": "98,765"}[kind]
    open_, html = drawn(Column(name="c", kind=kind), values)
    assert shown in html
    hidden, html = drawn(Column(name="c", kind=kind, personal=PERSONAL), values)
    assert shown not in html
    assert "no value is shown" in html
    assert (hidden.low, hidden.bars, dict(hidden.values), hidden.spreads) == (None, (), {}, ())
    assert open_.nulls == hidden.nulls == 0


def test_a_source_that_is_a_person_is_not_named():
    source = Column(name="who", kind="string", personal=PERSONAL)
    people = {"who": ["CANARY"] * 4 + ["B"] * 5}
    for column, shown in ((source, False), (source.model_copy(update={"personal": None}), True)):
        contract = declared(Column(name="x", kind="number"), context=(column,), source=column)
        frame = pl.LazyFrame({"x": np.arange(9.0), **people, "time": [NOON] * 9, "y": [True] * 9})
        cards = [page._column(each, 9) for each in profile.profiles(frame, contract)]
        assert ("CANARY" in "".join(cards)) is shown


def test_what_is_drawn_is_what_is_there():
    values = [*np.random.default_rng(1).normal(50, 10, 5_000).tolist(), *[None] * 100]
    found, html = drawn(Column(name="c", kind="number", maximum=120), values)
    assert sum(found.bars) == 5_000
    assert (found.nulls, f"{found.share:.2%}") == (100, "1.96%")
    assert "1.96% missing" in html
    counts, edges = np.histogram([v for v in values if v is not None], bins=40)
    assert (found.low, found.high) == (edges[0], edges[-1])
    assert np.abs(np.array(found.bars) - counts).max() <= 1
    assert "max 120" in html
    assert "the contract allows any to 120" in html


def test_a_source_that_is_off_is_seen():
    source = Column(name="plant", kind="string")
    contract = declared(Column(name="x", kind="number"), context=(source,), source=source)
    values = np.random.default_rng(2).normal(10, 1, 4_000)
    values[2_000:] += 20
    frame = pl.LazyFrame(
        {
            "x": values,
            "plant": ["A"] * 2_000 + ["B"] * 2_000,
            "time": [NOON] * 4_000,
            "y": [True] * 4_000,
        }
    )
    found = next(iter(profile.profiles(frame, contract)))
    for each, part in zip(found.spreads, (values[:2_000], values[2_000:]), strict=True):
        exact = np.quantile(part, [0.05, 0.5, 0.95])
        assert np.abs(np.array([each.low, each.middle, each.high]) - exact).max() < 0.1


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("number", [None, None]),
        ("number", [1.0, 1.0]),
        ("number", [-3e38, 3e38]),
        ("integer", [2**53, -(2**53)]),
        ("string", ["<b>&", "</svg>"]),
        ("boolean", [None, True]),
    ],
)
def test_any_values_can_be_shown(kind, values):
    _, html = drawn(Column(name="a<b>\n", kind=kind, description="<i>"), values)
    for picture in re.findall(r"<svg.*?</svg>", html):
        ET.fromstring(picture)  # noqa: S314  # our own
    assert "nan" not in html
    assert "<b>" not in html
