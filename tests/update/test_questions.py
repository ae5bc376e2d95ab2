"""What an update asks, and which answers it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bundles import extended
from small import history

if TYPE_CHECKING:
    from pathlib import Path

    from bundles import Bundle
    from updating import Case

RESCUED = ".poc2prod/rescued/v2.0.0"


def test_new_questions_take_their_defaults_and_are_listed(
    case: Case, bundles: dict[int, Bundle]
) -> None:
    case.bundle = bundles[3]

    report = case.update()

    assert "New questions, and their answers\n  region: north\n" in report
    assert "region: north" in case.read(".poc2prod/answers.yaml")


def test_without_a_terminal_new_questions_need_an_answer(
    case: Case, bundles: dict[int, Bundle]
) -> None:
    case.bundle = bundles[3]

    assert case.refused("update") == (
        "there is no terminal to ask for region: pass --defaults, or answer with -d"
    )
    result = case("update", "-d", "region=south")
    assert result.status == 0
    assert "region: south" in case.read(".poc2prod/answers.yaml")


def test_what_is_not_asked_needs_no_answer_and_is_listed(
    case: Case, bundles: dict[int, Bundle], tmp_path: Path
) -> None:
    def change(template: Path) -> None:
        with (template / "template/questions/project.yml").open("a", encoding="utf-8") as file:
            file.write("\nregion:\n  type: str\n  default: north\n  ask: false\n")
        history(template, questions={"added": ["region"]})

    (tmp_path / "bundle").mkdir()
    case.bundle = extended(tmp_path / "bundle", "4.0.0", change, bundles[2])

    report = case("update")

    assert report.status == 0, report.err
    assert "New questions, and their answers\n  region: north\n" in report.out
    case.git("reset", "--quiet", "--hard")
    case.update("-d", "region=far")
    case.commit()
    (tmp_path / "next").mkdir()
    case.bundle = extended(tmp_path / "next", "5.0.0", history, case.bundle)
    case.update()
    assert "region: far" in case.read(".poc2prod/answers.yaml")


def test_a_renamed_question_keeps_its_answer(case: Case, bundles: dict[int, Bundle]) -> None:
    case.update("--to", "1.0.0", "-d", "team=Öl & Gas")
    case.commit()
    case.bundle = bundles[3]

    report = case.update()

    answers = case.read(".poc2prod/answers.yaml")
    assert "squad: Öl & Gas" in answers or 'squad: "\\xD6l & Gas"' in answers
    assert "team" not in answers
    assert "squad" not in report


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("latencie=batch", "-d: there is no question 'latencie'; did you mean latency?"),
        ("use_service=false", "-d: use_service is computed from latency, so it can't be set"),
        ("latency", "-d 'latency': write KEY=VALUE, such as -d latency=batch"),
        ("latency=never", "-d: latency can't be 'never': expected one of"),
        ("project_name=No Name", "-d: project_name can't be 'No Name': "),
    ],
)
def test_answers_that_are_refused(case: Case, pair: str, message: str) -> None:
    assert case.refused("update", "--defaults", "-d", pair).startswith(message)


def test_a_recorded_answer_that_is_no_longer_one_is_named(
    case: Case, bundles: dict[int, Bundle]
) -> None:
    case.update("--to", "1.0.0", "-d", "license=MIT")
    case.commit()
    case.bundle = bundles[3]

    message = case.refused("update", "--defaults")

    assert "'MIT'" in message
    assert "-d license=" in message
    assert "Apache-2.0" in message
    case.update("-d", "license=Apache-2.0")


def test_copier_itself_finds_the_answers_as_poc2prod_writes_them(case: Case) -> None:
    from poc2prod.render import render

    copied = replace(case, renders=render)
    copied.update("-d", "team=Ölwerk: #1")
    tree = case.git("write-tree")
    case.git("reset", "--quiet", "--hard")
    case.update("-d", "team=Ölwerk: #1")

    assert case.git("write-tree") == tree


def test_a_new_question_that_the_answers_leave_unasked_needs_no_answer(
    case: Case, bundles: dict[int, Bundle], tmp_path: Path
) -> None:
    def change(template: Path) -> None:
        with (template / "template/questions/latency.yml").open("a", encoding="utf-8") as file:
            condition = "{{ latency == 'batch' }}"
            file.write(f'\nwindow:\n  type: str\n  default: night\n  when: "{condition}"\n')
        history(template, questions={"added": ["window"]})

    (tmp_path / "bundle").mkdir()
    case.bundle = extended(tmp_path / "bundle", "4.0.0", change, bundles[2])

    result = case("update")

    assert result.status == 0, result.err
    assert "window" not in result.out
