"""Run `poc2prod` in this process, with a bundle of choice, rendering each release once."""

from __future__ import annotations

import io
import json
import os
import shutil
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import pytest

from bundles import NEXT, Bundle, extended, git, replace_template
from poc2prod import __main__, releases
from poc2prod.git import shield
from poc2prod.render import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.template import Template

ANSWERS, OWNERSHIP = ".poc2prod/answers.yaml", ".poc2prod/ownership.yaml"
RESCUED = ".poc2prod/rescued/"


class Done(NamedTuple):
    """What one command left."""

    status: int
    stdout: str
    stderr: str

    @property
    def report(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.stdout)


@dataclass
class Workbench:
    """A bundle that stands in for the installed one, and what was rendered from it.

    Rendering is deterministic and takes a second, so the same answers are rendered once for each
    release, and each is cloned once; all else of an update happens as it does for a user.
    """

    bundle: Bundle
    folder: Path
    _rendered: dict[tuple[str, ...], tuple[Path, Mapping[str, Any]]] = field(default_factory=dict)
    _checkouts: dict[releases.Version, Path] = field(default_factory=dict)

    @cached_property
    def history(self) -> list[releases.Release]:
        """The bundle's."""
        with patch.object(releases, "HISTORY", self.bundle.history):
            return releases.history()

    def __call__(self, *arguments: str | Path) -> Done:
        """Run `poc2prod ARGUMENTS` without the user's configuration."""
        shield()  # it acts once in a process, and must outlast the environment below
        out, err = io.StringIO(), io.StringIO()
        with ExitStack() as stack:
            for context in (
                patch.dict(os.environ, HOME=str(self.folder), GIT_CONFIG_NOSYSTEM="1"),
                patch.object(releases, "BUNDLE", self.bundle.file),
                patch.object(releases, "HISTORY", self.bundle.history),
                patch.object(releases, "checkout", self.checkout),
                patch("poc2prod.update.render", self._render),
                redirect_stdout(out),
                redirect_stderr(err),
            ):
                stack.enter_context(context)
            status = __main__.run([*map(str, arguments)])
        return Done(status, out.getvalue(), err.getvalue())

    def new(self, root: Path, version: object, answers: Mapping[str, object] | Path) -> Path:
        """Generate the project `root` with a release; committed, as anybody's is."""
        given: list[str | Path] = ["--answers", answers] if isinstance(answers, Path) else []
        pairs = answers.items() if not isinstance(answers, Path) else ()
        options = [part for name, value in pairs for part in ("-d", f"{name}={value}")]
        done = self("new", root, "--defaults", "--ref", str(version), *given, *options)
        assert done.status == 0, done.stderr
        return root

    def update(self, root: Path, *arguments: str) -> Done:
        """Run `poc2prod update --defaults`, which must do it or meet a conflict."""
        done = self("update", root, "--defaults", *arguments)
        assert done.status in (0, 3), done.stderr
        return done

    def _render(
        self, template: Template, into: Path, answers: Mapping[str, Any], *, defaults: bool
    ) -> Mapping[str, Any]:
        """Do as `render` does, with a link to what was rendered before."""
        key = (str(template.ref), into.name, json.dumps(answers, sort_keys=True))
        if key not in self._rendered:
            place = self.folder / f"render-{len(self._rendered)}" / into.name
            self._rendered[key] = place, render(template, place, answers, defaults=defaults)
        place, rendered = self._rendered[key]
        into.parent.mkdir(parents=True, exist_ok=True)
        into.symlink_to(place)
        return rendered

    @contextmanager
    def checkout(self, version: releases.Version) -> Iterator[Path]:
        """Do as `releases.checkout` does, with a clone that stays."""
        if version not in self._checkouts:
            place = self.folder / f"template-{version}"
            git(
                self.folder,
                "clone",
                "-q",
                f"--branch={version.tag}",
                str(self.bundle.file),
                str(place),
            )
            self._checkouts[version] = place
        yield self._checkouts[version]


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """All releases, with the working tree as the newest; a line differs from all of them."""

    def change(template: Path) -> None:
        replace_template(template)
        makefile = template / "template" / "project" / "Makefile.jinja"
        text = makefile.read_text("utf-8")
        assert text.count("## Show this list") == 1
        makefile.write_text(text.replace("## Show this list", "## List the targets"), "utf-8")

    bundle = extended(tmp_path_factory.mktemp("releases"), NEXT, change)
    return Workbench(bundle, tmp_path_factory.mktemp("bench"))


def files(root: Path) -> dict[str, tuple[bool, bytes]]:
    """Return path → whether it is executable, and contents, of all files but git's."""
    found = {}
    for folder, folders, names in os.walk(root):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = Path(folder, name)
            executable = bool(path.stat().st_mode & 0o100)
            found[path.relative_to(root).as_posix()] = (executable, path.read_bytes())
    return found


def copied(root: Path, into: Path) -> Path:
    """Return a copy of the project `root`, of the same name."""
    return shutil.copytree(root, into / root.name, symlinks=True)
