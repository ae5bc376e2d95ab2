"""`poc2prod explain`: what a question asks and what its answer changes, or what a check is for."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from poc2prod.effects import effects, mentioned, sources
from poc2prod.errors import UsageError, nearest
from poc2prod.questions import load, settable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from poc2prod.questions import Question


def listing(root: Path) -> str:
    """Return one line for each question that the template in `root` asks, or lets be set."""
    questions = settable(load(root))
    width = max(map(len, questions), default=0)
    return "\n".join(
        f"{name:{width}}  {re.split('(?<=[.?]) ', question.help)[0]}{note(question)}"
        for name, question in questions.items()
    )


def explanation(root: Path, name: str, width: int = 88) -> str:
    """Return what there is to know about a question or a check, its prose in lines of `width`.

    Raises:
        UsageError: the template in `root` has no such question, nor the catalogue such a check.
    """
    questions = load(root)
    if name not in questions:
        return _of_check(name, questions, width)
    question = questions[name]
    lines = _computed(questions, question) if question.computed else _asked(question, width)
    return "\n".join([name, *lines, *_changes(root, questions, question)])


def _of_check(name: str, questions: Mapping[str, Question], width: int) -> str:
    from poc2prod.audit import catalogue, explained  # noqa: PLC0415  # no question needs it

    if check := explained.find(name):
        return explained.explanation(check, width)
    similar = {key.casefold(): key for key in (*questions, *catalogue.load().checks)}
    hint = nearest(name.casefold(), similar)
    for folded, key in similar.items():
        hint = hint.replace(f" {folded}?", f" {key}?")
    hint = (
        hint or f': "audit --list" lists the checks; questions are {", ".join(settable(questions))}'
    )
    raise UsageError(f'there is no question or check "{name}"{hint}')


def note(question: Question) -> str:
    """Return how to answer `question` where nobody asks it, else ""."""
    return "" if question.asked else f" Not asked; -d {question.name}=VALUE sets it."


def described_default(question: Question) -> str:
    """Return the default as a reader understands it; one that varies by what it varies with."""
    variables = sorted(mentioned(question.default))
    if variables == ["_folder_name"]:
        return "from the name of the folder"
    if variables:
        return f"from {' and '.join(variables)}"
    return str(question.default).strip("[]") or "none"


def _asked(question: Question, width: int) -> Iterator[str]:
    yield textwrap.fill(question.help, width, initial_indent="  ", subsequent_indent="  ")
    yield ""
    if question.choices:
        yield "  Any of:" if question.multiselect else "  One of:"
        longest = max(len(str(value)) for value in question.choices)
        for value, label in question.choices.items():
            yield f"    {value!s:{longest}}  {label if label != value else ''}".rstrip()
    else:
        yield f"  Answer:  {question.expected}"
    yield f"  Default: {described_default(question)}"
    if not question.asked:
        yield f"  Not asked: -d {question.name}=VALUE sets it, and an update keeps it."


def _computed(questions: Mapping[str, Question], question: Question) -> Iterator[str]:
    given = " and ".join(sources(questions, question.name)) or "the template alone"
    yield f"  Not asked but computed, from {given}."


def _changes(root: Path, questions: Mapping[str, Question], question: Question) -> Iterator[str]:
    found = effects(root, questions, question.name)
    for title, names in (
        ("Decides", found.through),
        ("Suggests the default of", found.suggests),
        ("Adds or leaves out", found.present),
        ("Names", found.moved),
        ("Is written into", found.edited),
    ):
        if names:
            yield f"\n  {title}:"
            yield from (f"    {name}" for name in names)
