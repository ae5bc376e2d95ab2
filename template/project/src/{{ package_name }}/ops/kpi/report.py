# Managed by poc2prod; extend in a module of your own that imports it.
"""Says how far the KPIs are: as a table for a terminal, and as Markdown with pictures."""

import re
from collections.abc import Sequence
from pathlib import Path

from ..files import write_text
from .picture import draw
from .progress import Progress
from .words import day, decision, describe, line, notes, number, title, unmeasured

_HEADER = ("KPI", "latest", "period", "from baseline", "to target", "on track", "floor")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~&@])")


def table(standing: Sequence[Progress]) -> str:
    """Give a line per KPI, in columns, and what else must be known."""
    rows = [_HEADER, *((each.kpi.id, *_cells(each)) for each in standing)]
    full = [row for row in rows if len(row) == len(_HEADER)]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    widths[0] = max(len(row[0]) for row in rows)
    lines = ("  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=False)) for row in rows)
    said = (f"{each.kpi.id}: {note}" for each in standing for note in notes(each))
    return "\n".join([*(text.rstrip() for text in lines), *said])


def write(standing: Sequence[Progress], directory: Path) -> Path:
    """Write report.md, and beside it a picture of each KPI that was measured."""
    parts = ["# Business KPIs", f"As of {day(standing[0].today)}."]
    for each in standing:
        parts.append(f"## {_plain(title(each.kpi))}")
        if each.asks_for_decision:
            parts.append(f"**Decision due:** {_plain(decision(each))}.")
        if each.readings:
            picture = f"{each.kpi.id}.svg"
            write_text(directory / picture, draw(each))
            parts.append(f"![{_plain(describe(each))}]({picture})")
        cells = _cells(each)
        if each.latest is None:
            parts.append(f"{cells[0][0].upper()}{cells[0][1:]}.")
        else:
            rows = [_HEADER[1:], ("---",) * len(cells), tuple(map(_plain, cells))]
            parts.append("\n".join(f"| {' | '.join(row)} |" for row in rows))
        parts += [f"{note[0].upper()}{note[1:]}." for note in notes(each)]
    path = directory / "report.md"
    write_text(path, "\n\n".join(parts) + "\n")
    return path


def _cells(each: Progress) -> tuple[str, ...]:
    """What the columns after the first say, or one thing that stands for them all."""
    latest, change, distance = each.latest, each.change, each.distance
    if latest is None:
        return (unmeasured(each),)
    base = each.kpi.baseline.value
    share = f" ({change / abs(base):+.1%})" if change is not None and base else ""
    return (
        f"{number(latest.value)} {line(each.kpi.unit, 20)}",
        f"{latest.start} to {latest.end}",
        "unknown" if change is None else f"{number(change, '+')}{share}",
        "unknown" if distance is None else "reached" if distance <= 0 else number(distance),
        _on_track(each),
        _floor(each),
    )


def _on_track(each: Progress) -> str:
    if each.planned is None:
        return "unknown"
    return f"{'yes' if each.on_track else 'no'}, planned {number(float(f'{each.planned:.3g}'))}"


def _floor(each: Progress) -> str:
    floor = each.kpi.floor
    if floor is None:
        return "none"
    return f"{number(floor)} missed, {each.missed} in a row" if each.missed else "kept"


def _plain(text: str) -> str:
    """Keep a name from being read as Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", line(text, 400))
