# Managed by poc2prod; extend in a module of your own that imports it.
"""Draws a KPI as SVG: text that is the same for the same values, readable in light and dark."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from xml.sax.saxutils import escape

from . import axes
from .measured import Reading
from .progress import Progress
from .words import day, describe, line, number, title

WIDTH, HEIGHT = 840, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 696, 78, 316  # of the plot
_APART = 17  # between labels, in pixels

_STYLE = """
text{font:13px system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#3b434b}
.title{font-size:18px;font-weight:600;fill:#15191d}.now{font-weight:700;fill:#15191d}
.back{fill:#fff}.grid{stroke:#e6e9ec}.below{fill:#c62828;fill-opacity:.07}
.baseline{stroke:#7a858f;stroke-dasharray:2 4}.floor{stroke:#c62828;stroke-dasharray:8 4}
.target{stroke:#1a7f37}.plan{stroke:#1a7f37;stroke-dasharray:1 5;stroke-linecap:round}
.values{stroke:#0b5fad;stroke-width:2.5;stroke-linejoin:round}
.line{fill:none;stroke-width:2}.kept{fill:#0b5fad;stroke:#fff}.missed{fill:#c62828;stroke:#fff}
.before{fill:#fff;stroke:#7a858f;stroke-width:2}.goal{fill:#fff;stroke:#1a7f37;stroke-width:2.5}
.halo{stroke:#fff;stroke-width:5px;stroke-linejoin:round;paint-order:stroke}
@media(prefers-color-scheme:dark){
text{fill:#b6bec6}.title,.now{fill:#f0f3f6}.back{fill:#14181c}.grid{stroke:#2a3036}
.below{fill:#ff6b61;fill-opacity:.11}.baseline{stroke:#8b949e}.floor{stroke:#ff7b72}
.target,.plan,.goal{stroke:#4ac26b}.values{stroke:#64b0ff}.kept{fill:#64b0ff;stroke:#14181c}
.missed{fill:#ff7b72;stroke:#14181c}.before,.goal{fill:#14181c}.halo{stroke:#14181c}}
"""


def draw(progress: Progress) -> str:
    """Draw what was measured, against baseline, target and floor.

    Args:
        progress: of a KPI with at least one value.
    """
    return "\n".join(_Picture(progress).elements()) + "\n"


class _Picture:
    def __init__(self, progress: Progress) -> None:
        self.progress, self.kpi = progress, progress.kpi
        start, end = self.kpi.baseline, self.kpi.target
        levels = (("baseline", start.value), ("floor", self.kpi.floor), ("target", end.value))
        self.levels = [(name, value) for name, value in levels if value is not None]
        values = [reading.value for reading in progress.readings]
        self.amounts = axes.amounts([*values, *(value for _, value in self.levels)])
        known = [each for each in (start.to, end.by) if each]
        self.first = min([*known, progress.readings[0].start])
        self.last = max([*known, progress.readings[-1].end])

    def x(self, when: date) -> float:
        share = (when - self.first).days / max(1, (self.last - self.first).days)
        return LEFT + share * (RIGHT - LEFT)

    def y(self, value: float) -> float:
        low, high = self.amounts[0][0], self.amounts[-1][0]
        return BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP)

    @property
    def planned(self) -> str:
        """The path from baseline to target, or nothing where the contract leaves it open."""
        start, end = self.kpi.baseline, self.kpi.target
        if start.value is None or end.value is None or not start.to or not end.by:
            return ""
        path = f"M{self.x(start.to):.1f} {self.y(start.value):.1f}"
        return f"{path}L{self.x(end.by):.1f} {self.y(end.value):.1f}"

    def elements(self) -> Iterator[str]:
        better = "higher" if self.kpi.direction == "increase" else "lower"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
            f' width="{WIDTH}" height="{HEIGHT}" role="img" aria-labelledby="title desc">'
        )
        yield f'<title id="title">{escape(title(self.kpi))}</title>'
        yield f'<desc id="desc">{escape(describe(self.progress))}</desc>'
        yield f"<style>{_STYLE}</style>"
        yield f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>'
        yield _text(24, 32, line(self.kpi.name, 80), "title")
        yield _text(24, 54, f"{line(self.kpi.unit, 30)}, {better} is better")
        sources = sorted({reading.source for reading in self.progress.readings if reading.source})
        if sources:
            text = line(f"Source: {', '.join(sources)}", 45)
            yield _text(WIDTH - 24, 54, text, anchor="end")
        yield from self._axes()
        yield from self._levels()
        yield from self._values()
        yield from self._legend()
        yield "</svg>"

    def _axes(self) -> Iterator[str]:
        for value, text in self.amounts:
            y = self.y(value)
            yield f'<path class="grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>'
            yield _text(LEFT - 10, y + 4.5, text, anchor="end")
        for when, text in axes.days(self.first, self.last):
            yield f'<path class="grid" d="M{self.x(when):.1f} {BOTTOM}v6"/>'
            yield _text(self.x(when), BOTTOM + 22, text, anchor="middle")
        middle = (TOP + BOTTOM) / 2
        unit = escape(line(self.kpi.unit, 30))
        turned = f'transform="translate(22 {middle}) rotate(-90)" text-anchor="middle"'
        yield f"<text {turned}>{unit}</text>"
        yield _text((LEFT + RIGHT) / 2, BOTTOM + 42, "end of the period", anchor="middle")

    def _levels(self) -> Iterator[str]:
        end, floor = self.kpi.target, self.kpi.floor
        if floor is not None:
            y, edge = self.y(floor), BOTTOM if self.kpi.direction == "increase" else TOP
            top, height = min(y, edge), abs(y - edge)
            yield (
                f'<rect class="below" x="{LEFT}" y="{top:.1f}" width="{RIGHT - LEFT}"'
                f' height="{height:.1f}"/>'
            )
        for name, value in self.levels:
            yield f'<path class="line {name}" d="M{LEFT} {self.y(value):.1f}H{RIGHT}"/>'
        if self.planned:
            yield f'<path class="line plan" d="{self.planned}"/>'
        if end.value is not None and end.by:
            yield _mark("goal", self.x(end.by), self.y(end.value), 5)
        lowest = 0.0
        for name, value in sorted(self.levels, key=lambda level: -level[1]):
            by = [f"by {day(end.by)}"] if name == "target" and end.by else []
            lowest = max(self.y(value) + 4.5 - _APART, lowest)
            for text in (f"{name} {number(value)}", *by):
                lowest += _APART
                yield _text(RIGHT + 12, lowest, text)

    def _values(self) -> Iterator[str]:
        readings = self.progress.readings
        points = [(self.x(each.end), self.y(each.value), each) for each in readings]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in points)
        yield f'<path class="line values" d="M{path}"/>'
        narrowest = min((b[0] - a[0] for a, b in pairwise(points)), default=WIDTH)
        size = 6 if narrowest > 14 else 3
        for x, y, reading in points:
            yield _mark(self._kind(reading), x, y, size)
        x, y, reading = points[-1]
        above = 22 if y < TOP + 22 else -14  # below the point where there is no room above it
        yield _text(x, y + above, number(reading.value), "now halo", "middle")

    def _legend(self) -> Iterator[str]:
        kinds = {self._kind(reading) for reading in self.progress.readings}
        x, y = LEFT + 6.0, HEIGHT - 20
        for kind, text in (
            ("before", "before the model"),
            ("kept", "measured"),
            ("missed", "worse than the floor"),
        ):
            if kind in kinds:
                yield _mark(kind, x, y - 4.5, 6)
                yield _text(x + 14, y, text)
                x += 44 + 7.5 * len(text)
        if self.planned:
            yield f'<path class="line plan" d="M{x - 6:.1f} {y - 4.5}h26"/>'
            yield _text(x + 30, y, "planned")

    def _kind(self, reading: Reading) -> str:
        if not self.progress.counts(reading):
            return "before"
        return "missed" if self.progress.misses(reading) else "kept"


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "") -> str:
    kind = f' class="{kind}"' if kind else ""
    anchor = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{kind}{anchor}>{escape(text)}</text>'


def _mark(kind: str, x: float, y: float, size: float) -> str:
    """A dot, or a diamond for a missed floor: colour alone would not tell everybody."""
    if kind == "missed":
        r = size * 1.35
        return (
            f'<path class="missed" d="M{x - r:.1f} {y:.1f}l{r:.1f} {-r:.1f} {r:.1f} {r:.1f}'
            f' {-r:.1f} {r:.1f}z"/>'
        )
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{size}"/>'
