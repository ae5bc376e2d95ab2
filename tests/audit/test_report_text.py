"""The report in a terminal."""

from __future__ import annotations

import io
import re

import pytest

import audit_reports as reports
from poc2prod.audit.reports.cells import cut, width, wrapped
from poc2prod.audit.reports.text import NARROWEST, Terminal, write

ESCAPES = re.compile("\x1b\\[[0-9;]*m")


@pytest.mark.parametrize("columns", [NARROWEST, 39, 59, 60, 80, 100, 200])
@pytest.mark.parametrize("name", reports.EVERY)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int) -> None:
    text = write(reports.EVERY[name](), Terminal(columns, colours=True))
    assert max(width(ESCAPES.sub("", line)) for line in text.splitlines()) <= columns


def test_colours_change_no_character() -> None:
    report = reports.every_status()
    coloured = write(report, Terminal(80, colours=True))
    assert coloured != ESCAPES.sub("", coloured) == write(report, Terminal(80))


@pytest.mark.parametrize("name", reports.EVERY)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_unicode_gets_what_it_can_show(name: str, encoding: str) -> None:
    text = write(reports.EVERY[name](), Terminal(72, encoding=encoding))
    text.encode(encoding)
    assert max(map(width, text.splitlines())) <= 72


def test_it_says_where_the_project_stands_and_what_to_do() -> None:
    text = write(reports.every_status())
    lines = text.splitlines()
    assert lines[0] == "pump-failures"
    assert "commit 1a2b3c4d5e6f, with changes that are not committed · tier medium" in lines[1]
    assert "3 Scalable infrastructure  ░░░░░░░░░░░░░░ 0.0 of 7  0 of 3  weakest" in lines
    assert "✗ VAL-02 failed to run, so this audit is not whole." in lines
    assert "Level L0, generated, opens local work on sample data." in lines
    assert "✗ Target L3, canary, then all traffic: not met. What keeps it from there:" in lines
    assert "  1 of 4 major checks pass, and 80% must" in lines
    assert "WAIVED (1): INF-08" in lines
    assert "NA (1): PRV-01" in lines
    finding = text.index("  STUB    GOV-01  docs/model-card.md has nothing yet for intended-use")
    assert text.index("at docs/model-card.md:12") > finding


def test_findings_come_by_severity_the_gravest_first_and_what_passes_by_its_id_alone() -> None:
    text = write(reports.every_status())
    titles = [
        "Blockers (5)",
        "Major (3)",
        "Advisory, not in force yet (1)",
        "PASS (10): KPI-01 DAT",
    ]
    assert sorted(map(text.index, titles)) == [text.index(title) for title in titles]
    assert "KPI-01 was examined" not in text


def test_a_waiver_that_has_expired_or_is_void_comes_first_and_loud() -> None:
    lines = write(reports.every_status(), Terminal(200, colours=True)).splitlines()
    start = next(n for n, line in enumerate(lines) if "Waivers (4)" in line)
    loud = [line for line in lines[start + 1 :] if "W-2026" in line or "line 40" in line]
    assert loud[0].startswith("  \x1b[1;31mEXPIRED: W-2026-001 for ORG-01")
    assert loud[1].startswith("  \x1b[1;31mVOID: line 40 for KPI-99")
    assert loud[2].startswith("  used: W-2026-004")


def test_checks_that_were_not_run_are_named() -> None:
    text = write(reports.partial())
    assert "Readiness is not stated: 5 checks were not run." in text
    assert "Not run in profile fast (5): INF-01 INF-08" in text


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "LC_ALL", "LANG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("_no_settings")
class TestTerminal:
    def test_colours_are_for_a_terminal(self) -> None:
        assert Terminal.of(Screen()).colours
        assert not Terminal.of(io.StringIO()).colours

    @pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
    def test_colours_can_be_refused(
        self, name: str, value: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(name, value)
        assert not Terminal.of(Screen()).colours

    def test_its_width_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "55")
        assert Terminal.of(Screen()).columns == 55

    @pytest.mark.parametrize("name", ["LANG", "LC_ALL"])
    def test_the_locale_c_gets_ascii(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(name, "C")
        assert write(reports.foreign(), Terminal.of(Screen())).isascii()


def test_wide_and_joined_characters_are_counted_as_they_show() -> None:
    assert width("品質") == 4
    assert width("e\u0301") == 1
    assert wrapped("品質品質 ab", 4) == ["品質", "品質", "ab"]
    assert cut("品質品質", 5) == "品質…"
