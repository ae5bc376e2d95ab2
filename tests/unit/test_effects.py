from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from poc2prod.effects import effects, rendered, sources
from poc2prod.errors import CommandError
from poc2prod.explain import described_default, explanation, listing
from poc2prod.questions import load

if TYPE_CHECKING:
    from pathlib import Path

COPIER = """
name: {type: str, default: "{{ _folder_name }}", help: "What is it called?"}
speed: {type: str, default: slow, help: "How fast? It decides much.", choices: [slow, fast]}
limit: {type: float, default: "{{ 1 if speed == 'fast' else 9 }}", help: "Where is the limit?"}
extra: {type: str, default: none, help: "What else?", when: "{{ speed == 'fast' }}"}
use_server: {type: bool, default: "{{ speed == 'fast' }}", when: false}
use_port: {type: bool, default: "{{ use_server }}", when: false}
quiet: {type: str, default: "no", help: "Why? Because.", ask: false}
fixed: {type: yaml, default: [a], when: false}
"""
FILES = {
    "fixed.txt": "{{ speed }} is no variable in a file that is only copied",
    "README.md.jinja": "{{ name }}: {% if use_port %}served{% endif %}",
    "{% if use_server %}server{% endif %}/main.py": "",
    "src/{{ name }}/limits.py.jinja": "{{ limit }}",
    "included.md.jinja": "{% include 'template/macros/part.jinja' %}",
    "imported.md.jinja": "{% from 'template/macros/macro.jinja' import twice %}{{ twice(extra) }}",
    "answers.yaml.jinja": "{{ _copier_answers | to_nice_yaml }}",
    ".poc2prod/ownership.yaml.jinja": "{% include 'template/project/README.md.jinja' %}",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "copier.yml").write_text(COPIER, encoding="utf-8")
    files = {f"project/{name}": content for name, content in FILES.items()}
    files["macros/part.jinja"] = "{{ use_port }}"
    files["macros/macro.jinja"] = "{% macro twice(name) %}{{ name }}{{ name }}{% endmacro %}"
    for name, content in files.items():
        path = tmp_path / "template" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def test_an_answer_is_followed_through_computed_values_paths_and_includes(root: Path) -> None:
    found = effects(root, load(root), "speed")

    assert found.through == ["extra", "use_server", "use_port"]
    assert found.suggests == ["limit"]
    assert found.present == ["server/"]
    assert found.moved == []
    assert found.edited == ["README.md", "answers.yaml", "imported.md", "included.md"]


def test_a_name_moves_files_and_a_macro_sees_only_its_arguments(root: Path) -> None:
    found = effects(root, load(root), "name")

    assert found.moved == ["src/<name>/"]
    assert found.edited == ["README.md", "answers.yaml"]
    assert found.suggests == []


def test_a_computed_value_names_the_questions_that_decide_it(root: Path) -> None:
    questions = load(root)

    assert sources(questions, "use_port") == ["speed"]
    assert effects(root, questions, "use_port").edited == ["README.md", "included.md"]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("bad.md.jinja", "{% if %}", "Expected an expression"),
        ("bad.md.jinja", "{{ a | no_such_filter }}", "No filter named 'no_such_filter'"),
        ("bad.md.jinja", "{% include name %}", "only a literal file can be included"),
    ],
)
def test_a_broken_file_is_named(root: Path, name: str, content: str, expected: str) -> None:
    path = root / "template/project" / name
    path.write_text(content, encoding="utf-8")

    with pytest.raises(CommandError, match=expected) as caught:
        effects(root, load(root), "name")

    assert str(path) in str(caught.value)


def test_a_path_is_shown_as_in_the_project() -> None:
    path = "{% if use_x %}x{% endif %}/{{ package_name }}/{% if use_y %}y.py{% endif %}.jinja"

    assert rendered(path) == "x/<package_name>/y.py"


def test_the_explanation_of_a_question(root: Path) -> None:
    assert (
        explanation(root, "speed")
        == """\
speed
  How fast? It decides much.

  One of:
    slow
    fast
  Default: slow

  Decides:
    extra
    use_server
    use_port

  Suggests the default of:
    limit

  Adds or leaves out:
    server/

  Is written into:
    README.md
    answers.yaml
    imported.md
    included.md"""
    )


def test_the_explanation_of_a_question_that_is_not_asked(root: Path) -> None:
    assert (
        "  Default: no\n  Not asked: -d quiet=VALUE sets it, and an update keeps it.\n"
        in explanation(root, "quiet")
    )
    assert "Not asked" not in explanation(root, "extra")


def test_the_explanation_of_a_computed_value(root: Path) -> None:
    assert explanation(root, "use_port").startswith(
        "use_port\n  Not asked but computed, from speed."
    )
    assert explanation(root, "fixed") == (
        "fixed\n  Not asked but computed, from the template alone."
    )


def test_a_default_says_what_it_varies_with(root: Path) -> None:
    questions = load(root)

    assert [described_default(questions[name]) for name in ("name", "limit", "speed")] == [
        "from the name of the folder",
        "from speed",
        "slow",
    ]


def test_the_list_has_each_question_and_no_computed_value(root: Path) -> None:
    assert listing(root).splitlines() == [
        "name   What is it called?",
        "speed  How fast?",
        "limit  Where is the limit?",
        "extra  What else?",
        "quiet  Why? Not asked; -d quiet=VALUE sets it.",
    ]
