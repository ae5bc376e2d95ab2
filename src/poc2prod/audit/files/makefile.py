"""Makefiles, read but never run: what a target does, as far as the text says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.files.tree import Tree

FILES = ("GNUmakefile", "makefile", "Makefile")
"""make takes the first that is there."""

LARGEST = 2**18
_DEEPEST = 5
_MOST = 200
_LONGEST = 4000
_SETTING = re.compile(r"(?:export |override )*([A-Za-z_][\w-]*)\s*(::?|\?|\+)?=\s*(.*)")
_RULE = re.compile(r"([^\t#=:][^#=:]*):{1,2}(?!=)([^;#]*)(?:;(.*?))?(?:#.*)?")
_INCLUDE = re.compile(r"[-s]?include\s+(.+)")
_VARIABLE = re.compile(r"\$[({](\w+)[)}]")


@dataclass(slots=True)
class Makefile:
    """What a makefile says.

    Attributes:
        settings: variable → its last value, not expanded.
        soft: the variables that the environment overrides: those set with ?=.
        recipes: target → the lines that it runs.
        needs: target → its prerequisites.
        ignores: whether the failure of a recipe is ignored for all of it, with .IGNORE or -i.
    """

    settings: dict[str, str] = field(default_factory=dict)
    soft: set[str] = field(default_factory=set)
    recipes: dict[str, list[str]] = field(default_factory=dict)
    needs: dict[str, list[str]] = field(default_factory=dict)
    ignores: bool = False

    def commands(self, target: str, given: Mapping[str, str]) -> Iterator[str]:
        """Yield the lines that a target and its prerequisites run.

        `given` are the variables of the command line and of the environment.
        """
        reached = [target]
        for other in reached:  # it grows on the way
            needed = self.needs.get(other, ())[:_MOST]
            if len(reached) < _MOST:
                reached += dict.fromkeys(name for name in needed if name not in reached)
            for line in self.recipes.get(other, ()):
                yield self.expanded(line, given)

    def expanded(self, text: str, given: Mapping[str, str]) -> str:
        """Replace the variables of a line; what nothing sets is empty, functions stay."""
        values = {**self.settings, **given}
        for _ in range(_DEEPEST):
            before = text
            text = _VARIABLE.sub(lambda match: values.get(match[1], ""), text)[:_LONGEST]
            if text == before:
                break
        return text.replace("$$", "$")


def read(tree: Tree) -> Makefile | None:
    """Read the makefile of a repository; None where there is none.

    Raises:
        UnreadableError: it can't be read.
    """
    name = next((name for name in FILES if tree.has(name)), None)
    if name is None:
        return None
    made = Makefile()
    _parse(tree, name, made, 0)
    flags = made.settings.get("MAKEFLAGS", "") + made.settings.get("GNUMAKEFLAGS", "")
    made.ignores = ".IGNORE" in made.recipes or bool(re.search(r"(^|\s)-?[a-z]*i|ignore", flags))
    return made


def _parse(tree: Tree, path: str, made: Makefile, depth: int) -> None:
    text = tree.text(path, LARGEST)
    if text is None or depth > _DEEPEST:
        return
    targets: list[str] = []
    for line in re.sub(r"\\\r?\n[ \t]*", " ", text).splitlines():
        if line.startswith("\t"):
            for target in targets:
                made.recipes[target].append(line.strip())
        elif match := _INCLUDE.fullmatch(line.strip()):
            for name in match[1].split()[:20]:
                _parse(tree, name, made, depth + 1)
        elif match := _SETTING.fullmatch(line.strip()):
            _set(made, *match.groups())
        elif match := _RULE.fullmatch(line):
            targets = match[1].split()[:50]
            for target in targets:
                own = [match[3].strip()] if match[3] else []
                made.recipes.setdefault(target, []).extend(own)
                made.needs.setdefault(target, []).extend(match[2].replace("|", " ").split())


def _set(made: Makefile, name: str, kind: str | None, value: str) -> None:
    if kind == "+":
        value = f"{made.settings.get(name, '')} {value}"
    elif kind == "?":
        made.soft.add(name)
        value = made.settings.get(name, value)
    made.settings[name] = value[:_LONGEST]
