"""Step 4: each alert leads to a page that helps, and to people."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from poc2prod.audit.context import SENTINEL
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.context import Context

SECTIONS = ("impact", "confirm", "mitigate", "roll back", "escalate")

_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t#]*$")
_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)[ \t]*(\w*)")
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_TARGET = re.compile(r"^([\w.%/-][\w.%/ -]*):(?!=)", re.MULTILINE)
_SHELLS = ("", "sh", "bash", "shell", "console", "check")


def usable(context: Context) -> Outcome:
    """Each alert names an owner and a runbook whose sections say something that can be done."""
    found = context.alerts
    if not found:
        return missing("there is no alert in monitoring/", Location("monitoring"))
    pages: dict[str, str] = {}
    for alert in found:
        if not alert.owner:
            return failed(f"{alert.place}: {alert.name} has no owner", alert.place)
        text = context.tree.text(alert.runbook) if alert.runbook else None
        if text is None:
            what = f"{alert.runbook} is not in this repository" if alert.runbook else "is not named"
            return failed(f"{alert.place}: the runbook of {alert.name} {what}", alert.place)
        pages[alert.runbook] = text
    commands = _Commands(context)
    for path, text in sorted(pages.items()):
        problem = _said(path, text) or commands.unreal(path, text) or _linked(context, path, text)
        if problem:
            return problem
    return passed(f"{len(found)} alerts lead to {len(pages)} runbooks", len(pages))


def _said(path: str, text: str) -> Outcome | None:
    """Find a section that is not there, or that says nothing."""
    place = Location(path)
    if not text.strip():
        return stub(f"{path} is empty", place)
    if gap := SENTINEL.search(text):
        place = Location(path, text.count("\n", 0, gap.start()) + 1)
        return stub(f"{place} has nothing yet for {gap[1]}", place)
    bodies: dict[str, tuple[int, list[str]]] = {}
    body: list[str] = []
    fenced = False
    for number, line in enumerate(_COMMENT.sub(_lines, text).splitlines(), 1):
        fenced ^= bool(_FENCE.match(line))
        heading = None if fenced else _HEADING.match(line)
        if heading:
            body = []
            bodies[heading[1].strip().lower().replace("rollback", "roll back")] = (number, body)
        else:
            body.append(line)
    for section in SECTIONS:
        at, lines = bodies.get(section, (0, []))
        if not at:
            return failed(f"{path} has no section {section.capitalize()}", place)
        if not re.search(r"\w", "".join(lines)):
            place = Location(path, at)
            return stub(f"{place}: the section {section.capitalize()} is empty", place)
    return None


def _lines(comment: re.Match[str]) -> str:
    return "\n" * comment[0].count("\n")


def _linked(context: Context, path: str, text: str) -> Outcome | None:
    for link in _LINK.finditer(text):
        name = link[1].partition("#")[0]
        if not name or ":" in name:
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        if not context.tree.has(target):
            place = Location(path, text.count("\n", 0, link.start()) + 1)
            return failed(f"{place}: {name}, which it links to, is not there", place)
    return None


class _Commands:
    """What can be run in the project: targets of make and its own commands."""

    def __init__(self, context: Context) -> None:
        tree = context.tree
        makefiles = (tree.text(path) or "" for path in tree.matching("/Makefile", "/*.mk"))
        self._targets = {
            word for text in makefiles for m in _TARGET.finditer(text) for word in m[1].split()
        }
        self._own = {
            tuple(path.removesuffix(".py").split("/ops/commands/")[1].split("/"))
            for path in tree.matching("/src/*/ops/commands/**/*.py")
        }
        name = str(context.answers.get("project_name") or tree.root.name)
        self._names = (name, name.replace("-", "_"))

    def unreal(self, path: str, text: str) -> Outcome | None:
        """Find a command of make or of the project that there is not."""
        for number, words in _typed(text):
            wrong = self._wrong(words)
            if wrong:
                place = Location(path, number)
                return failed(f"{place}: there is no `{wrong}`", place)
        return None

    def _wrong(self, words: list[str]) -> str | None:
        program, rest = words[0].rsplit("/", 1)[-1], words[1:]
        if program == "make" and "-C" not in rest:
            for word in rest:
                if re.fullmatch(r"[a-z][\w.-]*", word) and word not in self._targets:
                    return f"make {word}"
        if program.startswith("python") and rest[:1] == ["-m"]:
            program, rest = rest[1] if rest[1:] else "", rest[2:]
        if program in self._names and rest and re.fullmatch(r"[a-z][\w-]*", rest[0]):
            named = tuple(word.replace("-", "_") for word in rest)
            if named[:1] not in self._own and named[:2] not in self._own:
                return f"{program} {rest[0]}"
        return None


def _typed(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the commands of a page, in blocks and in the text, with their lines."""
    fence: str | None = None
    shell = False
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line)
        if mark and fence is None:
            fence, shell = mark[1], mark[2].lower() in _SHELLS
        elif mark and fence and mark[1].startswith(fence):
            fence = None
        else:
            for source in [line] if fence and shell else [] if fence else _SPAN.findall(line):
                yield from ((number, words) for words in _split(source))


def _split(source: str) -> Iterator[list[str]]:
    code = source.partition(" #")[0]
    for part in re.split(r"&&|\|\|?|;|[()]", code):
        words = part.split()
        while words and (words[0] in ("$", "sudo", "time") or re.match(r"\w+=", words[0])):
            words = words[1:]
        if words and not words[0].startswith("#"):
            yield words
