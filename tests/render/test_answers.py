"""What is answered arrives unchanged in the generated documents, and nowhere else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from documents import leaves, problems
from pairs import axes
from poc2prod.effects import effects
from poc2prod.questions import load, settable
from rendering import ROOT, render, tree

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = load(ROOT)
CHOICES = axes(QUESTIONS)

NEEDED = {"scale": {"latency": "batch"}}
"""Of questions that are not asked by default, the answers after which they are."""

PLAIN = {
    "project_description": "Plain description",
    "team": "Plain team",
    "kpi_name": "Plain name",
    "kpi_unit": "Plain unit",
}
# One line each, printable and at most 20 characters, as the validators want it.
NASTY = [
    "\"double\" 'single'",
    "key: value # comment",
    "back\\slash \\n \\",
    "{{ 7 * 7 }} {# x #}",
    "{% raw %} ${{ x }}",
    "Ünï 🚀 漢字",
    "- & * ! | > % @ ` ?",
    "yes",
    "null",
    "1.0",
    "2026-01-01",
    "</b> $HOME `id` | c",
    "'''\"\"\"",
]


@pytest.fixture(scope="module")
def plain(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(template, tmp_path_factory.mktemp("plain") / "demo-model", PLAIN)


def test_every_free_text_is_in_a_document(plain: Path) -> None:
    values = [
        str(value) for (file, _), value in leaves(plain).items() if not file.startswith(".poc2prod")
    ]
    assert [text for text in PLAIN.values() if not any(text in value for value in values)] == []


@pytest.mark.parametrize("text", NASTY)
def test_special_characters_arrive_unchanged(
    template: Path, plain: Path, tmp_path: Path, text: str
) -> None:
    nasty = render(template, tmp_path / "demo-model", dict.fromkeys(PLAIN, text))

    assert list(problems(nasty)) == []
    any_plain = re.compile("|".join(PLAIN.values()))
    assert leaves(nasty) == {
        place: any_plain.sub(lambda _: text, value) if isinstance(value, str) else value
        for place, value in leaves(plain).items()
    }


def test_the_answers_are_recorded(template: Path, tmp_path: Path) -> None:
    answers = {**PLAIN, "kpi_baseline": 1e-3, "kpi_target": -2.5, "deployment": []}
    root = render(template, tmp_path / "demo-model", answers)

    recorded = yaml.safe_load((root / ".poc2prod/answers.yaml").read_text(encoding="utf-8"))
    # Where it runs nowhere, nobody is asked how it is rolled out.
    unasked = {"rollout", *NEEDED}
    assert recorded.keys() - {"_src_path"} == settable(QUESTIONS).keys() - unasked
    assert {name: recorded[name] for name in answers} == answers


@pytest.mark.parametrize("baseline", [6.4, 0, -3, 1e-9, 123456789.5, 1e300])
@pytest.mark.parametrize("direction", ["increase", "decrease"])
def test_any_baseline_arrives_as_a_number_with_a_target_on_its_better_side(
    template: Path, tmp_path: Path, baseline: float, direction: str
) -> None:
    answers = {"kpi_baseline": baseline, "kpi_direction": direction}
    root = render(template, tmp_path / "demo-model", answers)

    contract = yaml.safe_load((root / "kpi-contract.yaml").read_text(encoding="utf-8"))
    kpi = contract["business_kpis"][0]
    assert kpi["baseline"]["value"] == baseline
    better = kpi["target"]["value"] - baseline
    assert better > 0 if direction == "increase" else better < 0


EVERYWHERE: dict[str, object] = {"deployment": list(QUESTIONS["deployment"].choices)}
"""With which every question is asked."""


@pytest.fixture(scope="module")
def default(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return tree(render(template, tmp_path_factory.mktemp("default") / "demo-model", EVERYWHERE))


OTHER: dict[str, list[object]] = {
    "project_name": ["another-name"],
    "owner_email": ["ada@example.com"],
    "kpi_baseline": [7.5],
    "kpi_target": [1.25],
    "load": [7],
    **{name: [text] for name, text in PLAIN.items()},
    **{
        name: [a for a in answers if a != QUESTIONS[name].default]
        for name, answers in CHOICES.items()
    },
}


@pytest.mark.parametrize("name", settable(QUESTIONS))
def test_explain_names_every_file_that_an_answer_changes(
    template: Path, default: dict[str, bytes], tmp_path: Path, name: str
) -> None:
    names = [name, *effects(template, QUESTIONS, name).suggests]
    all_found = [effects(template, QUESTIONS, each) for each in names]
    named = [file for found in all_found for file in (*found.present, *found.moved, *found.edited)]
    places = (re.sub("<.*?>", ".+", re.escape(file)) for file in named)
    pattern = re.compile("|".join(place + ".*" * place.endswith("/") for place in places))

    changed, needed = set(), NEEDED.get(name, {})
    if needed:
        default = tree(
            render(template, tmp_path / "needed" / "demo-model", {**EVERYWHERE, **needed})
        )
    for number, answer in enumerate(OTHER[name]):
        answers = {**EVERYWHERE, **needed, name: answer}
        other = tree(render(template, tmp_path / str(number) / "demo-model", answers))
        changed |= {
            path for path in default.keys() | other.keys() if default.get(path) != other.get(path)
        }
    # Always, for their digests.
    changed -= {".poc2prod/ownership.yaml", ".poc2prod/manifest.json"}

    assert changed > {".poc2prod/answers.yaml"}, "it changes nothing"
    assert {path for path in changed if not pattern.fullmatch(path)} == set()
