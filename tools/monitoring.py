"""Write the template of what a project compiles from its KPI contract; a test keeps it true.

The template runs no commands, so a new project's monitoring/ has to be rendered. The project's own
compiler writes it here, from a contract whose free answers are marks that become Jinja again, once
for every choice that makes a difference.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import copier

from poc2prod.effects import PROJECT, SUFFIX, effects
from poc2prod.questions import load

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]

LOAD = 999_983
"""A prime number: whatever is divisible by it was computed from the answer."""

MARKS: dict[str, object] = {"project_name": "zz-mark", "team": 'Z "mark"', "load": LOAD}
EVERYTHING: dict[str, object] = {"deployment": ["kubernetes"], "rollout": "canary"}
"""Answers with which a project has all there is to compile."""
CONDITIONS = {
    "monitoring": "service",
    "serving": "service",
    "helm": "helm",
    "rules.yaml": "service",
    "rollout.yaml": "canary",
}
"""Folder or file → the flag with which it is there."""

PACKAGE = "zz_mark"
COMPILE = """
import json
from pathlib import Path
from {package}.ops import kpi
from {package}.ops.monitoring.compiled import CHART, compiled
files = compiled(kpi.load(), charted=(CHART / "Chart.yaml").exists())
print(json.dumps({{path.as_posix(): text for path, text in files.items()}}))
"""

Files = dict[str, str]

IGNORED = shutil.ignore_patterns("__pycache__", ".*_cache")


def compiled(project: Path, package: str) -> Files:
    """Run a rendered project's own compiler; return path → text."""
    command = [sys.executable, "-c", COMPILE.format(package=package)]
    environment = {"PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=project, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    files: Files = json.loads(done.stdout)
    return files


def templates() -> Files:
    """Return path in the template → text."""
    default, made = _made({}), {}
    variants: dict[str, dict[object, Files]] = {}
    questions = load(ROOT)
    for name, question in questions.items():
        others = [choice for choice in question.choices if choice != question.default]
        edited = "kpi-contract.yaml" in effects(ROOT, questions, name).edited
        # Without a service there is nothing to compile; what a canary needs is a file of its own.
        if edited and others and name not in ("latency", *EVERYTHING):
            answers = {choice: _made({name: choice}) for choice in others}
            if any(files != default for files in answers.values()):
                variants[name] = {question.default: default, **answers}
    for path, text in default.items():
        deciding = [
            name
            for name, answers in variants.items()
            if any(files[path] != text for files in answers.values())
        ]
        assert len(deciding) <= 1, f"{path} depends on {deciding}: say how both go together"
        decides = deciding[0] if deciding else ""
        answered = variants.get(decides, {None: default})
        made[_place(path)] = _merged(decides, {a: files[path] for a, files in answered.items()})
    return made


def _made(answers: Mapping[str, object]) -> Files:
    with TemporaryDirectory() as directory:
        project = Path(directory) / "zz-mark"
        data = {**MARKS, **EVERYTHING, **answers}
        source = Path(directory) / "template"  # no repository, so Copier takes it as it is
        source.mkdir()
        shutil.copy(ROOT / "copier.yml", source)
        shutil.copytree(ROOT / "template", source / "template", ignore=IGNORED)
        copier.run_copy(str(source), project, data=data, defaults=True, quiet=True)
        return compiled(project, PACKAGE)


def _place(path: str) -> str:
    path = path.replace(PACKAGE, "{{ package_name }}")
    parts = path.split("/")
    for at, part in enumerate(parts):
        if flag := CONDITIONS.get(part):
            parts[at] = f"{{% if use_{flag} %}}{part}{{% endif %}}"
    return f"{'/'.join(parts)}{SUFFIX}"


def _merged(question: str, texts: Mapping[object, str]) -> str:
    """Write lines that all have once, and the others under a condition."""
    columns = [_marked(text).splitlines() for text in texts.values()]
    lines: list[str] = []
    rows = zip(*columns, strict=True)
    for same, run in groupby(rows, key=lambda row: len(set(row)) == 1):
        found = list(run)
        if same:
            lines += [row[0] for row in found]
            continue
        for index, answer in enumerate(texts):
            word = "elif" if index else "if"
            lines.append(f"{{% {word} {question} == {json.dumps(answer)} %}}")
            lines += [row[index] for row in found]
        lines.append("{% endif %}")
    return "\n".join(lines) + "\n"


def _marked(text: str) -> str:
    """Turn the marks into Jinja, and what looks like Jinja into text."""
    assert "{%" not in text
    assert "{#" not in text
    text = text.replace("{{", '{{ "{{" }}')
    text = text.replace(json.dumps(MARKS["team"]), "{{ team | to_json(ensure_ascii=False) }}")
    text = text.replace(str(MARKS["project_name"]), "{{ project_name }}")
    assert "mark" not in re.sub(r"benchmark", "", text)
    return re.sub(r"(?<![\w.])\d{6,}(?!\d)", _computed, text)


def _computed(number: re.Match[str]) -> str:
    times, rest = divmod(int(number[0]), LOAD)
    if rest or not times:
        return number[0]
    return "{{ load }}" if times == 1 else f"{{{{ load * {times} }}}}"


def main() -> None:
    """Write them, and remove those of rules that are gone."""
    project = ROOT / PROJECT
    wanted = templates()
    for old in (*project.glob("*monitoring*/**/*"), *project.glob("deploy/*helm*/compiled/*")):
        if old.is_file() and old.relative_to(project).as_posix() not in wanted:
            old.unlink()
    for path, text in wanted.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
