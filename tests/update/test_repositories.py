"""Repositories of every kind in which an update works as in any other."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from bundles import git
from small import TEXT, changed, edited, write
from updating import everything

if TYPE_CHECKING:
    from pathlib import Path

    from updating import Case

ANSWERS = ".poc2prod/answers.yaml"
OWNERSHIP = ".poc2prod/ownership.yaml"


def test_one_of_many_in_a_repository(case: Case) -> None:
    top = case.root.parent / "mono"
    homes = [top / "services" / name for name in ("a-b", "a/b")]
    for home in homes:
        shutil.copytree(case.root, home, ignore=shutil.ignore_patterns(".git"))
        write(home, {"guide.md": edited(2)})
    write(top, {"README": "top\n", "other": "other\n"})
    git(top, "init", "--quiet")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message", "x")
    write(top, {"README": "dirty\n", "other": "staged\n", "untracked": ""})
    git(top, "add", "other")
    rest = git(top, "status", "--porcelain")

    for home in homes:
        case.root = home
        assert "guide.md, line 2" in case.update(status=3)
        assert "An update has not ended" in case("status").out

    for home in homes:
        case.root = home
        assert "guide.md, line 2" in case("update", "--continue").err
        write(home, {"guide.md": "resolved\n"})
        assert case("update", "--continue").status == 0
        assert case.read("new.md") == changed(2)
    git(top, "commit", "--quiet", "--message", "x", *map(str, homes))
    assert git(top, "status", "--porcelain") == rest
    assert git(top, "diff", "--cached", "--name-only") == "other\n"


def test_a_shallow_clone_with_a_detached_head(case: Case) -> None:
    case.edit({"guide.md": edited(15)})
    clone = case.root.parent / "clone"
    git(case.root.parent, "clone", "--quiet", "--depth=1", case.root.as_uri(), str(clone))
    git(clone, "checkout", "--quiet", "--detach")
    case.root = clone

    case.update()

    assert case.read("guide.md") == edited(15, changed(2))


def test_a_linked_work_tree(case: Case) -> None:
    case.edit({"guide.md": edited(2)})
    main, linked = case.root, case.root.parent / "linked"
    case.git("worktree", "add", "--quiet", str(linked))
    before = everything(main / "src")
    case.root = linked

    case.update(status=3)

    assert "An update has not ended" in case("status").out
    assert "An update has not ended" not in case("status", cwd=main).out
    assert everything(main / "src") == before
    write(linked, {"guide.md": "resolved\n"})
    assert case("update", "--continue").status == 0


def test_in_the_environment_of_a_git_hook(case: Case, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "other")
    case.environment |= {
        "GIT_DIR": str(tmp_path / "other/.git"),
        "GIT_WORK_TREE": str(tmp_path / "other"),
        "GIT_INDEX_FILE": str(tmp_path / "other/.git/index"),
        "GIT_PREFIX": "x/",
    }
    before = everything(tmp_path / "other")

    case.update()

    assert everything(tmp_path / "other") == before
    assert case.read("guide.md") == changed(2)


def test_hooks_and_settings_of_the_user_take_no_part(case: Case, tmp_path: Path) -> None:
    for hook in ("post-index-change", "pre-commit", "post-checkout", "reference-transaction"):
        write(case.root, {f".git/hooks/{hook}": f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n"})
        (case.root / f".git/hooks/{hook}").chmod(0o755)
    write(
        tmp_path,
        {
            "config": "[commit]\ngpgSign = true\n[core]\nquotePath = true\nfsmonitor = false\n"
            "[status]\nshowUntrackedFiles = no\n[submodule]\nrecurse = true\n[color]\nui = always\n"
            "[diff]\nignoreSubmodules = all\nmnemonicPrefix = true\n[merge]\nrenames = false\n"
        },
    )
    case.environment |= {"GIT_CONFIG_GLOBAL": str(tmp_path / "config"), "LANG": "C"}

    case.update()

    assert not (tmp_path / "ran").exists()


def test_a_submodule_and_a_nested_repository_stay(case: Case, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "library")
    write(tmp_path / "library", {"file": TEXT})
    git(tmp_path / "library", "add", "--all")
    git(tmp_path / "library", "commit", "--quiet", "--message", "x")
    case.git("-c", "protocol.file.allow=always", "submodule", "add", f"{tmp_path}/library", "sub")
    case.git("commit", "--quiet", "--message", "x")
    case.git("config", "submodule.recurse", "true")
    git(case.root, "init", "--quiet", "ignored-nested")
    write(case.root, {"ignored-nested/file": "mine\n"})
    before = everything(case.root / "sub") | everything(case.root / "ignored-nested")

    case.update()

    assert everything(case.root / "sub") | everything(case.root / "ignored-nested") == before
    case.commit()
    assert case.clean()


def test_a_sparse_checkout_stays_sparse(case: Case) -> None:
    case.git("status")  # in a copied project git doesn't trust its index
    case.git("sparse-checkout", "set", "--no-cone", "/*", "!/serving/", "!/old.md")
    assert not case.exists("serving")

    case.update()

    assert case.read("guide.md") == changed(2)
    assert case.git("show", ":serving/app.py") == changed(2)
    assert not case.exists("serving")
    case.commit()
    assert case.clean()


def test_what_is_not_checked_out_is_not_replaced(case: Case) -> None:
    case.edit({"added.md/mine": "mine\n"})
    case.git("sparse-checkout", "set", "--no-cone", "/*", "!/added.md/")
    assert not case.exists("added.md")

    message = case.refused("update", "--defaults")

    assert message == "added.md/mine is in the way of the template's files: move it first"


def test_objects_with_other_digests(case: Case) -> None:
    shutil.rmtree(case.root / ".git")
    case.git("init", "--quiet", "--object-format=sha256")
    case.commit()
    case.edit({"guide.md": edited(2), "old.md": edited(15)})

    assert "conflicted  guide.md" in case.update(status=3)

    assert case.read("new.md") == edited(15, changed(2))
    write(case.root, {"guide.md": "resolved\n"})
    assert case("update", "--continue").status == 0
    case.commit()
    assert case.clean()


def test_git_is_in_a_folder_whose_name_is_no_text(case: Case) -> None:
    shutil.rmtree(case.root / ".git")
    write(case.root, {".git": b"gitdir: /caf\xe9\n"})

    assert case("status").status == 0
    assert "not a git repository" in case.refused("update") or "no commit" in case.refused("update")


def test_what_a_filter_makes_of_files_is_undone(case: Case) -> None:
    case.git("config", "filter.shout.clean", "tr A-Z a-z")
    case.git("config", "filter.shout.smudge", "tr a-z A-Z")
    case.edit({".gitattributes": "*.md filter=shout\n"})
    (case.root / "guide.md").unlink()
    case.git("checkout", "guide.md")
    assert case.read("guide.md") == TEXT.upper()

    case.update()

    assert case.read("guide.md") == changed(2).upper()
    case.commit()
    assert case.clean()
