"""What becomes of every edit, by the command line and in a real repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from updating import BINARY, TEXT, changed, edited, write

if TYPE_CHECKING:
    from bundles import Bundle
    from updating import Case

RESCUED = ".poc2prod/rescued/v2.0.0"


def restored(case: Case, patch: str, path: str) -> bytes:
    """Return the owners' file that a rescued patch makes of the template's text."""
    folder = case.root.parent / "restored"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, {path: TEXT})
    subprocess.run(["git", "apply", case.root / patch], cwd=folder, check=True)
    return (folder / path).read_bytes()


def test_what_nobody_edited_is_as_the_new_release_has_it(case: Case) -> None:
    report = case.update()

    assert case.read("guide.md") == changed(2)
    assert case.read("new.md") == changed(2)
    assert case.read("added.md") == TEXT
    assert not case.exists("old.md")
    assert not case.exists("gone.md")
    assert "moved       old.md → new.md" in report
    assert "Two is better than one." in report
    assert "Read the guide." in report
    case.commit()
    assert case.update() == "pump-guard is up to date: poc2prod 2.0.0\n"


def test_an_update_is_staged_and_the_printed_command_takes_it_back(case: Case) -> None:
    before = case.git("rev-parse", "HEAD^{tree}")

    report = case.update()

    assert not case.git("diff", "--name-only")
    assert case.git("diff", "--cached", "--name-only")
    (command,) = [line for line in report.splitlines() if line.startswith("To take")]
    subprocess.run(command.partition(": ")[2], shell=True, cwd=case.root, check=True)
    assert case.clean()
    assert case.git("write-tree") == before


# --- renames


def test_an_edit_goes_along_with_a_rename_and_merges(case: Case) -> None:
    case.edit({"old.md": edited(15)})

    report = case.update()

    assert "merged      old.md → new.md" in report
    assert case.read("new.md") == edited(15, changed(2))
    assert not case.exists("old.md")


def test_an_edit_of_the_lines_that_a_renamed_file_changes_is_a_conflict(case: Case) -> None:
    case.edit({"old.md": edited(2)})

    report = case.update(status=3)

    assert "conflicted  old.md → new.md, line 2" in report
    assert not case.exists("old.md")
    assert case.git("ls-files", "--unmerged", "--", "new.md").count("\n") == 3


def test_a_rename_is_followed_over_two_releases(case: Case, bundles: dict[int, Bundle]) -> None:
    case.edit({"old.md": edited(15)})
    case.bundle = bundles[3]

    report = case.update()

    assert "old.md → newest.md" in report
    assert case.read("newest.md") == edited(15, changed(2))
    assert not case.exists("new.md")


def test_two_updates_give_what_one_gives(case: Case, bundles: dict[int, Bundle]) -> None:
    case.edit({"old.md": edited(15), "guide.md": edited(9)})
    case.bundle = bundles[3]
    case.update()
    at_once = case.git("write-tree")
    case.git("reset", "--quiet", "--hard")

    case.update("--to", "2.0.0")
    case.commit()
    case.update()

    assert case.git("write-tree") == at_once


def test_the_owners_file_at_a_new_name_is_merged_with_it_and_their_edits_are_rescued(
    case: Case,
) -> None:
    case.edit({"old.md": edited(15), "new.md": "mine\n"})

    report = case.update(status=3)

    assert "conflicted  new.md" in report
    assert {"mine", changed(2).splitlines()[1]} <= set(case.read("new.md").splitlines())
    assert f"rescued     old.md, your edits are in {RESCUED}/old.md.patch" in report
    assert restored(case, f"{RESCUED}/old.md.patch", "old.md") == edited(15).encode()


@pytest.mark.parametrize("path", ["new.md", "added.md"])
def test_an_ignored_file_in_the_way_stays(case: Case, path: str) -> None:
    case.edit({"old.md": edited(15), ".git/info/exclude": f"{path}\n"})
    write(case.root, {path: "not in git\n"})

    report = case.update(status=3)

    assert case.read(path) == "not in git\n"
    assert f"the template's file is {RESCUED}/{path}.theirs" in report
    assert case.exists(f"{RESCUED}/{path}.theirs")
    if path == "new.md":
        assert case.read("old.md") == edited(15)


def test_a_new_name_differs_in_its_case_alone(case: Case) -> None:
    case.edit({"Added.md": "mine\n", "NEW.md": "mine, too\n"})

    case.update()

    assert case.read("added.md") == TEXT
    assert case.read("Added.md") == "mine\n"


# --- removals


def test_edits_of_a_removed_file_are_rescued(case: Case) -> None:
    case.edit({"gone.md": edited(3)})

    report = case.update()

    assert f"rescued     gone.md, your edits are in {RESCUED}/gone.md.patch" in report
    assert not case.exists("gone.md")
    assert restored(case, f"{RESCUED}/gone.md.patch", "gone.md") == edited(3).encode()


def test_a_second_rescue_does_not_replace_the_first(case: Case) -> None:
    case.edit({"serving/app.py": edited(15), "gone.md": edited(3)})
    case.update()
    case.commit()
    first = case.read(f"{RESCUED}/gone.md.patch")

    report = case.update("-d", "latency=batch")

    assert f"{RESCUED}-2/serving/app.py.patch" in report
    assert case.exists(f"{RESCUED}-2/serving/app.py.patch")
    assert case.read(f"{RESCUED}/gone.md.patch") == first


def test_a_file_where_patches_would_be_stays(case: Case) -> None:
    case.edit({"gone.md": edited(3), ".poc2prod/rescued": "mine\n"})

    report = case.update()

    assert case.read(".poc2prod/rescued") == "mine\n"
    (line,) = [line for line in report.splitlines() if "gone.md" in line]
    assert case.exists(line.partition("are in ")[2])


def test_a_rescue_leaves_patches_that_git_ignores(case: Case) -> None:
    case.edit({"gone.md": edited(3), ".git/info/exclude": "*.patch\n"})
    write(case.root, {f"{RESCUED}/gone.md.patch": "an older one\n"})

    report = case.update()

    assert case.read(f"{RESCUED}/gone.md.patch") == "an older one\n"
    assert f"{RESCUED}-2/gone.md.patch" in report


def test_patches_apply_whatever_the_owners_diff_looks_like(case: Case) -> None:
    write(
        case.root.parent,
        {
            "config": "[diff]\n\tcontext = 0\n\tnoprefix = true\n\texternal = false\n"
            "\torderFile = /nowhere\n[color]\n\tui = always\n[core]\n\tquotePath = false\n"
        },
    )
    case.environment["GIT_CONFIG_GLOBAL"] = str(case.root.parent / "config")
    case.edit({"gone.md": edited(3)})

    case.update()

    assert restored(case, f"{RESCUED}/gone.md.patch", "gone.md") == edited(3).encode()


def test_answers_that_leave_a_folder_out_rescue_its_edits_and_bring_it_back_pristine(
    case: Case,
) -> None:
    case.edit({"serving/app.py": edited(3), "serving/mine.py": "mine\n"})

    report = case.update("--to", "1.0.0", "-d", "latency=batch")

    assert "latency: interactive → batch" in report
    assert "git commit -m 'Change answers of poc2prod 1.0.0'" in report
    assert not case.exists("serving/app.py")
    assert case.read("serving/mine.py") == "mine\n"
    patch = ".poc2prod/rescued/v1.0.0/serving/app.py.patch"
    assert restored(case, patch, "serving/app.py") == edited(3).encode()
    case.commit()

    case.update("--to", "1.0.0", "-d", "latency=interactive")

    assert case.read("serving/app.py") == TEXT
    assert case.exists(patch)


def test_another_name_moves_the_package_with_what_is_yours_in_it(case: Case) -> None:
    mine = {
        "src/pump_guard/model.py": "mine\n",
        "src/pump_guard/my_own.py": "mine, too\n",
        "src/pump_guard/ops/deep/er.py": "mine, three\n",
        "src/pump_guard/ops/train.py": edited(15),
        "src/pump_guard/straße und Öl.txt": "mine, four\n",
    }
    case.edit(mine)

    case.update("--to", "1.0.0", "-d", "project_name=leak-finder")

    assert not case.exists("src/pump_guard")
    for path, text in mine.items():
        assert case.read(path.replace("pump_guard", "leak_finder")) == text


def test_a_rename_and_another_name_at_once_keep_an_edit(case: Case) -> None:
    case.edit({"src/pump_guard/ops/train.py": edited(15), "old.md": edited(15)})

    case.update("-d", "project_name=leak-finder")

    assert case.read("src/leak_finder/ops/train.py") == edited(15, changed(2))
    assert case.read("new.md") == edited(15, changed(2))


# --- edits


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


# --- a new question, an old one


def test_new_questions_take_their_defaults_and_are_listed(
    case: Case, bundles: dict[int, Bundle]
) -> None:
    case.bundle = bundles[3]

    report = case.update()

    assert "New questions, and their answers\n  region: north\n" in report
    assert "region: north" in case.read(".poc2prod/answers.yaml")


def test_without_a_terminal_new_questions_need_an_answer(
    case: Case, bundles: dict[int, Bundle]
) -> None:
    case.bundle = bundles[3]

    assert case.refused("update") == (
        "there is no terminal to ask for region: pass --defaults, or answer with -d"
    )
    result = case("update", "-d", "region=south")
    assert result.status == 0
    assert "region: south" in case.read(".poc2prod/answers.yaml")


def test_a_renamed_question_keeps_its_answer(case: Case, bundles: dict[int, Bundle]) -> None:
    case.update("--to", "1.0.0", "-d", "team=Öl & Gas")
    case.commit()
    case.bundle = bundles[3]

    report = case.update()

    answers = case.read(".poc2prod/answers.yaml")
    assert "squad: Öl & Gas" in answers or 'squad: "\\xD6l & Gas"' in answers
    assert "team" not in answers
    assert "squad" not in report


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("latencie=batch", "-d: there is no question 'latencie'; did you mean latency?"),
        ("use_service=false", "-d: use_service is computed from latency, so it can't be set"),
        ("latency", "-d 'latency': write KEY=VALUE, such as -d latency=batch"),
        ("latency=never", "-d: latency can't be 'never': expected one of"),
        ("project_name=No Name", "-d: project_name can't be 'No Name': "),
    ],
)
def test_answers_that_are_refused(case: Case, pair: str, message: str) -> None:
    assert case.refused("update", "--defaults", "-d", pair).startswith(message)


def test_a_recorded_answer_that_is_no_longer_one_is_named(
    case: Case, bundles: dict[int, Bundle]
) -> None:
    case.update("--to", "1.0.0", "-d", "license=MIT")
    case.commit()
    case.bundle = bundles[3]

    message = case.refused("update", "--defaults")

    assert "'MIT'" in message
    assert "-d license=" in message
    assert "Apache-2.0" in message
    case.update("-d", "license=Apache-2.0")


def test_copier_itself_finds_the_answers_as_poc2prod_writes_them(case: Case) -> None:
    from poc2prod.render import render

    copied = replace(case, renders=render)
    copied.update("-d", "team=Ölwerk: #1")
    tree = case.git("write-tree")
    case.git("reset", "--quiet", "--hard")
    case.update("-d", "team=Ölwerk: #1")

    assert case.git("write-tree") == tree
