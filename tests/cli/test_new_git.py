"""The repository that `poc2prod new` makes is the same whatever git is configured to do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from poc2prod import __version__
from rendering import ROOT, tree

if TYPE_CHECKING:
    from conftest import Run


def git(root: Path, *arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], cwd=root, text=True).strip()


def new(poc2prod: Run, template: Path, *arguments: str, **options: object) -> str:
    result = poc2prod(
        "new",
        "demo",
        "--defaults",
        "--template",
        template,
        *arguments,
        **options,  # type: ignore[arg-type]
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()[0]


def test_the_first_commit_is_on_main_and_has_every_file(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    new(poc2prod, template)

    root = tmp_path / "demo"
    assert git(root, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(root, "log", "--format=%s") == f"Generate the project with poc2prod {__version__}"
    assert git(root, "status", "--porcelain", "--ignored") == ""
    assert set(git(root, "ls-files").splitlines()) == set(tree(root))


def test_without_an_identity_a_neutral_one_commits(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    line = new(poc2prod, template)

    assert line.endswith(
        "committed as poc2prod <poc2prod@example.invalid>: git knows no user.email"
    )
    author = "poc2prod <poc2prod@example.invalid>"
    assert git(tmp_path / "demo", "log", "--format=%an <%ae>, %cn <%ce>") == f"{author}, {author}"


@pytest.mark.parametrize("how", ["file", "environment"])
def test_the_users_identity_commits(
    poc2prod: Run, environment: dict[str, str], template: Path, tmp_path: Path, how: str
) -> None:
    variables: dict[str, str] = {}
    if how == "file":
        config = Path(environment["HOME"], ".gitconfig")
        config.write_text("[user]\nname = Ada\nemail = ada@example.com\n", encoding="utf-8")
    else:
        for role in ("AUTHOR", "COMMITTER"):
            variables |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@example.com"}

    assert new(poc2prod, template, env=variables).endswith(", committed to git")
    who = git(tmp_path / "demo", "log", "--format=%an <%ae>, %cn <%ce>")
    assert who == "Ada <ada@example.com>, Ada <ada@example.com>"


def test_the_users_hooks_templates_keys_and_ignores_do_not_interfere(
    poc2prod: Run, environment: dict[str, str], template: Path, tmp_path: Path
) -> None:
    home = Path(environment["HOME"])
    for folder in ("hooks", "template/hooks"):
        for hook in ("pre-commit", "commit-msg", "post-checkout", "post-commit"):
            path = home / folder / hook
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!/bin/sh\ntouch {home}/ran-{hook}\nexit 1\n", encoding="utf-8")
            path.chmod(0o755)
    (home / "ignore").write_text("*.md\n", encoding="utf-8")
    (home / "attributes").write_text("* filter=broken\n", encoding="utf-8")
    (home / ".gitconfig").write_text(
        f"""
[core]
    hooksPath = {home}/hooks
    excludesFile = {home}/ignore
    attributesFile = {home}/attributes
    autocrlf = true
    safecrlf = true
[filter "broken"]
    clean = false
    required = true
[init]
    templateDir = {home}/template
    defaultBranch = trunk
[commit]
    gpgSign = true
    template = {home}/no-such-file
[gpg]
    program = false
""",
        encoding="utf-8",
    )

    new(poc2prod, template)

    root = tmp_path / "demo"
    assert not list(home.glob("ran-*"))
    assert not list((root / ".git").glob("hooks/*"))
    assert git(root, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert "README.md" in git(root, "ls-files").splitlines()


def test_the_shield_is_not_left_in_the_project(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    new(poc2prod, template)

    config = git(tmp_path / "demo", "config", "--local", "--list")
    assert "hookspath" not in config
    assert "gpgsign" not in config


def test_no_git_means_no_repository(poc2prod: Run, template: Path, tmp_path: Path) -> None:
    assert new(poc2prod, template, "--no-git").endswith(", not in git")
    assert not (tmp_path / "demo" / ".git").exists()


def test_inside_a_repository_there_is_no_second_one(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")

    assert new(poc2prod, template).endswith(", in the git repository around it, not committed")
    assert not (tmp_path / "demo" / ".git").exists()


def test_a_folder_that_the_repository_around_ignores_gets_its_own(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("demo/\n", encoding="utf-8")

    new(poc2prod, template)

    assert (tmp_path / "demo" / ".git").is_dir()


def test_run_from_a_hook_it_leaves_the_hooks_repository_alone(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    before = tree(other) | {"HEAD": (other / ".git/HEAD").read_bytes()}
    variables = {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git/index"),
    }

    new(poc2prod, template, env=variables)

    assert (tmp_path / "demo" / ".git").is_dir()
    assert tree(other) | {"HEAD": (other / ".git/HEAD").read_bytes()} == before
    assert not (other / ".git/index").exists()


def test_without_git_it_says_so(poc2prod: Run, template: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()

    result = poc2prod(
        "new", "demo", "--defaults", "--template", template, env={"PATH": str(tmp_path / "bin")}
    )

    assert result.returncode == 1
    assert result.stderr == "Error: git is not installed, or not on PATH: install it first\n"
    assert not (tmp_path / "demo").exists()


def test_the_demo_of_this_repository_is_ignored_by_it() -> None:
    assert git(ROOT, "check-ignore", os.path.join("build", "demo"))  # noqa: PTH118
