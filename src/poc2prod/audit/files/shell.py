"""Scripts of workflows and recipes of make, read but never run: which commands, at whose mercy."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

LARGEST = 20_000
"""Characters of a script that are read; nobody reviews a longer one."""

_LOSES = ("||", "|", "&", "|&")
_ENDS = (";", "&&", *_LOSES, "(", ")", ";;", "\n")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_HERE = re.compile(r"<<-?\s*(['\"]?)(\w+)\1(.*)\n(?:.*\n)*?\s*\2$", re.MULTILINE)
_BEFORE = frozenset({"if", "elif", "while", "until", "!"})
_DEEPER = frozenset({"if", "case", "for", "while", "until", "select", "{"})
_BACK = frozenset({"fi", "esac", "done", "}"})
_OPENERS = frozenset({"then", "do", "else", "{", "(", "time", "exec", "command", "env", "nice"})


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command of a script.

    Attributes:
        words: without the assignments in front.
        settings: those assignments.
        after: what follows: an operator, a line break or nothing.
        tail: the words of the script's next command.
        nested: whether it is in a branch, a loop or a function, or decides one, or is inverted.
        last: whether it is the script's last one.
    """

    words: tuple[str, ...]
    settings: tuple[str, ...]
    after: str
    tail: tuple[str, ...]
    nested: bool
    last: bool


def commands(script: str) -> list[Command]:
    """Return the simple commands of a script, as far as it can be read without running it."""
    found: list[tuple[list[str], str, bool]] = []
    words: list[str] = []
    depth = 0
    for part in [*_tokens(script[:LARGEST]), ""]:
        if part and part not in _ENDS:
            words.append(part)
            continue
        if words:
            depth += words[0] in _DEEPER or "{" in words[1:]
            found.append((words, part, depth > 0 or words[0] in _BEFORE))
            depth = max(depth - (words[0] in _BACK), 0)
        depth = max(depth + (part == "(") - (part == ")"), 0)
        words = []
    bare = [_bare(words) for words, *_ in found]
    return [
        Command(
            words=tuple(bare[number][1]),
            settings=tuple(bare[number][0]),
            after=after,
            tail=tuple(bare[number + 1][1]) if number + 1 < len(found) else (),
            nested=nested,
            last=number + 1 == len(found),
        )
        for number, (_, after, nested) in enumerate(found)
    ]


def _tokens(script: str) -> list[str]:
    text = _HERE.sub(r"\3", script.replace("\r\n", "\n")).replace("\\\n", " ")
    tokens: list[str] = []
    for line in text.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()")
        lexer.whitespace_split = True
        lexer.commenters = ""  # else also within words
        try:
            parts = list(lexer)
        except ValueError:  # a text over several lines
            parts = line.split()
        comment = next((n for n, part in enumerate(parts) if part.startswith("#")), None)
        tokens += [*parts[:comment], "\n"]
    return tokens


def _bare(words: list[str]) -> tuple[list[str], list[str]]:
    """Split the assignments in front of a command from it, and drop what opens a block."""
    settings = []
    for number, word in enumerate(words):
        if _ASSIGNMENT.match(word):
            settings.append(word)
        elif word not in _OPENERS and word not in _BEFORE:
            return settings, words[number:]
    return settings, []


def losses(script: str, command: Command, *, stops: bool, pipefail: bool) -> list[str]:
    """Say how a script loses a command's failure, one phrase each.

    Args:
        script: all of it.
        command: one of its commands.
        stops: whether it stops at the first failure, as `sh -e` does.
        pipefail: whether a pipe fails with any of its parts.
    """
    pipefail = pipefail or bool(re.search(r"set\s+-[a-z]*o\s+pipefail", script))
    found = []
    if command.nested:
        found.append("it is in a branch, a loop or a function, or decides one")
    if command.after == "||" and not _kept(script, command):
        found.append(f"|| {' '.join(command.tail) or '…'}")
    if command.after in ("|", "|&") and not pipefail:
        found.append("a pipe without pipefail")
    if command.after == "&":
        found.append("it runs in the background")
    if command.after == "&&" and not _final(script, command):
        found.append("&& before other commands")
    if re.search(r"\bset\s+\+[a-z]*e|\bset\s+\+o\s+errexit", script):
        found.append("set +e")
    if re.search(r"\bexit\s+0\b|\bexit\s*$|\bexit\s*[;}]|\breturn\s+0\b", script, re.MULTILINE):
        found.append("exit 0")
    if re.search(r"\btrap\b", script):
        found.append("a trap")
    if not stops and not command.last and command.after in (";", "\n"):
        found.append("other commands after it, in a shell that goes on")
    return found


def _kept(script: str, command: Command) -> bool:
    """Tell whether what follows || fails too, at once or later with the status that it kept."""
    if command.tail[:1] in (("exit",), ("return",)):
        return command.tail[1:2] not in ((), ("0",))
    follow = commands(script)
    for other in follow:
        for setting in other.settings:
            if setting.endswith("=$?"):
                name = re.escape(setting.removesuffix("=$?"))
                return bool(re.search(rf'^exit "?\$\{{?{name}\}}?"?$', script, re.MULTILINE))
    return False


def _final(script: str, command: Command) -> bool:
    last = commands(script)[-1:]
    return bool(last) and last[0].words == command.tail
