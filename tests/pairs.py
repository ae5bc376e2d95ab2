"""Rows of answers in which every two answers to two questions meet at least once."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

from poc2prod.questions import settable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poc2prod.questions import Question


def axes(questions: Mapping[str, Question]) -> dict[str, list[object]]:
    """Return question → answers worth combining, for the questions that have such answers."""
    found = {name: _answers(question) for name, question in settable(questions).items()}
    return {name: answers for name, answers in found.items() if answers}


def _answers(question: Question) -> list[object]:
    choices = list(question.choices)
    if question.type == "bool":
        return [True, False]
    if not question.multiselect:
        return choices
    alone = [[choice] for choice in choices] if len(choices) > 1 else []
    return [choices, [], *alone]


def all_pairs(axes: Mapping[str, Sequence[object]]) -> list[dict[str, object]]:
    """Return rows that cover all pairs; few, though not always the fewest, and always the same.

    A row starts with a pair not covered yet. Then each other question takes the answer that covers
    most pairs with what the row has.
    """
    missing = {
        frozenset({(a, i), (b, j)})
        for a, b in combinations(axes, 2)
        for i, j in product(range(len(axes[a])), range(len(axes[b])))
    }
    rows = []
    while missing:
        row = dict(min(missing, key=sorted))
        for name in axes:
            if name not in row:
                row[name] = max(
                    range(len(axes[name])),
                    key=lambda i: sum(
                        frozenset({(name, i), cell}) in missing for cell in row.items()
                    ),
                )
        missing -= {frozenset(pair) for pair in combinations(row.items(), 2)}
        rows.append({name: axes[name][row[name]] for name in axes})
    return rows
