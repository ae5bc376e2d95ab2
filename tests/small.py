"""Three releases of a template with a dozen short files."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

from bundles import Bundle, extended

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TEXT = "".join(f"line {number}\n" for number in range(1, 21))
BINARY = bytes(range(256))
PACKAGE = "src/{{ package_name }}"
SERVING = "{% if use_service %}serving{% endif %}"
COMPOSE = "{% if use_compose %}compose{% endif %}"

OWNERSHIP = """\
yours: [src/*/model.py, notes.md]
managed:
{% set text %}{% include "template/project/.poc2prod/answers.yaml.jinja" %}{% endset %}
  .poc2prod/answers.yaml: {{ text | hash('sha256') }}
  guide.md: \
"""


def digest(text: str) -> str:
    """Return what ownership.yaml records of a file."""
    return hashlib.sha256(text.encode()).hexdigest()


def changed(line: int, text: str = TEXT, by: str = "template") -> str:
    """Return `text` with one of its lines changed by the template or, "owner", its owners."""
    return text.replace(f"line {line}\n", f"line {line} of the {by}\n")


def edited(line: int, text: str = TEXT) -> str:
    """Return `text` with one of its lines changed by the owners."""
    return changed(line, text, "owner")


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write `files` under `root`, in folders that are made for them."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())


def history(template: Path, **changes: object) -> None:
    """Add to the history's entry "next" of the folder `template`."""
    file = template / "template/history.yaml"
    before, _, _ = file.read_text("utf-8").partition("- version: next")
    lines = [f"  {key}: {json.dumps(value)}\n" for key, value in changes.items()]
    file.write_text(f"{before}- version: next\n{''.join(lines)}", encoding="utf-8")


def first(template: Path) -> None:
    """Make the newest real release into 1.0.0."""
    project = template / "template/project"
    recorded = (project / ".poc2prod/answers.yaml.jinja").read_text("utf-8")
    shutil.rmtree(project)
    write(
        project,
        {
            ".poc2prod/answers.yaml.jinja": recorded,
            ".poc2prod/ownership.yaml.jinja": OWNERSHIP + digest(TEXT),
            ".gitignore": "ignored*\n",
            "guide.md": TEXT,
            "old.md": TEXT,
            "gone.md": TEXT,
            "run.sh": TEXT,
            "logo.bin": BINARY,
            f"{PACKAGE}/model.py": TEXT,
            f"{PACKAGE}/ops/train.py": TEXT,
            f"{SERVING}/app.py": TEXT,
            f"{COMPOSE}/compose.yaml": TEXT,
        },
    )
    history(template)


def second(template: Path) -> None:
    """Make 1.0.0 into 2.0.0: line 2 of most files changes, one moves, one goes, one comes."""
    project = template / "template/project"
    (project / "old.md").unlink()
    (project / "gone.md").unlink()
    paths = ("guide.md", "new.md", "run.sh", f"{PACKAGE}/model.py", f"{PACKAGE}/ops/train.py")
    write(project, dict.fromkeys((*paths, f"{SERVING}/app.py"), changed(2)))
    write(project, {".poc2prod/ownership.yaml.jinja": OWNERSHIP + digest(changed(2))})
    write(project, {"logo.bin": BINARY[::-1], "added.md": TEXT})
    history(
        template,
        practices=["Two is better than one."],
        manual=["Read the guide."],
        renamed={"old.md": "new.md"},
    )


def third(template: Path) -> None:
    """Make 2.0.0 into 3.0.0: a file moves again; questions are added, renamed and narrowed."""
    project, questions = template / "template/project", template / "template/questions"
    (project / "new.md").rename(project / "newest.md")
    text = (questions / "project.yml").read_text("utf-8")
    text = text.replace("  choices:\n    Proprietary (all", "  choices:\n    All (all")
    text = text.replace("    MIT: MIT\n", "")
    text = text.replace("team:\n", "squad:\n")
    text = text.replace("line_refusal(team,", "line_refusal(squad,")
    text = text.replace("default: Reliability", "default: \"{{ team | default('Reliability")
    text = text.replace("('Reliability Engineering", "('Reliability Engineering') }}\"")
    text += "\nregion:\n  type: str\n  help: Where?\n  default: north\n  choices: [north, south]\n"
    (questions / "project.yml").write_text(text, encoding="utf-8")
    history(
        template,
        renamed={"new.md": "newest.md"},
        questions={"added": ["region"], "renamed": {"team": "squad"}},
    )


def releases_of(into: Path) -> dict[int, Bundle]:
    """Return bundles up to 1.0.0, 2.0.0 and 3.0.0, by their first numbers."""
    found: dict[int, Bundle] = {}
    for number, change in enumerate((first, second, third), 1):
        folder = into / str(number)
        folder.mkdir()
        found[number] = extended(folder, f"{number}.0.0", change, found.get(number - 1))
    return found
