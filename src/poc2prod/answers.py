"""Answers given before anything is asked: `-d KEY=VALUE` and `--answers FILE`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poc2prod.answers_file import entries
from poc2prod.errors import UsageError, nearest
from poc2prod.questions import settable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from poc2prod.questions import Question

RECORDED = ("_commit", "_src_path")
"""Keys that Copier writes beside the answers; another project's file may be passed as it is."""


def collect(
    questions: Mapping[str, Question], file: Path | None, pairs: Sequence[str]
) -> dict[str, Any]:
    """Merge the answers in `file` with those in `pairs` ("KEY=VALUE"), which win.

    Returns:
        Answers of the types that the questions ask for.

    Raises:
        UsageError: a key is unknown or computed, a value is of the wrong type or not among the
            choices, or the file can't be read; the message says where.
    """
    answers: dict[str, Any] = {}
    if file is not None:
        for key, value, line in entries(file):
            if key not in RECORDED:
                answers[key] = _checked(questions, key, value, f"{file}, line {line}")
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"-d {shown(pair)}: write KEY=VALUE, such as -d latency=batch")
        answers[key] = _checked(questions, key, value, "-d")
    return answers


def shown(value: object) -> str:
    """Return a value as a message quotes it: on one line and in at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…{text[0]}"


def cast(question: Question, value: object) -> object:
    """Return `value`, which is text from `-d` or came from YAML, as what `question` asks for.

    Raises:
        ValueError: it is something else; the message says what is expected.
    """
    if not question.multiselect:
        return _cast_one(question, value)
    if isinstance(value, str):  # "[a, b]" as in YAML, or just "a,b"
        inner = value.strip().removeprefix("[").removesuffix("]")
        value = [item.strip().strip("'\"") for item in inner.split(",")] if inner.strip() else []
    if not isinstance(value, list):
        raise ValueError(f"expected {question.expected}")  # noqa: TRY004  # one kind for the caller
    return [_cast_one(question, item) for item in value]


def _cast_one(question: Question, value: object) -> object:
    if isinstance(value, str) and question.type in _PARSERS:
        try:
            value = _PARSERS[question.type](value)
        except (KeyError, ValueError):
            raise ValueError(f"expected {question.expected}") from None
    elif type(value) not in _ACCEPTED.get(question.type, (type(value),)):
        quotes = ", in quotes" if question.type == "str" else ""
        raise ValueError(f"expected {question.expected}{quotes}")
    if question.choices and value not in list(question.choices):
        hint = nearest(str(value), map(str, question.choices))
        raise ValueError(f"expected {question.expected}{hint}")
    return float(value) if question.type == "float" else value  # type: ignore[arg-type]


_PARSERS: dict[str, Callable[[str], object]] = {
    "float": float,
    "int": int,
    "bool": lambda text: {"true": True, "yes": True, "false": False, "no": False}[text.lower()],
}
_ACCEPTED = {"str": (str,), "float": (float, int), "int": (int,), "bool": (bool,)}


def _checked(questions: Mapping[str, Question], key: str, value: object, where: str) -> object:
    if key not in questions:
        hint = nearest(key, settable(questions)) or '; "poc2prod explain" lists them all'
        raise UsageError(f"{where}: there is no question {shown(key)}{hint}")
    if questions[key].computed:
        from poc2prod.effects import sources  # noqa: PLC0415  # needs Jinja

        given = " and ".join(sources(questions, key)) or "the template alone"
        raise UsageError(f"{where}: {key} is computed from {given}, so it can't be set")
    try:
        return cast(questions[key], value)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{where}: {key} can't be {shown(value)}: {error}") from error
