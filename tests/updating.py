"""A project of a small release, and the command line.

Rendering is what an update spends its time on, so each render is done once and then copied; the
command line runs in this process. What is about processes runs `Bundle.run`.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bundles import Bundle, git
from poc2prod import __main__ as entry
from poc2prod import git as shielded
from poc2prod import releases
from poc2prod import update as module
from poc2prod.render import render
from small import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pytest

    from poc2prod.template import Template


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
