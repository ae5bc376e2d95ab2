from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

from pairs import all_pairs, axes
from poc2prod.questions import load

if TYPE_CHECKING:
    from pathlib import Path


def test_every_two_answers_meet(template: Path) -> None:
    questions = axes(load(template))

    rows = all_pairs(questions)

    for a, b in combinations(questions, 2):
        for first, second in product(questions[a], questions[b]):
            assert any(row[a] == first and row[b] == second for row in rows)
    largest, second_largest = sorted(map(len, questions.values()))[-1:-3:-1]
    assert largest * second_largest <= len(rows) <= 2 * largest * second_largest


def test_several_choices_are_all_taken_none_and_each_alone(template: Path) -> None:
    targets = ["compose", "kubernetes", "serverless", "edge"]
    assert axes(load(template))["deployment"] == [targets, [], *([each] for each in targets)]
