"""What plain `copier update` does to the files of either owner, on a template with two releases."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import copier
import pytest

from poc2prod import releases
from poc2prod.git import git, shield
from poc2prod.template import CANONICAL_URL
from rendering import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROJECT = "template/project"
ANSWERS = ".poc2prod/answers.yaml"
IDENTITY = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgSign=false")


class Template:
    """A git repository with the template, of which each commit is a release."""

    def __init__(self, root: Path) -> None:
        shield()
        self.root = root

    def release(self, tag: str) -> None:
        git("add", "--all", "--force", cwd=self.root)
        git(*IDENTITY, "commit", "--quiet", "--allow-empty", "--message", tag, cwd=self.root)
        git("tag", tag, cwd=self.root)

    def edit(self, path: str, old: str, new: str) -> None:
        edit(self.root / PROJECT / path, old, new)

    def update(self, project: Project, tag: str, **answers: str) -> None:
        """Run `copier update`, to which the template's address leads here."""
        commit(project.root)
        number = os.environ["GIT_CONFIG_COUNT"]
        redirect = {
            "COPIER_CACHE_DIR": str(self.root.parent / "cache"),
            "GIT_CONFIG_COUNT": str(int(number) + 1),
            f"GIT_CONFIG_KEY_{number}": f"url.{self.root}.insteadOf",
            f"GIT_CONFIG_VALUE_{number}": CANONICAL_URL,
        }
        command = [sys.executable, "-m", "copier", "update", "--defaults", "--quiet"]
        options = [f"--answers-file={ANSWERS}", f"--vcs-ref={tag}"]
        options += [f"--data={name}={answer}" for name, answer in answers.items()]
        subprocess.run(
            [*command, *options], cwd=project.root, env={**os.environ, **redirect}, check=True
        )
        commit(project.root)


class Project:
    """A project that was generated from a tag of a template."""

    def __init__(self, template: Template, root: Path, tag: str, **answers: str) -> None:
        self.root = root
        copier.run_copy(
            str(template.root), root, data=answers, vcs_ref=tag, defaults=True, quiet=True
        )
        git("init", "--quiet", cwd=root)
        commit(root)

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def append(self, path: str, text: str) -> None:
        (self.root / path).write_text(self.read(path) + text, encoding="utf-8")


def commit(root: Path) -> None:
    git("add", "--all", cwd=root)
    git(*IDENTITY, "commit", "--quiet", "--allow-empty", "--message", "state", cwd=root)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def template(tmp_path: Path) -> Template:
    """The working tree as v1.0.0."""
    root = tmp_path / "template"
    root.mkdir()
    template = Template(snapshot(root))
    git("init", "--quiet", cwd=root)
    template.release("v1.0.0")
    return template


def differences(before: Mapping[str, str], project: Project) -> list[str]:
    return [path for path, text in before.items() if project.read(path) != text]


def test_an_update_touches_nothing_that_is_yours(template: Template, tmp_path: Path) -> None:
    project = Project(template, tmp_path / "demo-model", "v1.0.0", ci="none")
    package = "src/demo_model"
    edited = {
        path: f"# {path}, rewritten\n"
        for path in ("README.md", "settings.toml", f"{package}/features.py", "requirements/own.in")
    }
    for path, text in edited.items():
        (project.root / path).write_text(text, encoding="utf-8")
    untouched = {path: project.read(path) for path in ("kpi-contract.yaml", f"{package}/model.py")}
    shutil.rmtree(project.root / "simulator")
    (project.root / "tests/test_sources.py").unlink()
    (project.root / "requirements/own.txt").unlink()

    for path in ("README.md.jinja", "settings.toml.jinja", "kpi-contract.yaml.jinja"):
        (template.root / PROJECT / path).write_text("# changed\n", encoding="utf-8")
    for module in ("features", "model"):
        changed = template.root / PROJECT / f"src/{{{{ package_name }}}}/{module}.py"
        changed.write_text("# changed\n", encoding="utf-8")
    (template.root / PROJECT / "simulator/pumps.py").write_text("# changed\n", encoding="utf-8")
    (template.root / PROJECT / "requirements/own.in").write_text("# changed\n", encoding="utf-8")
    template.edit("pytest.ini", "--strict-config", "--strict-config -q")
    template.release("v1.1.0")
    template.update(project, "v1.1.0", ci="github")

    assert differences(edited | untouched, project) == []
    assert not (project.root / "simulator").exists(), "not even an empty folder"
    assert not (project.root / "tests/test_sources.py").exists()
    assert "--strict-config -q" in project.read("pytest.ini"), "managed"
    assert project.read(".github/CODEOWNERS").startswith("# Yours"), "an answer brings it"
    assert (project.root / "requirements/own.txt").exists(), "the image needs it"
    assert "_commit: v1.1.0\n" in project.read(ANSWERS)


def test_what_owners_append_merges_with_a_change_right_above(
    template: Template, tmp_path: Path
) -> None:
    project = Project(template, tmp_path / "demo-model", "v1.0.0")
    own = {
        ".gitignore": "/notes/\n",
        ".dockerignore": "!own.txt\n",
        "mypy.ini": "\n[mypy-cowsay.*]\nignore_missing_imports = True\n",
    }
    for path, text in own.items():
        project.append(path, text)
    template.edit(".gitignore", "\n\n# Yours: below.", "\n/later/\n\n# Yours: below.")
    template.edit(".dockerignore", "**/__pycache__\n\n", "**/__pycache__\n**/later\n\n")
    template.edit("mypy.ini", "ignore_missing_imports = True\n\n", "ignore_errors = True\n\n")
    template.release("v1.1.0")
    template.update(project, "v1.1.0")

    for path, text in own.items():
        assert project.read(path) == _rendered(template, path) + text
    assert git("ls-files", "*.rej", cwd=project.root) == ""


def _rendered(template: Template, path: str) -> str:
    return (template.root / PROJECT / path).read_text(encoding="utf-8")


def test_a_project_of_the_first_release_keeps_what_is_its_own(tmp_path: Path) -> None:
    with releases.unbundled() as bundled:
        git("clone", "--quiet", str(bundled), str(tmp_path / "template"))
    template = Template(tmp_path / "template")
    first = releases.versions()[0].tag
    project = Project(template, tmp_path / "demo-model", first)
    edited = {path: project.read(path) + "# ours\n" for path in ("README.md", "settings.toml")}
    for path, text in edited.items():
        (project.root / path).write_text(text, encoding="utf-8")
    untouched = {path: project.read(path) for path in ("data-contract.yaml", ".github/CODEOWNERS")}
    shutil.rmtree(project.root / "simulator")

    (template.root / "copier.yml").unlink()
    shutil.rmtree(template.root / "template")
    snapshot(template.root)
    template.release("v999.0.0")
    template.update(project, "v999.0.0")

    assert differences(edited | untouched, project) == []
    assert not (project.root / "simulator").exists()
    for path in ("requirements/own.in", "requirements/own.txt", "docs/guide.md"):
        assert (project.root / path).exists()
    fresh = Project(template, tmp_path / "fresh" / "demo-model", "v999.0.0")
    assert project.read(".poc2prod/ownership.yaml") == fresh.read(".poc2prod/ownership.yaml")
