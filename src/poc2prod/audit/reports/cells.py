"""Text in the cells of a terminal, where an ideograph takes two and an accent none."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """Return how many cells a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, room: int) -> str:
    """Return a text filled up with spaces to `room` cells."""
    return text + " " * (room - width(text))


def cut(text: str, room: int, mark: str = "…") -> str:
    """Return a text of at most `room` cells, which must be two or more."""
    if width(text) <= room:
        return text
    return _pieces(text, room - width(mark))[0].rstrip() + mark


def wrapped(text: str, room: int) -> list[str]:
    """Return the lines of a text in `room` cells, two or more; a long word goes on in the next."""
    lines, line = [], ""
    for word in text.split():
        if line and width(line) + 1 + width(word) <= room:
            line += " " + word
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, room)
        lines += full
    return [*lines, line]


def _pieces(word: str, room: int) -> list[str]:
    pieces, taken = [""], 0
    for character in word:
        cells = _cells(character)
        if taken + cells > room:
            pieces.append("")
            taken = 0
        pieces[-1] += character
        taken += cells
    return pieces
