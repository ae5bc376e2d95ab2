# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What was measured of the business KPIs is judged, and drawn."""

import re
from xml.etree import ElementTree

import pytest
from kpis import AUGUST, FULL, JULY, OLD, TODAY, reporter, rows


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


def test_no_name_becomes_markup(report, tmp_path):
    name = "<script>alert(1)</script> & ![x](y) | \\u0007\\n# z"
    result = report(rows(f"{JULY}6"), FULL.replace("name: Downtime", f'name: "{name}"'))
    assert result.returncode == 0, result.stderr
    svg = (tmp_path / "build" / "kpi" / "BK-1.svg").read_text(encoding="utf-8")
    assert "<script" not in svg
    title = ElementTree.fromstring(svg)[0]  # noqa: S314  # written here
    assert title.text == "<script>alert(1)</script> & ![x](y) | # z (BK-1)"
    text = (tmp_path / "build" / "kpi" / "report.md").read_text(encoding="utf-8")
    assert re.findall(r"(?<!\\)[<|]", text.partition("| latest")[0]) == []
    assert "\n# z" not in text
    assert re.findall(r"(?<!\\)!\[", text) == ["!["]
