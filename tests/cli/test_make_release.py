"""`make release`: two releases in a row, the same bytes again, and nothing changed by a refusal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from poc2prod import git as own
from poc2prod import releases
from rendering import ROOT, tree

if TYPE_CHECKING:
    from collections.abc import Callable


class Checkout:
    """A repository of poc2prod with the newest release's template and no tags."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.environment = environment
        if root.exists():
            return
        with releases.checkout(releases.versions()[-1]) as newest:
            shutil.copytree(newest, root, ignore=shutil.ignore_patterns(".git"))
        for name in ("src/poc2prod", "tools"):
            waste = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, root / name, ignore=waste)
        shutil.copy(ROOT / ".gitignore", root)
        self.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n")
        self.git("init", "-q", "-b", "main")
        self.commit()

    def git(self, *arguments: str) -> str:
        return subprocess.check_output(
            ["git", *arguments], cwd=self.root, env=self.environment, text=True
        )

    def commit(self) -> None:
        self.git("add", "--all")
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.com")
        self.git(*identity, "commit", "--no-gpg-sign", "-qm", "T")

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        return {name: text for name, text in tree(self.root).items() if "__pycache__" not in name}

    def change(self, name: str) -> None:
        """Add a file to the template, and say so wherever it must be said."""
        (self.root / "template/project" / name).parent.mkdir(exist_ok=True)
        self.write(f"template/project/{name}", name)
        self.git("add", "--force", f"template/project/{name}")  # projects may ignore it
        history = self.read("template/history.yaml")
        entry = f"- version: next  # soon\n  practices: [Serve {name}.]\n  added: [{name}]\n"
        self.write("template/history.yaml", history + entry)
        text = self.read("CHANGELOG.md").replace(
            "## [Unreleased]\n", f"## [Unreleased]\n\n- {name}\n"
        )
        self.write("CHANGELOG.md", text)
        self.commit()

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-B", *arguments],  # two versions a second apart look alike in caches
            cwd=self.root,
            env={**self.environment, "PYTHONPATH": str(self.root / "src")},
            capture_output=True,
            text=True,
            check=False,
        )

    def release(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python("tools/release.py", *arguments)


@pytest.fixture
def checkout(environment: dict[str, str], tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout", environment)


def test_two_releases_in_a_row(checkout: Checkout, tmp_path: Path) -> None:
    for number, name in (("98.0.0", "tea"), ("99.0.0", "dist/coffee")):
        checkout.change(name)
        waste = checkout.root / "template/project/__pycache__/tea.pyc"
        waste.parent.mkdir(exist_ok=True)
        waste.touch()

        done = checkout.release(number, "2026-12-24")

        assert done.returncode == 0, done.stderr
        changed = {line[3:] for line in checkout.git("status", "--porcelain").splitlines()}
        (add,) = (line for line in done.stdout.splitlines() if line.startswith("  git add "))
        assert {*add.split()[2:]} == changed
        assert f"\n  git tag v{number}  #" in done.stdout
        checkout.commit()

    clone = tmp_path / "clone"
    own.git("clone", "-q", str(checkout.root / "src/poc2prod/releases.bundle"), str(clone))
    who = "poc2prod <poc2prod@example.invalid>"
    log = own.git("log", "-1", "--format=%s, %an <%ae>, %cn <%ce>, %at, %ct", cwd=clone)
    assert log == f"poc2prod 99.0.0, {who}, {who}, 1798070400, 1798070400"
    assert {"v98.0.0", "v99.0.0"} < {*own.git("tag", cwd=clone).split()}
    of_98 = own.git("ls-tree", "-r", "--name-only", "v98.0.0", cwd=clone).splitlines()
    assert "template/project/tea" in of_98
    assert "template/project/dist/coffee" not in of_98
    names = ("copier.yml", "template")
    expected = checkout.git("ls-tree", "-r", "HEAD", *names)
    assert own.git("ls-tree", "-r", "HEAD", cwd=clone) == expected.rstrip("\n")
    assert (
        "- version: 99.0.0\n  date: 2026-12-24\n  practices: [Serve dist/coffee.]"
        in checkout.read("template/history.yaml")
    )
    assert "## [99.0.0] - 2026-12-24\n\n- dist/coffee\n\n### Update notes\n" in checkout.read(
        "CHANGELOG.md"
    )

    new = checkout.python("-m", "poc2prod", "new", str(tmp_path / "demo"), "--defaults")
    assert new.returncode == 0, new.stderr
    assert (tmp_path / "demo/dist/coffee").exists()
    answers = (tmp_path / "demo/.poc2prod/answers.yaml").read_text(encoding="utf-8")
    assert "\n_commit: v99.0.0\n" in answers
    assert checkout.python("-m", "poc2prod", "--version").stdout == "poc2prod 99.0.0\n"


def test_the_same_template_gives_the_same_bytes(
    checkout: Checkout, environment: dict[str, str], tmp_path: Path
) -> None:
    checkout.change("tea")
    again = Checkout(Path(shutil.copytree(checkout.root, tmp_path / "again")), environment)
    again.git("gc", "-q")
    again.git("tag", "v98.0.0")

    assert checkout.release("98.0.0", "2026-12-24").returncode == 0
    settings = (
        "[core]\ncompression = 0\n[pack]\nwindow = 0\n[tag]\ngpgSign = true\n"
        "[i18n]\ncommitEncoding = latin1\n[init]\ndefaultBranch = trunk\n"
    )
    Path(environment["HOME"], ".gitconfig").write_text(settings, encoding="utf-8")
    done = again.release("98.0.0", "2026-12-24")

    assert done.returncode == 0, done.stderr
    assert again.files() == checkout.files()


def dirty(checkout: Checkout) -> None:
    checkout.write("notes.txt", "")


def silent(checkout: Checkout) -> None:
    checkout.write("CHANGELOG.md", checkout.read("CHANGELOG.md").replace("\n- tea\n", ""))
    checkout.commit()


def unannounced(checkout: Checkout) -> None:
    checkout.git("checkout", "-q", "HEAD~1", "--", "template/history.yaml")
    checkout.commit()


def incomplete(checkout: Checkout) -> None:
    checkout.write("template/project/coffee", "")
    checkout.commit()


def damaged(checkout: Checkout) -> None:
    file = checkout.root / "src/poc2prod/releases.bundle"
    content = bytearray(file.read_bytes())
    content[-30] ^= 0xFF
    file.write_bytes(content)
    checkout.commit()


def ignored_by_the_user(checkout: Checkout) -> None:
    home = Path(checkout.environment["HOME"])
    (home / "ignore").write_text(".DS_Store\n", encoding="utf-8")
    (home / ".gitconfig").write_text(f"[core]\nexcludesFile = {home}/ignore\n", encoding="utf-8")
    checkout.write("template/macros/.DS_Store", "")


def nothing(_: Checkout) -> None: ...


@pytest.mark.parametrize(
    ("arguments", "prepare", "expected"),
    [
        (["98.0"], nothing, '"98.0" is not a version: write VERSION=0.2.0'),
        ([""], nothing, '"" is not a version: write VERSION=0.2.0'),
        (["0.1.0"], nothing, "0.1.0 is not newer than "),
        (["98.0.0", "soon"], nothing, '"soon" is not a date: write DATE=2026-12-31'),
        (["98.0.0"], dirty, "there are changes that are not committed"),
        (["98.0.0"], silent, 'CHANGELOG.md says nothing under "## [Unreleased]"'),
        (["98.0.0"], unannounced, 'history.yaml has no entry "next"'),
        (["98.0.0"], incomplete, 'in its entry "next":\n  added:  # or renamed\n    - coffee\n'),
        (["98.0.0"], damaged, "can't read the releases in "),
        (["98.0.0"], ignored_by_the_user, "the bundle would not have the template's template/mac"),
    ],
)
def test_a_refusal_changes_nothing(
    checkout: Checkout,
    arguments: list[str],
    prepare: Callable[[Checkout], None],
    expected: str,
) -> None:
    checkout.change("tea")
    prepare(checkout)
    before = checkout.files()

    done = checkout.release(*arguments)

    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert checkout.files() == before


def test_the_first_release_starts_a_bundle(checkout: Checkout) -> None:
    checkout.change("tea")
    (checkout.root / "src/poc2prod/releases.bundle").unlink()
    checkout.commit()

    done = checkout.release("0.0.1", "2026-12-24")

    assert done.returncode == 0, done.stderr
    heads = checkout.git("bundle", "list-heads", "src/poc2prod/releases.bundle").split()
    assert heads[1::2] == ["HEAD", "refs/heads/main", "refs/tags/v0.0.1"]


def test_make_passes_the_version_on() -> None:
    shown = subprocess.check_output(
        ["make", "--dry-run", "release", "VERSION=1.2.3", "DATE=2026-12-24"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        text=True,
    )

    assert "tools/release.py '1.2.3' '2026-12-24'\n" in shown
