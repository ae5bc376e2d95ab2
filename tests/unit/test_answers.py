from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from poc2prod.answers import cast, collect
from poc2prod.answers_file import LARGEST
from poc2prod.errors import UsageError
from poc2prod.questions import Question, load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def questions(template: Path) -> dict[str, Question]:
    return load(template)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers.yaml"


def question(kind: str, **details: object) -> Question:
    values: dict[str, object] = {
        "topic": "",
        "help": "",
        "default": None,
        "choices": {},
        "multiselect": False,
    }
    return Question(name="q", type=kind, when=True, **{**values, **details})  # type: ignore[arg-type]


def test_values_get_the_type_that_the_question_asks_for(questions: dict[str, Question]) -> None:
    pairs = ["kpi_baseline=7", "team=A=B", "latency=batch", "deployment=[]"]

    assert collect(questions, None, pairs) == {
        "kpi_baseline": 7.0,
        "team": "A=B",
        "latency": "batch",
        "deployment": [],
    }


def test_the_command_line_wins_over_the_file(questions: dict[str, Question], file: Path) -> None:
    file.write_text("team: From the file\nkpi_unit: day\n", encoding="utf-8")

    assert collect(questions, file, ["team=x", "team=From the line"]) == {
        "team": "From the line",
        "kpi_unit": "day",
    }


def test_what_copier_records_is_no_answer(questions: dict[str, Question], file: Path) -> None:
    file.write_text("_commit: v1\n_src_path: somewhere\nteam: T\n", encoding="utf-8")

    assert collect(questions, file, []) == {"team": "T"}


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n"])
def test_an_empty_file_answers_nothing(
    questions: dict[str, Question], file: Path, content: str
) -> None:
    file.write_text(content, encoding="utf-8")

    assert collect(questions, file, []) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        ('[a, "b"]', ["a", "b"]),
        ("", []),
        ("[]", []),
        (["b"], ["b"]),
    ],
)
def test_several_choices_can_be_written_in_several_ways(value: object, expected: list[str]) -> None:
    several = question("str", choices={"a": "A", "b": "B"}, multiselect=True)

    assert cast(several, value) == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("bool", "Yes", True),
        ("bool", "false", False),
        ("bool", True, True),
        ("int", "4", 4),
        ("int", 4, 4),
        ("float", 4, 4.0),
        ("float", "4.5", 4.5),
        ("str", "4", "4"),
        ("yaml", {"any": "thing"}, {"any": "thing"}),
    ],
)
def test_an_answer_of_the_right_type_is_taken(kind: str, value: object, expected: object) -> None:
    answer = cast(question(kind), value)

    assert answer == expected
    assert type(answer) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bool", "maybe"),
        ("bool", 1),
        ("int", "4.5"),
        ("int", True),
        ("int", 4.5),
        ("float", "many"),
        ("float", False),
        ("float", [1.0]),
        ("str", 4),
        ("str", None),
        ("str", ["a"]),
    ],
)
def test_an_answer_of_another_type_is_refused(kind: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"^expected "):
        cast(question(kind), value)


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("latency", "-d 'latency': write KEY=VALUE, such as -d latency=batch"),
        ("=batch", "-d '=batch': write KEY=VALUE"),
        ("latncy=batch", "there is no question 'latncy'; did you mean latency?"),
        ("zzz=1", "there is no question 'zzz'; \"poc2prod explain\" lists them all"),
        ("_src_path=x", "there is no question '_src_path'"),
        ("use_service=true", "use_service is computed from latency, so it can't be set"),
        ("kpi_baseline=six", "kpi_baseline can't be 'six': expected a number, such as 6.4"),
        ("latency=bach", "expected one of batch, interactive; did you mean batch?"),
        ("latency=", "latency can't be '': expected one of batch, interactive"),
        (
            "deployment=compos",
            (
                "expected any of compose, kubernetes, serverless, edge, as a list; did you mean"
                " compose?"
            ),
        ),
        ("deployment=compose,", "deployment can't be 'compose,': expected any of compose"),
        ("team=" + "x" * 100, None),  # for the template's validator
        ("kpi_baseline=" + "x" * 100, "xxx…': expected a number"),
    ],
)
def test_the_command_line_is_refused_in_a_sentence(
    questions: dict[str, Question], pair: str, expected: str | None
) -> None:
    if expected is None:
        collect(questions, None, [pair])
        return
    with pytest.raises(UsageError) as caught:
        collect(questions, None, [pair])

    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"team: A\nlatncy: batch\n", ", line 2: there is no question 'latncy'; did you mean"),
        (b"\n\nuse_compose: true\n", ", line 3: use_compose is computed from deployment"),
        (b"team: A\nlicense: [\n", ", line 3: not valid YAML: "),
        (b"team: A\n\tx: 1\n", ", line 2: not valid YAML: "),
        (b"- team\n", ", line 1: expected KEY: VALUE lines"),
        (b"team\n", ", line 1: expected KEY: VALUE lines"),
        (b"team: A\n---\nteam: B\n", ", line 2: not valid YAML: but found another document"),
        (b"team: A\nteam: B\n", ", line 2: team is answered twice; keep one"),
        (b"team: 5\n", ", line 1: team can't be 5: expected text, in quotes"),
        (b"team:\n", ", line 1: team can't be None: expected text, in quotes"),
        (b"team: 2026-01-01\n", "expected text, in quotes"),
        (b"python_version: 3.13\n", "can't be 3.13: expected one of 3.13, 3.12, 3.11, in quotes"),
        (b"kpi_baseline: many\n", ", line 1: kpi_baseline can't be 'many': expected a number"),
        (b"kpi_baseline: 1" + b"0" * 400, "kpi_baseline can't be 1000"),
        (b"kpi_baseline: 1" + b"0" * 5000, ": not valid YAML: "),
        (
            b"deployment: {compose: true}\n",
            "expected any of compose, kubernetes, serverless, edge, as a list",
        ),
        (
            b"deployment: [[compose]]\n",
            "expected any of compose, kubernetes, serverless, edge, as a list",
        ),
        (b"a: &a [x]\nb: *a\n", ", line 2: not valid YAML: aliases are not allowed"),
        (b"team: !!python/name:os.system ''\n", ", line 1: not valid YAML: could not determine"),
        (b"team: !!timestamp 2026-02-31\n", ": not valid YAML: "),
        (b"team: A\nkpi_unit: \xff\n", ", line 2: not UTF-8 text; save it as UTF-8"),
        ("team: A".encode("utf-16"), ", line 1: not UTF-8 text"),
        (b"team: A\nci: \x00\n", ", line 2: not valid YAML: a control character"),
        (b"team: \x1b[31mred\n", ", line 1: not valid YAML: a control"),
        (b"[" * 20_000, ", line 1: not valid YAML: nested too deeply"),
        (b"{a: 1}: b\n", ", line 1: "),
        (b"? [a]\n: b\n", ", line 1: "),
        (b"x" * (LARGEST + 1), " is larger than 65,536 bytes: not a file of answers"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_line(
    questions: dict[str, Question], file: Path, content: bytes, expected: str
) -> None:
    file.write_bytes(content)

    with pytest.raises(UsageError) as caught:
        collect(questions, file, [])

    message = str(caught.value)
    assert f"{file}{expected}" in message or (expected in message and str(file) in message)
    assert "\n" not in message
    assert len(message.replace(str(file), "")) < 250


def test_an_alias_bomb_costs_nothing(questions: dict[str, Question], file: Path) -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 40)]
    file.write_text("\n".join(["l0: &l0 [x, x]", *levels, "team: *l39"]), encoding="utf-8")

    with pytest.raises(UsageError, match="line 2: not valid YAML: aliases are not allowed"):
        collect(questions, file, [])


def test_a_byte_order_mark_is_no_mistake(questions: dict[str, Question], file: Path) -> None:
    file.write_text("team: A\n", encoding="utf-8-sig")

    assert collect(questions, file, []) == {"team": "A"}


def test_a_missing_file_and_a_folder_are_named(questions: dict[str, Question], file: Path) -> None:
    with pytest.raises(UsageError, match=rf"can't read the answers file {file}: No such file"):
        collect(questions, file, [])
    with pytest.raises(UsageError, match=f"answers file {file.parent}: Is a directory"):
        collect(questions, file.parent, [])
