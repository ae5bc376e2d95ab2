"""Dockerfiles, read but never built: their stages, what each starts from, and its instructions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?", re.IGNORECASE)
_OTHER = re.compile(r"--(?:from=|mount=\S*\bfrom=)([^\s,]+)")
_ARG = re.compile(r"(\w+)=[\"']?([^\s\"']*)")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword in capitals, the rest in one line, and its first line."""

    keyword: str
    rest: str
    line: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a build.

    Attributes:
        base: the image or the stage that it starts from, with variables replaced.
        name: by which others may start from it; empty for none.
        line: of its FROM.
    """

    base: str
    name: str
    line: int
    instructions: list[Instruction] = field(default_factory=list)


def arguments(text: str) -> dict[str, str]:
    """Return the defaults of the arguments that bases may be named by."""
    found: dict[str, str] = {}
    for each in _instructions(text):
        if each.keyword == "FROM":
            break
        if each.keyword == "ARG" and (match := _ARG.match(each.rest)):
            found[match[1]] = match[2]
    return found


def stages(text: str, given: Mapping[str, str] | None = None) -> list[Stage]:
    """Return the stages in their order; `given` are the values of build arguments."""
    values = {**arguments(text), **(given or {})}
    found: list[Stage] = []
    for each in _instructions(text):
        if each.keyword == "FROM" and (match := _FROM.match(each.rest)):
            base = _VARIABLE.sub(lambda m: values.get(m[1] or m[2], ""), match[1])
            found.append(Stage(base, match[2] or "", each.line))
        elif found:
            found[-1].instructions.append(each)
    return found


def last(stages: Sequence[Stage]) -> list[Instruction]:
    """Return the instructions that the image itself is made by: the last stage's and its bases'."""
    made: list[Instruction] = []
    rest = list(stages)
    while rest:
        stage = rest.pop()
        made = [*stage.instructions, *made]
        while rest and rest[-1].name != stage.base:
            rest.pop()
    return made


def bases(stages: Sequence[Stage]) -> list[tuple[str, int]]:
    """Return the images of others that a build starts from or copies from, each with its line."""
    found: list[tuple[str, int]] = []
    known = {"scratch"}
    for number, stage in enumerate(stages):
        copied = [
            (name, each.line)
            for each in stage.instructions
            if each.keyword in ("COPY", "RUN")
            for name in _OTHER.findall(each.rest)
        ]
        found += [each for each in ((stage.base, stage.line), *copied) if each[0] not in known]
        known |= {stage.name, str(number)}
    return found


def _instructions(text: str) -> list[Instruction]:
    found: list[Instruction] = []
    parts: list[str] = []
    first = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        first = first if parts else number
        parts.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            keyword, _, rest = " ".join(parts).partition(" ")
            found.append(Instruction(keyword.upper(), rest.strip(), first))
            parts = []
    return found
