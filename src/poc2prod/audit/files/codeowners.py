"""CODEOWNERS as GitHub and GitLab read it: the last entry that matches a path decides."""

from __future__ import annotations

import re
from typing import NamedTuple

NAMES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where it may be; the first that is there counts."""

_SECTION = re.compile(r"^\^?\[[^\]]+\](\[\d+\])?")
_ANY = re.compile(r"[^/]+")


class Entry(NamedTuple):
    """A line: its pattern, in segments of which None stands for any number, and who owns it."""

    line: int
    segments: tuple[re.Pattern[str] | None, ...]
    owners: tuple[str, ...]

    def fits(self, path: str) -> bool:
        """Tell whether it is about a path. Takes the product of both lengths at most."""
        parts, segments = path.split("/"), self.segments
        at = part = 0
        star = retry = -1
        while part < len(parts):
            segment = segments[at] if at < len(segments) else _NOTHING
            if segment is None:
                star, retry, at = at, part, at + 1
            elif segment.fullmatch(parts[part]):
                at, part = at + 1, part + 1
            elif star < 0:
                return False
            else:
                retry += 1
                at, part = star + 1, retry
        return all(segment is None for segment in segments[at:])


_NOTHING = re.compile(r"(?!)")


def parsed(text: str) -> list[Entry]:
    """Return the entries of a file. An entry without owners says that nobody owns what it fits."""
    entries: list[Entry] = []
    inherited: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        words = _words(line)
        if section := _SECTION.match(line):
            inherited = tuple(_words(line[section.end() :]))
        elif words:
            owners = tuple(words[1:]) or inherited
            entries.append(Entry(number, _segments(words[0]), owners))
    return entries


def owning(entries: list[Entry], path: str) -> tuple[str, ...]:
    """Return who owns a path; nobody where no entry fits, or the last that does names none."""
    return next((entry.owners for entry in reversed(entries) if entry.fits(path)), ())


def _words(line: str) -> list[str]:
    """Split a line at its white space, but where a backslash stands before it."""
    code = re.split(r"(?:^|(?<=\s))#", line, maxsplit=1)[0]
    return [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r"(?:\\.|[^\s\\])+", code)]


def _segments(pattern: str) -> tuple[re.Pattern[str] | None, ...]:
    parts = pattern.split("/")
    if not parts[0]:
        parts = parts[1:]
    elif len(parts) == 1 or (len(parts) == 2 and not parts[1]):
        parts = ["**", *parts]  # without a slash but the last, it fits in any folder
    ended = parts[-1]
    found = [None if part == "**" else _segment(part) for part in parts if part]
    if not ended or ended == "**":  # what is in the folder, not a file of its name
        tail = [_ANY, None]
        found = [*found, *tail] if not ended else [*found[:-1], *tail]
    elif ended != "*":  # a folder's name stands for all that is in it, a * only for what it holds
        found.append(None)
    return tuple(found)


def _segment(glob: str) -> re.Pattern[str]:
    """Compile a segment, so that no number of * makes it slow: what fits first is kept."""
    first, *others = (re.escape(text).replace(r"\?", "[^/]") for text in re.split(r"\*+", glob))
    if not others:
        return re.compile(first)
    middle = "".join(f"(?>[^/]*?{text})" for text in others[:-1])
    return re.compile(f"{first}{middle}[^/]*{others[-1]}")
