# Managed by poc2prod; extend in a module of your own that imports it.
"""Draws what was measured as SVG, small enough to be read on a phone; text and colours by CSS."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from ...kpi import axes
from ...kpi.words import line, number
from .profile import Profile, Spread

WIDTH = 360
_LEFT, _RIGHT = 8, WIDTH - 8
_TOP, _HIGH = 20, 90  # of a distribution, and its height
_ROW = 34


def distribution(profile: Profile) -> str:
    """Draw how the values of a number or time lie, and bounds of the contract that are near."""
    low, high = profile.low, profile.high
    if low is None or high is None:
        return ""
    first, last = low, high if high > low else low + 1.0
    bounds = [b for b in _bounds(profile) if first - (last - first) / 2 <= b[1]]
    bounds = [b for b in bounds if b[1] <= last + (last - first) / 2]
    begin = min([first, *(value for _, value in bounds)])
    end = max([last, *(value for _, value in bounds)])

    def x(value: float) -> float:
        return _LEFT + (value - begin) / (end - begin) * (_RIGHT - _LEFT)

    most, base = max(profile.bars), _TOP + _HIGH
    width = (x(last) - x(first)) / len(profile.bars)
    parts = []
    for place, rows in enumerate(profile.bars):
        if rows:
            tall = max(1.0, rows / most * _HIGH)
            at = x(first) + place * width
            parts.append(_rect("bar", at, base - tall, max(0.8, width - 0.8), tall))
    parts.append(f'<path class="axis" d="M{_LEFT} {base}H{_RIGHT}"/>')
    for name, value in bounds:
        parts.append(f'<path class="bound" d="M{x(value):.1f} {_TOP - 6}V{base}"/>')
        anchor = "start" if x(value) < WIDTH / 2 else "end"
        parts.append(_text(x(value) + (4 if anchor == "start" else -4), 12, name, "small", anchor))
    for value, text in _ticks(profile, begin, end):
        anchor = "middle" if 30 < x(value) < WIDTH - 30 else "start" if x(value) < 99 else "end"
        parts.append(f'<path class="axis" d="M{x(value):.1f} {base}v4"/>')
        parts.append(_text(x(value), base + 17, text, "small", anchor))
    said = f"{profile.column.name}: from {number(low)} to {number(high)}"
    return _svg(base + 24, said, parts)


def shares(items: Sequence[tuple[str, int]], of: int, kind: str = "bar") -> str:
    """Draw a bar per item, with its number and its share of `of`."""
    parts = []
    most = max([rows for _, rows in items], default=1) or 1
    for place, (name, rows) in enumerate(items):
        top = place * _ROW
        share = f" · {rows / of:.2%}" if of else ""
        parts.append(_text(_LEFT, top + 13, line(name, 40), ""))
        parts.append(_text(_RIGHT, top + 13, f"{rows:,}{share}", "small", "end"))
        parts.append(_rect("track", _LEFT, top + 18, _RIGHT - _LEFT, 8))
        if rows:
            long = max(1.5, rows / most * (_RIGHT - _LEFT))
            parts.append(_rect(kind, _LEFT, top + 18, long, 8))
    said = "; ".join(f"{line(name, 80)}: {rows:,}" for name, rows in items)
    return _svg(max(1, len(items)) * _ROW, said, parts)


def spreads(items: Sequence[Spread]) -> str:
    """Draw for each source where nine tenths of its values are, and the middle."""
    low, high = min(each.low for each in items), max(each.high for each in items)
    reach = (high - low) or 1.0

    def x(value: float) -> float:
        return 110 + (value - low) / reach * (_RIGHT - 6 - 110)

    parts = []
    for place, each in enumerate(items):
        y = 12 + place * 20
        parts.append(_text(_LEFT, y + 4, line(each.source, 14), "small"))
        parts.append(f'<path class="axis" d="M110 {y}H{_RIGHT - 6}"/>')
        parts.append(f'<path class="range" d="M{x(each.low):.1f} {y}H{x(each.high) + 0.5:.1f}"/>')
        parts.append(f'<circle class="dot" cx="{x(each.middle):.1f}" cy="{y}" r="4.5"/>')
        shown = (
            f"{line(each.source)}: {number(each.low)}, {number(each.middle)}, {number(each.high)}"
        )
        parts[-1] = f"<g>{parts[-1]}<title>{escape(shown)}</title></g>"
    foot = 20 * len(items) + 16
    parts.append(_text(110, foot, number(low), "small"))
    parts.append(_text(_RIGHT - 6, foot, number(high), "small", "end"))
    said = "; ".join(f"{line(each.source, 40)}: median {number(each.middle)}" for each in items)
    return _svg(foot + 6, said, parts)


def trend(runs: Sequence[tuple[str, int, int]]) -> str:
    """Draw what each run kept and what it sent to quarantine, the oldest first.

    Args:
        runs: id, rows kept and rows quarantined.
    """
    most = max(kept + rejected for _, kept, rejected in runs) or 1
    base, tall, step = 110, 90, (_RIGHT - _LEFT) / max(len(runs), 6)
    parts = []
    for place, (snapshot, kept, rejected) in enumerate(runs):
        at, high, bad = _LEFT + place * step, kept / most * tall, rejected / most * tall
        bars = _rect("bar", at, base - high, step - 3, high) if kept else ""
        if rejected:
            bad = max(2.0, bad)
            bars += _rect("bad", at, base - high - bad, step - 3, bad)
        said = escape(f"{snapshot}: {kept:,} kept, {rejected:,} to quarantine")
        parts.append(f"<g>{bars}<title>{said}</title></g>")
    parts.append(f'<path class="axis" d="M{_LEFT} {base}H{_RIGHT}"/>')
    parts.append(_text(_LEFT, base + 16, runs[0][0], "small"))
    if len(runs) > 1:
        parts.append(_text(_RIGHT, base + 16, f"newest {runs[-1][0]}", "small", "end"))
    parts.append(_text(_RIGHT, 12, f"most in a run: {most:,} rows", "small", "end"))
    return _svg(base + 22, f"{len(runs)} snapshots, the newest {runs[-1][0]}", parts)


def _bounds(profile: Profile) -> Iterator[tuple[str, float]]:
    column = profile.column
    for name, bound in (
        ("min", column.minimum),
        ("above", column.exclusive_minimum),
        ("max", column.maximum),
        ("below", column.exclusive_maximum),
    ):
        if bound is not None:
            yield f"{name} {number(bound)}", bound
    for name, time in (("earliest", column.earliest), ("latest", column.latest)):
        if time is not None:
            yield name, time.timestamp()


def _ticks(profile: Profile, begin: float, end: float) -> Iterator[tuple[float, str]]:
    if profile.column.kind == "timestamp":
        for value in (begin, (begin + end) / 2, end):
            yield value, f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d}"
        return
    inside = [tick for tick in axes.amounts([begin, end]) if begin <= tick[0] <= end]
    yield from inside[:: 2 if len(inside) > 5 else 1] or [(begin, number(begin))]


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _svg(height: float, said: str, parts: Sequence[str]) -> str:
    label = escape(line(said, 400))
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )
