"""Bundles with releases that do not exist, such as the working tree's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from poc2prod import releases
from rendering import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NEXT = "999.0.0"
"""The working tree as a release."""

IDENTITY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "t"), ("EMAIL", "t@example.com"), ("DATE", "2026-01-01T00:00:00Z"))
}

MAIN = """\
import pathlib, sys
from poc2prod import releases
releases.BUNDLE, releases.HISTORY = map(pathlib.Path, sys.argv[1:3])
del sys.argv[1:3]
from poc2prod.__main__ import main
main()
"""


@dataclass(frozen=True)
class Bundle:
    """A bundle and its history, which stand in for those of an installed poc2prod."""

    file: Path
    history: Path

    def run(
        self, *arguments: str | Path, cwd: Path, env: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run `poc2prod ARGUMENTS` with this bundle, without a terminal."""
        return subprocess.run(
            [sys.executable, "-c", MAIN, self.file, self.history, *map(str, arguments)],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


def working_tree(into: Path) -> Bundle:
    """Return the releases with the working tree as one more."""
    return extended(into, NEXT, replace_template)


def replace_template(template: Path) -> None:
    """Replace the folder `template` by the working tree's."""
    shutil.rmtree(template / "template")
    (template / "copier.yml").unlink()
    snapshot(template)


def extended(
    into: Path, version: str, change: Callable[[Path], None], base: Bundle | None = None
) -> Bundle:
    """Return the releases of `base`, by default the real ones, with one more.

    Args:
        into: an empty folder.
        version: its number.
        change: makes the newest release, in the folder that it is given, into the new one; its
            template/history.yaml gets an entry "next" for that.
        base: what to extend.
    """
    work = into / "work"
    git(into, "clone", "--quiet", str((base or Bundle(releases.BUNDLE, Path())).file), str(work))
    history = work / "template" / "history.yaml"
    newest = git(work, "tag", "--sort=-version:refname").split()[0]
    git(work, "checkout", "--quiet", newest)
    _open(history)
    change(work)
    _open(history)
    text = history.read_text("utf-8").replace(
        "- version: next", f"- version: {version}\n  date: 2999-01-01"
    )
    history.write_text(text, encoding="utf-8")
    git(work, "add", "--force", "--all")
    git(work, "commit", "--quiet", "--allow-empty", "--message", version)
    git(work, "tag", f"v{version}")
    git(work, "branch", "--force", "main")
    git(work, "checkout", "--quiet", "main")
    git(work, "bundle", "create", "--quiet", str(into / "bundle"), "HEAD", "main", "--tags")
    shutil.copy(history, into / "history.yaml")
    return Bundle(into / "bundle", into / "history.yaml")


def _open(history: Path) -> None:
    """Give a history an entry "next" unless it has one."""
    text = history.read_text("utf-8")
    if not re.search("^- version: next", text, flags=re.MULTILINE):
        history.write_text(f"{text}- version: next\n", encoding="utf-8")


def make_bundle(file: Path, *tags: str) -> Path:
    """Write a bundle in which each tag's copier.yml says "tag: <tag>"; return its path."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "--quiet", "-b", "main")
        for tag in tags:
            (folder / "copier.yml").write_text(f"tag: {tag}\n", encoding="utf-8")
            git(folder, "add", ".")
            git(folder, "commit", "--quiet", "--message", tag)
            git(folder, "tag", tag)
        git(folder, "bundle", "create", "--quiet", str(file), "HEAD", "main", "--tags")
    return file


def git(cwd: Path, *arguments: str) -> str:
    """Run git without the user's configuration and return what it prints."""
    env = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        **IDENTITY,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout
