"""Write the pages of the documentation that are derived; a test keeps them current."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from poc2prod.effects import effects
from poc2prod.explain import described_default
from poc2prod.questions import asked, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.questions import Question

ROOT = Path(__file__).parents[1]
ANSWERS_FILE = ".poc2prod/answers.yaml"

HEADER = f"""\
# Questions

<!-- Written by `make docs` from copier.yml and the files that it includes. -->

`poc2prod new` asks these questions. `-d KEY=VALUE` answers one on the command line, `--answers
FILE` several from a YAML file, and `--defaults` takes the default of all others. The answers are
recorded in `{ANSWERS_FILE}`, which is such a file. `poc2prod explain KEY` prints this too.
"""


def questions_page(root: Path = ROOT) -> str:
    """Return docs/reference/questions.md, from the template in `root`."""
    questions = load(root)
    parts = [HEADER]
    topic = ""
    for question in asked(questions).values():
        if question.topic != topic:
            topic = question.topic
            parts.append(f"## {topic.upper() if len(topic) < 4 else topic.capitalize()}\n")
        parts.append("\n\n".join(_section(root, questions, question)) + "\n")
    return "\n".join(parts)


def _section(root: Path, questions: Mapping[str, Question], question: Question) -> Iterator[str]:
    yield f"### `{question.name}`"
    yield question.help
    if question.choices:
        kind = "any of" if question.multiselect else "one of"
        rows = [f"| `{value}` | {label} |" for value, label in question.choices.items()]
        yield "\n".join([f"| {kind} | |", "| --- | --- |", *rows])
    default = described_default(question)
    varies = default.startswith("from ")
    yield f"Default: {default if varies else f'`{default}`'}."
    found = effects(root, questions, question.name)
    for title, names in (
        ("Suggests the default of", found.suggests),
        ("Adds or leaves out", found.present),
        ("Names", found.moved),
        ("Is written into", [name for name in found.edited if name != ANSWERS_FILE]),
    ):
        if names:
            yield f"{title} {', '.join(f'`{name}`' for name in names)}."


if __name__ == "__main__":
    page = ROOT / "docs" / "reference" / "questions.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(questions_page(), encoding="utf-8")
