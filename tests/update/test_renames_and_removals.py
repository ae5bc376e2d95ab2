"""What becomes of edits where the template's files move or go."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from small import TEXT, changed, edited, write

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
