"""The report as an SVG badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poc2prod.audit.reports.badge_json import LABEL, message

if TYPE_CHECKING:
    from poc2prod.audit.reports.words import Report

_COLOURS = {0: "#2a7a2a", 1: "#a8480c", 3: "#5c5c5c", 4: "#7d6200"}
"""By exit status; white text on each has a contrast of at least 4.5."""

_NARROW = frozenset(" ,.:ijl1")
_WIDE = frozenset("mwLMW%")


def write(report: Report) -> str:
    """Return the badge; its text is ours alone, so nothing needs escaping."""
    said = message(report)
    left, right = _width(LABEL), _width(said)
    wide = left + right
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="20" viewBox="0 0 {wide} 20" \
role="img" aria-labelledby="title">
  <title id="title">{LABEL}: {said}</title>
  <clipPath id="round"><rect width="{wide}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#round)">
    <rect width="{left}" height="20" fill="#444"/>
    <rect x="{left}" width="{right}" height="20" fill="{_COLOURS[report["exit"]]}"/>
  </g>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
    <text x="{left / 2:g}" y="14" textLength="{left - 12}">{LABEL}</text>
    <text x="{left + right / 2:g}" y="14" textLength="{right - 12}">{said}</text>
  </g>
</svg>
"""


def _width(text: str) -> int:
    """Guess the pixels of a text in Verdana 11, with six on either side; textLength mends it."""
    pixels = sum(4.2 if c in _NARROW else 9.4 if c in _WIDE else 6.7 for c in text)
    return round(pixels) + 12
