"""`poc2prod new` renders the newest release that it carries, or what --template says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from poc2prod import releases
from poc2prod.__main__ import run
from poc2prod.project import OWNERSHIP
from poc2prod.template import CANONICAL_URL
from projects import WORKING_TREE
from rendering import ROOT, render, tree

if TYPE_CHECKING:
    from conftest import Run


def test_by_default_the_newest_release_is_rendered_and_recorded(
    poc2prod: Run, tmp_path: Path
) -> None:
    (*_, newest) = releases.versions()
    with releases.checkout(newest) as root:
        shutil.rmtree(root / ".git")
        expected = tree(render(root, tmp_path / "x" / "demo"))

    result = poc2prod("new", "demo", "--defaults")
    older = poc2prod("new", "older", "--defaults", "--ref", str(releases.versions()[0]))

    assert (result.returncode, result.stderr) == (0, "")
    generated = tree(tmp_path / "demo")
    record = ".poc2prod/answers.yaml"
    assert f"\n_commit: {newest.tag}\n".encode() in generated[record]
    assert f"\n_src_path: {CANONICAL_URL}\n".encode() in generated[record]
    for path in (record, OWNERSHIP):  # which has the digest of the other
        assert generated.pop(path) != expected.pop(path)
    assert generated == expected
    assert older.returncode == 0, older.stderr
    assert b"\n_commit: v0.1.0\n" in tree(tmp_path / "older")[record]


def test_no_network_is_tried(poc2prod: Run, environment: dict[str, str]) -> None:
    result = poc2prod("new", "demo", "--defaults", env={"GIT_ALLOW_PROTOCOL": "file"})

    assert result.returncode == 0, result.stderr
    assert not list(Path(environment["HOME"]).rglob("*copier*")), "a mirror of a remote repository"


@pytest.mark.parametrize("content", [None, b"", b"<html>"])
def test_without_the_releases_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    content: bytes | None,
) -> None:
    file = tmp_path / "no.bundle"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(releases, "BUNDLE", file)

    for command in (["new", str(tmp_path / "demo"), "--defaults"], ["explain"]):
        assert run(command) == 1
        message = capsys.readouterr().err
        assert message.startswith(f"Error: can't read the releases in {file}: ")
        assert message.endswith("; reinstall poc2prod\n")
        assert message.count("\n") == 1
    assert not (tmp_path / "demo").exists()


def test_a_checkout_is_rendered_with_its_changes(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    result = poc2prod("new", "demo", "--defaults", *WORKING_TREE)

    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    generated, expected = tree(tmp_path / "demo"), tree(render(template, tmp_path / "x" / "demo"))
    for record in (".poc2prod/answers.yaml", ".poc2prod/ownership.yaml"):
        assert generated.pop(record) != expected.pop(record)  # only a repository has a _commit
    assert generated == expected


def test_the_working_tree_is_not_touched(poc2prod: Run) -> None:
    status = ["git", "status", "--porcelain", "--ignored"]
    before = subprocess.check_output(status, cwd=ROOT)

    poc2prod("new", "demo", "--defaults", *WORKING_TREE)

    assert subprocess.check_output(status, cwd=ROOT) == before


def test_copier_and_the_canonical_url_give_the_same_project(
    poc2prod: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    redirected = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{releases.BUNDLE}.insteadOf",
        "GIT_CONFIG_VALUE_0": CANONICAL_URL,
        "GIT_ALLOW_PROTOCOL": "file",
        "COPIER_CACHE_DIR": str(tmp_path / "cache"),
    }
    copier = [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults", CANONICAL_URL]
    copied = tmp_path / "copier" / "demo"
    copied.parent.mkdir()

    subprocess.run([*copier, str(copied)], env={**environment, **redirected}, check=True)
    result = poc2prod("new", "demo", "--defaults")

    assert result.returncode == 0, result.stderr
    assert tree(tmp_path / "demo") == tree(copied)
