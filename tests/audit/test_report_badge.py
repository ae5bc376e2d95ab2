"""The report as a badge, drawn here or by shields.io."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

import audit_reports as reports
from poc2prod.audit.reports import badge, badge_json

if TYPE_CHECKING:
    from collections.abc import Sequence

SVG = "{http://www.w3.org/2000/svg}"


def luminance(colour: Sequence[float]) -> float:
    """The relative luminance of an sRGB colour of 0 to 255, as WCAG 2 defines it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", reports.EVERY)
def test_the_drawing_is_well_formed_and_says_in_words_what_it_shows(name: str) -> None:
    report = reports.EVERY[name]()
    root = ET.fromstring(badge.write(report))
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == f"readiness: {badge_json.message(report)}"
    assert root.get("aria-labelledby") == title.get("id")
    shown = [text.text for text in root.iter(f"{SVG}text")]
    assert shown == ["readiness", badge_json.message(report)]


def test_the_words_fit_into_the_drawing() -> None:
    for make in reports.EVERY.values():
        root = ET.fromstring(badge.write(make()))
        for text in root.iter(f"{SVG}text"):
            length, letters = float(text.get("textLength", "0")), len(text.text or "")
            assert 4.5 < length / letters < 8  # of what Verdana 11 takes: 4 to 9


@pytest.mark.parametrize("colour", badge._COLOURS.values())
def test_its_text_can_be_read(colour: str) -> None:
    paper = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    assert 1.05 / (luminance(paper) + 0.05) >= 4.5


@pytest.mark.parametrize("name", reports.EVERY)
def test_shields_takes_the_json(name: str) -> None:
    shown = json.loads(badge_json.write(reports.EVERY[name]()))
    assert shown.keys() == {"schemaVersion", "label", "message", "color"}
    assert shown["schemaVersion"] == 1
    assert shown["message"]


def test_only_a_whole_audit_shows_a_score() -> None:
    assert badge_json.message(reports.pilot()) == "L1, 2.3 of 7"
    assert badge_json.message(reports.partial()) == "L0, 3 checks pass, 5 not run"
    assert badge_json.message(reports.every_status()) == "audit failed"
