"""The report for a terminal."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple, TextIO

from poc2prod.audit.reports import words
from poc2prod.audit.reports.cells import cut, padded, width, wrapped
from poc2prod.audit.reports.words import clean, shortened
from poc2prod.audit.scoring import MEANS, OPENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poc2prod.audit.reports.words import Entry, Report

UNITS = 14
"""The cells of a step's bar: two for each of the seven points."""

NARROWEST = 24
_TITLE = 24
_LONGEST = 600
"""Characters of a message; the JSON report has all."""

_ASCII = str.maketrans({"█": "#", "░": "-", "·": "|", "…": "...", "→": "->", "✗": "x", "✓": "+"})
_RED, _YELLOW, _GREEN, _BLUE, _BOLD, _DIM = "31", "33", "32", "34", "1", "2"
COLOURS = {
    "PASS": _GREEN,
    "FAIL": _RED,
    "ERROR": f"{_BOLD};{_RED}",
    "STUB": _YELLOW,
    "STALE": _YELLOW,
    "MISSING": _RED,
    "UNKNOWN": _BLUE,
}


class Terminal(NamedTuple):
    """What a report is printed on.

    Attributes:
        columns: how many cells a line has.
        colours: whether it may be coloured.
        encoding: of its characters; only those are used.
    """

    columns: int = 100
    colours: bool = False
    encoding: str = "utf-8"

    @classmethod
    def of(cls, stream: TextIO) -> Terminal:
        """Describe the one behind a stream; a pipe has neither colours nor an end of line."""
        encoding = stream.encoding or "ascii"
        locale = os.environ.get("LC_ALL") or os.environ.get("LANG")
        if locale in ("C", "POSIX"):  # Python takes it for UTF-8, and the terminal may not
            encoding = "ascii"
        if not stream.isatty():
            return cls(encoding=encoding)
        columns = max(NARROWEST, shutil.get_terminal_size((80, 24)).columns)
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return cls(columns, colours=not plain, encoding=encoding)

    def fit(self, text: str) -> str:
        """Return a text in the terminal's characters."""
        if self.encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
            text = text.translate(_ASCII)
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)

    def paint(self, text: str, colour: str | None) -> str:
        """Return a text in a colour, where there are any."""
        return f"\033[{colour}m{text}\033[0m" if self.colours and colour else text

    def lines(self, text: str, colour: str | None = None, indent: int = 0) -> Iterator[str]:
        """Wrap a text; lines after the first are indented by two more."""
        first, *rest = self.wrap(text, self.columns - indent)
        yield " " * indent + self.paint(first, colour)
        for line in self.wrap(" ".join(rest), self.columns - indent - 2) if rest else ():
            yield " " * (indent + 2) + self.paint(line, colour)

    def wrap(self, text: str, room: int) -> list[str]:
        """Wrap a text into `room` cells."""
        return wrapped(self.fit(text), room)


FILE = Terminal()


def write(report: Report, terminal: Terminal = FILE) -> str:
    """Return the report in lines: where it stands, what is open, what was not looked at."""
    parts = [
        [*_head(report, terminal)],
        [*_steps(report, terminal)],
        [*_level(report, terminal)],
        [*_waivers(report, terminal)],
        *([*part] for part in _findings(report, terminal)),
        [*_rest(report, terminal)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(report: Report, terminal: Terminal) -> Iterator[str]:
    project = report["project"]
    commit = f"commit {clean(project['commit'])[:12]}" if project["commit"] else "no git history"
    said = [
        commit + (", with changes that are not committed" if project["dirty"] else ""),
        f"tier {project['tier']}",
        f"profile {report['profile']}" + (", code was run" if report["executed"] else ""),
        f"as of {report['as_of'][:10]}",
    ]
    yield from terminal.lines(shortened(project["name"], 120), _BOLD)
    yield from terminal.lines(" · ".join(said), _DIM)


def _steps(report: Report, terminal: Terminal) -> Iterator[str]:
    low = words.weakest(report)
    wide = terminal.columns >= _TITLE + UNITS + 26
    for step in report["steps"]:
        title = padded(cut(terminal.fit(step["title"]), _TITLE, "~"), _TITLE)
        if step["score"] is None:
            yield _cut(terminal, f"{step['step']} {title if wide else step['title']} no check ran")
            continue
        filled = int(step["score"] / 7 * UNITS + 1e-9)
        bar = terminal.fit("█" * filled + "░" * (UNITS - filled))
        score = f"{words.figure(step['score'])} of 7"
        points = f"{step['points']:g} of {step['applicable']}"
        colour = _RED if step in low else None
        if not wide:
            yield _cut(terminal, f"{step['step']} {score} {step['title']}", colour)
            continue
        mark = terminal.paint("  weakest", colour) if step in low else ""
        bar, score = terminal.paint(bar, colour), terminal.paint(score, colour or _BOLD)
        yield f"{step['step']} {title} {bar} {score}  {points}{mark}"


def _level(report: Report, terminal: Terminal) -> Iterator[str]:
    level = report["level"]
    stand = words.standing(report)
    yield from terminal.lines(f"{stand}. {report['covered']:.0%} of the checks saw evidence.")
    for result in words.with_status(report, "ERROR"):
        failed = f"✗ {clean(result['id'])} failed to run, so this audit is not whole."
        yield from terminal.lines(failed, COLOURS["ERROR"])
    name = level["reached"]
    reached = f"Level {name}, {MEANS[name]}, opens {OPENS[name]}" if name else "No level reached"
    yield from terminal.lines(f"{reached}.", _BOLD)
    target = f"Target {level['target']}, {level['opens']}: "
    if not level["unmet"]:
        yield from terminal.lines(f"✓ {target}nothing that was run stands against it.", _GREEN)
        return
    yield from terminal.lines(f"✗ {target}not met. What keeps it from there:", _RED)
    findings, rest = words.split(report, level["unmet"])
    ids = ", ".join(f"{result['id']} {result['status']}" for result in findings)
    for line in [ids, *rest] if ids else rest:
        yield from terminal.lines(line, indent=2)


def _waivers(report: Report, terminal: Terminal) -> Iterator[str]:
    if not report["waivers"]:
        return
    yield from terminal.lines(f"Waivers ({len(report['waivers'])})", _BOLD)
    for waiver in words.waivers(report):
        loud = waiver["standing"] in words.LOUD
        state = waiver["standing"].upper() if loud else waiver["standing"]
        colour = f"{_BOLD};{_RED}" if loud else None
        name = f"{clean(waiver['id'])} for {clean(waiver['check'])}"
        yield from terminal.lines(f"{state}: {name}, {words.signed(waiver)}", colour, indent=2)
        for line in filter(None, (waiver["why"], waiver["reason"])):
            yield from terminal.lines(shortened(line, _LONGEST), _DIM, indent=4)


def _findings(report: Report, terminal: Terminal) -> Iterator[Iterable[str]]:
    for name, results in words.open_findings(report).items():
        lines = [*terminal.lines(f"{words.GROUPS[name]} ({len(results)})", _BOLD)]
        for result in results:
            lines += _finding(result, terminal)
        yield lines


def _finding(result: Entry, terminal: Terminal) -> Iterator[str]:
    lead, said = f"  {result['status']:8}{result['id']:8}", shortened(result["message"], _LONGEST)
    indent = len(lead) if terminal.columns >= 60 else 4
    if indent == 4 or width(lead) > 18:
        yield _cut(terminal, lead.rstrip(), COLOURS[result["status"]])
    else:
        first, *rest = terminal.wrap(said, terminal.columns - indent)
        yield terminal.paint(lead, COLOURS[result["status"]]) + first
        said = " ".join(rest)
    more = [said, "at " + ", ".join(words.places(result)[:3])] if result["locations"] else [said]
    if len(result["locations"]) > 3:
        more[-1] += f" and {len(result['locations']) - 3} more"
    for text in filter(None, more):
        for line in terminal.wrap(text, terminal.columns - indent):
            yield " " * indent + line
    for line in terminal.wrap(f"→ {shortened(result['fix'], _LONGEST)}", terminal.columns - indent):
        yield " " * indent + terminal.paint(line, _DIM)


def _rest(report: Report, terminal: Terminal) -> Iterator[str]:
    for status in ("PASS", "WAIVED", "NA"):
        results = words.with_status(report, status)
        if results:
            ids = " ".join(clean(result["id"]) for result in results)
            yield from terminal.lines(f"{status} ({len(results)}): {ids}", COLOURS.get(status))
    if report["not_run"]:
        ids = " ".join(map(clean, report["not_run"]))
        yield from terminal.lines(
            f"Not run in profile {report['profile']} ({len(report['not_run'])}): {ids}", _DIM
        )


def _cut(terminal: Terminal, text: str, colour: str | None = None) -> str:
    return terminal.paint(cut(terminal.fit(text), terminal.columns, "~"), colour)
