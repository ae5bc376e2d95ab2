"""Write the pages of the documentation that are derived; a test keeps them current."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from poc2prod.audit.catalogue import COMPILED, STEPS
from poc2prod.audit.catalogue import load as catalogue
from poc2prod.audit.explained import known, severity, waivable
from poc2prod.effects import effects
from poc2prod.explain import described_default
from poc2prod.questions import load, settable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.catalogue import Check
    from poc2prod.questions import Question

ROOT = Path(__file__).parents[1]
ANSWERS_FILE = ".poc2prod/answers.yaml"

HEADER = f"""\
# Questions

<!-- Written by `make docs` from copier.yml and the files that it includes. -->

`poc2prod new` asks these questions, but for the few that say so. `-d KEY=VALUE` answers one on the
command line, `--answers FILE` several from a YAML file, and `--defaults` takes the default of all
others. The answers are recorded in `{ANSWERS_FILE}`, which is such a file. `poc2prod explain KEY`
prints this too.
"""


def questions_page(root: Path = ROOT) -> str:
    """Return docs/reference/questions.md, from the template in `root`."""
    questions = load(root)
    parts = [HEADER]
    topic = ""
    for question in settable(questions).values():
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
    if not question.asked:
        yield f"Not asked: `-d {question.name}=VALUE` sets it, and an update keeps it."
    found = effects(root, questions, question.name)
    for title, names in (
        ("Suggests the default of", found.suggests),
        ("Adds or leaves out", found.present),
        ("Names", found.moved),
        ("Is written into", [name for name in found.edited if name != ANSWERS_FILE]),
    ):
        if names:
            yield f"{title} {', '.join(f'`{name}`' for name in names)}."


CHECKS = """\
# Checks

<!-- Written by `make docs` from src/poc2prod/audit/catalogue/. -->

`poc2prod audit` runs these checks; `poc2prod explain ID` prints the same. A severity is for all
projects, or for those on which little / more / much depends. The ids of frameworks say what a check
informs, and never that anything complies.
"""


def checks_page() -> str:
    """Return docs/reference/checks.md, of poc2prod's own catalogue."""
    parts = [CHECKS]
    step = None
    for check in catalogue().checks.values():
        if check.package != "poc2prod.audit":
            continue
        if check.step != step:
            step = check.step
            parts.append(f"## {f'{step}. ' if step else ''}{STEPS[step]}\n")
        parts.append("\n\n".join(_check(check)) + "\n")
    return "\n".join(parts)


def _check(check: Check) -> Iterator[str]:
    yield f"### {check.id}: {check.title}"
    yield check.why
    yield f"To fix it: {check.fix}"
    rows = {
        "severity": severity(check),
        "known": f"{known(check)}, from profile `{check.profile}` on"
        + (", with `--allow-exec`" if check.executes else ""),
        "applies": f"where `{check.when}`" if check.when else "always",
        "reads": ", ".join(f"`{path}`" for path in (*check.documents, *check.paths)),
        "lasts": f"{check.max_age} days" if check.max_age else "",
        "informs": "; ".join(f"{name} {', '.join(ids)}" for name, ids in check.maps.items()),
        "waivable": waivable(check),
        "for": f"the {check.role}",
        "since": f"{check.since}, version {check.version}",
        "in force from": str(check.effective_from or ""),
        "replaced by": check.replaced_by or "",
    }
    lines = [
        f"| {name} | {value.replace('|', '&#124;')} |" for name, value in rows.items() if value
    ]
    yield "\n".join(["| | |", "| --- | --- |", *lines])


def compiled_catalogue() -> str:
    """Return our own catalogue as the audit reads it fastest, but for what JSON has no word for."""
    found = {}
    for file in sorted(COMPILED.parent.glob("*.yaml")):
        content = file.read_bytes()
        document = yaml.safe_load(content)
        if json.loads(json.dumps(document, default=str)) == document:
            found[hashlib.sha256(content).hexdigest()] = document
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    COMPILED.write_text(compiled_catalogue(), encoding="utf-8")
    reference = ROOT / "docs" / "reference"
    reference.mkdir(parents=True, exist_ok=True)
    for name, page in (("questions", questions_page()), ("checks", checks_page())):
        (reference / f"{name}.md").write_text(page, encoding="utf-8")
