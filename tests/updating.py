"""Releases of a template with a dozen short files, a project of the first, and the command line.

Rendering is what an update spends its time on, so each render is done once and then copied; the
command line runs in this process. What is about processes runs `Bundle.run`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bundles import Bundle, extended, git
from poc2prod import __main__ as entry
from poc2prod import git as shielded
from poc2prod import releases
from poc2prod import update as module
from poc2prod.render import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pytest

    from poc2prod.template import Template

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


@dataclass
class Renders:
    """Copies of what was rendered before."""

    cache: Path
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __call__(
        self, template: Template, into: Path, answers: Mapping[str, Any], *, defaults: bool
    ) -> Mapping[str, Any]:
        commit = git(template.root, "rev-parse", str(template.ref))
        key = repr((commit, into.name, sorted(answers.items(), key=repr), defaults))
        if key not in self.known:
            copy = Path(mkdtemp(dir=self.cache)) / into.name
            answered = render(template, copy, answers, defaults=defaults)
            self.known[key] = {**answered, "": copy}
        shutil.copytree(self.known[key][""], into)
        return {name: value for name, value in self.known[key].items() if name}


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    status: int
    out: str
    err: str


@dataclass
class Case:
    """A project, the releases that there are, and the command line."""

    root: Path
    bundle: Bundle
    environment: dict[str, str]
    renders: Callable[..., Mapping[str, Any]]
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path, cwd: Path | None = None) -> Result:
        """Run `poc2prod ARGUMENTS` in the project."""
        before = Path.cwd()
        self.capture.readouterr()
        with self.installed():
            os.chdir(cwd or self.root)
            sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # as main
            try:
                status = entry.run([str(argument) for argument in arguments])
            finally:
                os.chdir(before)
        result = Result(status, *self.capture.readouterr())
        assert "Traceback" not in result.err
        assert "bug" not in result.err, result.err
        return result

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let this process be a poc2prod with the case's releases, shielded from its user."""
        shielded.shield.cache_clear()
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(releases, "BUNDLE", self.bundle.file),
            patch.object(releases, "HISTORY", self.bundle.history),
            patch.object(module, "render", self.renders),
        ):
            yield
        shielded.shield.cache_clear()

    def update(self, *arguments: str, status: int = 0) -> str:
        """Update the project, taking defaults, and return the report."""
        result = self("update", "--defaults", *arguments)
        assert result.status == status, (result.out, result.err)
        assert not result.err
        return result.out

    def refused(self, *arguments: str, cwd: Path | None = None) -> str:
        """Return the one line with which a command is refused, which must change nothing."""
        before = everything(self.root)
        result = self(*arguments, cwd=cwd)
        assert result.status in (1, 2), (result.out, result.err)
        assert result.err.startswith("Error: ")
        assert result.err.count("\n") == 1, result.err
        assert not result.out
        assert everything(self.root) == before
        return result.err.removeprefix("Error: ").removesuffix("\n")

    def git(self, *arguments: str) -> str:
        """Run git in the project."""
        return git(self.root, *arguments)

    def edit(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files, delete those that are None, and commit that."""
        write(self.root, {path: text for path, text in files.items() if text is not None})
        for path in (path for path, text in files.items() if text is None):
            (self.root / path).unlink()
        self.commit()

    def commit(self) -> None:
        """Commit all."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "edited")

    def read(self, path: str) -> str:
        """Return a file's text."""
        return (self.root / path).read_bytes().decode()

    def exists(self, path: str) -> bool:
        """Tell whether the project has something at `path`."""
        return os.path.lexists(self.root / path)

    def clean(self) -> bool:
        """Tell whether git finds the project as it is committed, and itself in order."""
        self.git("fsck", "--strict", "--no-dangling")
        return not self.git("status", "--porcelain")


def everything(root: Path) -> dict[str, tuple[int, int, object]]:
    """Return path → mode, time of change and contents of all under `root`.

    Of git's folder too, except objects that nothing refers to.
    """
    found: dict[str, tuple[int, int, object]] = {}
    for folder, folders, names in os.walk(root):
        if folder.endswith(".git"):
            folders.remove("objects")
        for name in names:
            file = Path(folder, name)
            about = file.lstat()
            content = file.readlink() if file.is_symlink() else file.read_bytes()
            found[str(file.relative_to(root))] = (about.st_mode, about.st_mtime_ns, content)
    return found


def releases_of(into: Path) -> dict[int, Bundle]:
    """Return bundles up to 1.0.0, 2.0.0 and 3.0.0, by their first numbers."""
    found: dict[int, Bundle] = {}
    for number, change in enumerate((first, second, third), 1):
        folder = into / str(number)
        folder.mkdir()
        found[number] = extended(folder, f"{number}.0.0", change, found.get(number - 1))
    return found
