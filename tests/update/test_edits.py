"""What becomes of the owners' edits, and of what they made of a project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from small import BINARY, TEXT, changed, edited, write

if TYPE_CHECKING:
    from updating import Case

RESCUED = ".poc2prod/rescued/v2.0.0"


def test_deleted_files_stay_deleted(case: Case) -> None:
    case.edit({"guide.md": None, "old.md": None, "gone.md": None, "src/pump_guard/model.py": None})

    report = case.update()

    assert "guide.md: you deleted it, so it stays deleted" in report
    assert not any(map(case.exists, ("guide.md", "old.md", "new.md", "gone.md")))
    assert not case.exists("src/pump_guard/model.py")


def test_the_same_edit_on_both_sides_is_nothing(case: Case) -> None:
    case.edit({"guide.md": changed(2), "added.md": TEXT})

    report = case.update()

    assert "guide.md" not in report.replace("Read the guide.", "")
    assert "added.md" not in report


def test_edits_in_different_places_merge(case: Case) -> None:
    case.edit({"guide.md": edited(15)})

    assert "merged      guide.md" in case.update()
    assert case.read("guide.md") == edited(15, changed(2))


def test_edits_in_the_same_place_are_marked_and_not_committed(case: Case) -> None:
    case.edit({"guide.md": edited(2, edited(15))})

    report = case.update(status=3)

    assert "conflicted  guide.md, line 2" in report
    assert case.read("guide.md").splitlines()[1] == "<<<<<<< before updating"
    assert edited(15).splitlines()[14] in case.read("guide.md")
    commit = subprocess.run(
        ["git", "commit", "-m", "x"], cwd=case.root, capture_output=True, check=False
    )
    assert commit.returncode


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_conflicts_are_found_in_every_style_of_markers(case: Case, style: str) -> None:
    case.git("config", "merge.conflictStyle", style)
    write(case.root.parent, {"config": f"[merge]\n\tconflictStyle = {style}\n"})
    case.environment["GIT_CONFIG_GLOBAL"] = str(case.root.parent / "config")
    case.edit({"guide.md": edited(2)})

    assert "guide.md, line 2" in case.update(status=3)
    assert "guide.md, line 2: a conflict marker" in case("update", "--continue").err


def test_yours_is_left_and_what_you_put_where_the_template_adds_is_kept(case: Case) -> None:
    case.edit({"src/pump_guard/model.py": edited(2), "notes.md": "mine\n"})

    report = case.update()

    assert "src/pump_guard/model.py: yours; a new project has another text" in report
    assert case.read("src/pump_guard/model.py") == edited(2)


def test_an_executable_bit_survives(case: Case) -> None:
    for path in ("run.sh", "guide.md", "gone.md"):
        (case.root / path).chmod(0o755)
    case.edit({"guide.md": edited(15)})

    case.update()

    for path in ("run.sh", "guide.md"):
        assert os.access(case.root / path, os.X_OK)
        assert case.git("ls-files", "--stage", path).startswith("100755")
    assert case.read("run.sh") == changed(2)


def test_a_link_in_place_of_a_file_stays(case: Case) -> None:
    for path in ("guide.md", "gone.md"):
        (case.root / path).unlink()
        (case.root / path).symlink_to("run.sh")
    case.commit()

    report = case.update(status=3)

    assert (case.root / "guide.md").is_symlink()
    assert (case.root / "gone.md").is_symlink()
    assert case.read(f"{RESCUED}/guide.md.theirs") == changed(2)
    assert "gone.md: no longer generated, but you made it a link" in report


def test_a_link_in_place_of_a_folder_is_not_followed(case: Case) -> None:
    elsewhere = case.root.parent / "elsewhere"
    shutil.move(case.root / "serving", elsewhere)
    (case.root / "serving").symlink_to(elsewhere)
    case.commit()

    case.update()

    assert (elsewhere / "app.py").read_text("utf-8") == TEXT


@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("content", ["file", "link", "nothing"])
def test_a_folder_where_the_template_adds_a_file(case: Case, content: str, ignored: bool) -> None:
    folder = case.root / "added.md"
    folder.mkdir()
    if content == "file":
        (folder / "mine").write_text("mine\n", encoding="utf-8")
    if content == "link":
        (folder / "mine").symlink_to(case.root.parent)
    if ignored:
        write(case.root, {".git/info/exclude": "added.md/\n"})
    else:
        case.git("add", "--all")
        case.git("commit", "--quiet", "--allow-empty", "--message", "x")

    report = case.update(status=0 if content == "nothing" else 3)

    if content == "nothing":
        assert case.read("added.md") == TEXT
    else:
        assert os.path.lexists(folder / "mine")
        assert f"{RESCUED}/added.md.theirs" in report


def test_a_file_where_the_template_needs_a_folder(case: Case) -> None:
    case.update("--to", "1.0.0", "-d", "latency=batch")
    case.commit()
    case.edit({"serving": "mine\n"})

    report = case.update("-d", "latency=interactive", status=3)

    assert case.read("serving") == "mine\n"
    assert f"{RESCUED}/serving/app.py.theirs" in report


def test_binary_edits_on_both_sides_are_kept_and_the_templates_set_aside(case: Case) -> None:
    case.edit({"logo.bin": BINARY + b"\0mine"})

    report = case.update(status=3)

    assert (case.root / "logo.bin").read_bytes() == BINARY + b"\0mine"
    assert (case.root / f"{RESCUED}/logo.bin.theirs").read_bytes() == BINARY[::-1]
    assert f"conflicted  logo.bin, it is not text; the template's file is {RESCUED}" in report


@pytest.mark.parametrize("line", [2, 15])
def test_a_file_with_other_line_ends_merges_by_its_lines(case: Case, line: int) -> None:
    case.edit({"guide.md": edited(line).replace("\n", "\r\n")})

    case.update(status=3 if line == 2 else 0)

    text = case.read("guide.md")
    assert text.count("\r\n") == text.count("\n")
    if line == 15:
        assert text == edited(15, changed(2)).replace("\n", "\r\n")
    else:
        assert text.count("line") == 21


@pytest.mark.parametrize("where", ["user", "project"])
def test_git_that_converts_line_ends_changes_nothing_but_them(case: Case, where: str) -> None:
    from poc2prod.render import render

    case.renders = render  # this is about what git makes of the template
    config = case.root.parent / "config"
    write(case.root.parent, {"config": "[core]\n\tautocrlf = true\n"})
    if where == "user":
        case.environment["GIT_CONFIG_GLOBAL"] = str(config)
    case.git("config", "core.autocrlf", "true")
    case.edit({"guide.md": edited(15)})
    case.git("rm", "--quiet", "--cached", "-r", ".")
    case.git("reset", "--quiet", "--hard")
    assert case.read("guide.md") == edited(15).replace("\n", "\r\n")

    report = case.update()

    assert "merged      guide.md" in report
    assert report.count("merged") == 1
    assert case.read("guide.md") == edited(15, changed(2)).replace("\n", "\r\n")
    assert case.git("show", ":guide.md") == edited(15, changed(2))
    assert case.git("show", ":added.md") == TEXT
    assert not case.git("diff", "--name-only")


def test_attributes_of_the_project_apply(case: Case) -> None:
    case.edit({".gitattributes": "*.md text eol=crlf\n"})
    case.git("rm", "--quiet", "--cached", "-r", ".")
    case.git("reset", "--quiet", "--hard")
    assert case.clean()

    case.update()

    assert case.read("guide.md") == changed(2).replace("\n", "\r\n")
    case.commit()
    assert case.clean()


def test_names_with_spaces_and_umlauts_are_left_alone(case: Case) -> None:
    names = ["a file", "straße/Öl.md", 'quoted "x".md', "tab\tand\nline", "-d"]
    case.edit(dict.fromkeys(names, "mine\n"))
    (case.root / os.fsdecode(b"latin-1-\xe9")).write_text("mine\n", encoding="utf-8")
    case.commit()

    case.update()

    assert all(case.read(name) == "mine\n" for name in names)


@pytest.mark.parametrize("name", [b"caf\xe9", "Öl & Gas".encode(), b"two\nlines", b"-d"])
def test_a_project_may_have_been_moved_to_any_name(case: Case, name: bytes) -> None:
    case.edit({"guide.md": edited(2)})
    case.root = case.root.rename(case.root.parent / os.fsdecode(name))

    case.update(status=3)

    assert case.read("new.md") == changed(2)
    assert json.loads(case("status", "--json").out)["unfinished"]


def test_a_large_file_and_many_are_no_matter(case: Case) -> None:
    case.edit({"large.bin": b"x" * 30_000_000, **{f"data/{n}.csv": "1\n" for n in range(3000)}})

    case.update()

    assert case.read("guide.md") == changed(2)
