"""Which repositories an update refuses: in one line, and nothing is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from bundles import git
from small import changed, edited, write

if TYPE_CHECKING:
    from pathlib import Path

    from updating import Case

ANSWERS = ".poc2prod/answers.yaml"
OWNERSHIP = ".poc2prod/ownership.yaml"


def test_no_git(case: Case) -> None:
    shutil.rmtree(case.root / ".git")

    assert case.refused("update") == (
        "pump-guard has no commit to go back to: run git init, add and commit first"
    )
    assert case.refused("update", "--continue") == (
        "pump-guard is not in git, so no update of it was begun"
    )
    assert case("status").status == 0


def test_git_is_not_installed(case: Case, tmp_path: Path) -> None:
    case.environment["PATH"] = str(tmp_path)

    assert case.refused("update").startswith("git is not installed")
    assert case("status").status == 0


def test_a_repository_without_commits(case: Case) -> None:
    shutil.rmtree(case.root / ".git")
    case.git("init", "--quiet")

    assert "has no commit to go back to" in case.refused("update")


def test_a_project_that_is_not_committed(case: Case) -> None:
    shutil.rmtree(case.root / ".git")
    git(case.root.parent, "init", "--quiet")
    git(case.root.parent, "commit", "--quiet", "--allow-empty", "--message", "x")

    assert case.refused("update") == "pump-guard is not committed to git: add and commit it first"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a project to somebody else")
def test_somebody_elses_repository_is_named_as_git_names_it(case: Case) -> None:
    os.chown(case.root, 12345, 12345)
    os.chown(case.root / ".git", 12345, 12345)

    assert "dubious ownership" in case.refused("update")


@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("path", ["guide.md", "untracked", "Öl und so"])
def test_changes_that_are_not_committed(case: Case, path: str, staged: bool) -> None:
    write(case.root, {path: "mine\n"})
    if staged:
        case.git("add", path)

    message = case.refused("update", "--defaults")

    assert message.startswith(f"pump-guard has changes that are not committed ({path}): ")
    case.refused("update", "--defaults", "--dry-run")


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_an_edit_that_git_was_told_not_to_see(case: Case, flag: str) -> None:
    case.git("update-index", flag, "guide.md", "run.sh")
    write(case.root, {"guide.md": "mine\n"})

    assert "not committed (guide.md)" in case.refused("update", "--defaults")


def test_a_locked_index(case: Case) -> None:
    write(case.root, {".git/index.lock": ""})

    message = case.refused("update", "--defaults")

    assert "index.lock': File exists" in message
    (case.root / ".git/index.lock").unlink()
    case.update()


@pytest.mark.parametrize("path", ["guide.md", "added.md"])
def test_an_edit_made_while_it_is_planned(case: Case, path: str) -> None:
    renders = case.renders

    def render(*arguments: object, defaults: bool) -> object:
        write(case.root, {path: "mine\n"})
        return renders(*arguments, defaults=defaults)

    case.renders = render  # type: ignore[assignment]
    result = case("update", "--defaults")

    assert case.read(path) == "mine\n"
    if path == "added.md":
        assert f"{path}, something else is in its place" in result.out
    else:
        assert result.status == 1
        assert path in result.err
        assert case.git("status", "--porcelain").split() == ["M", path]
        assert not case.exists(".git/poc2prod")


def test_a_merge_that_is_not_finished(case: Case) -> None:
    case.git("branch", "other")
    case.edit({"guide.md": edited(2)})
    case.git("checkout", "--quiet", "other")
    case.edit({"guide.md": changed(2)})
    subprocess.run(["git", "merge", "main"], cwd=case.root, capture_output=True, check=False)

    assert "not committed (guide.md)" in case.refused("update", "--defaults")


def test_a_folder_inside_the_project(case: Case) -> None:
    assert case.refused("update", cwd=case.root / "src/pump_guard") == (
        "there is no project of poc2prod in .: no .poc2prod/answers.yaml; "
        f"did you mean {case.root}?"
    )


@pytest.mark.parametrize("folder", ["nowhere", "guide.md", "x" * 300])
def test_no_project(case: Case, folder: str) -> None:
    for command in ("update", "status"):
        assert case.refused(command, folder).startswith("there is no project")


@pytest.mark.parametrize("option", ["--dry-run", "--to=2.0.0", "-dteam=x", "--json", "--defaults"])
def test_continue_takes_no_other_option(case: Case, option: str) -> None:
    assert case.refused("update", "--continue", option).startswith("--continue goes with no other")
