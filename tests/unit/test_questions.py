from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from poc2prod.errors import CommandError
from poc2prod.questions import load, settable

if TYPE_CHECKING:
    from pathlib import Path


def test_questions_come_in_the_order_of_the_files_that_copier_includes(template: Path) -> None:
    questions = load(template)

    assert next(iter(questions)) == "project_name"
    assert [questions[name].topic for name in ("team", "kpi_unit", "latency", "use_service")] == [
        "project",
        "kpi",
        "latency",
        "computed",
    ]


def test_copier_reads_the_same_questions(template: Path) -> None:
    from copier._template import Template

    assert list(load(template)) == list(Template(str(template)).questions_data)


def test_choices_map_answers_to_labels(template: Path) -> None:
    questions = load(template)

    assert questions["ci"].choices == {
        "github": "GitHub Actions",
        "gitlab": "GitLab CI",
        "none": "None yet",
    }
    assert questions["python_version"].choices["3.13"] == "3.13"
    assert not questions["team"].choices


def test_computed_values_are_not_asked(template: Path) -> None:
    questions = load(template)

    assert questions["package_name"].computed
    assert "package_name" not in settable(questions)


def test_what_is_not_asked_can_be_set(template: Path) -> None:
    questions = load(template)

    assert {name for name in settable(questions) if not questions[name].asked} == {
        "license",
        "python_version",
    }
    assert not questions["package_name"].asked


def test_copiers_other_spellings_are_understood(tmp_path: Path) -> None:
    (tmp_path / "copier.yml").write_text(
        """
short: 4
untyped: {default: no}
extended: {type: str, choices: {A: {value: a, validator: ""}}}
templated: {type: str, choices: "[a, b]"}
""",
        encoding="utf-8",
    )
    questions = load(tmp_path)

    assert [question.type for question in questions.values()] == ["int", "bool", "str", "str"]
    assert questions["extended"].choices == {"a": "A"}
    assert not questions["templated"].choices


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "No such file"),
        (b"a: [", "while parsing"),
        (b"\xff", "invalid start byte"),
        (b"--- [1]", "expected a mapping"),
        (b"--- 5", "expected a mapping"),
    ],
)
def test_a_folder_that_is_no_template_is_named(
    tmp_path: Path, content: bytes | None, expected: str
) -> None:
    if content is not None:
        (tmp_path / "copier.yml").write_bytes(content)

    with pytest.raises(
        CommandError, match=f"is not a template of poc2prod: .*{expected}"
    ) as caught:
        load(tmp_path)

    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)
