"""`poc2prod new`: what it generates, prints and refuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from projects import WORKING_TREE
from rendering import snapshot, tree

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


def answers(root: Path) -> dict[str, object]:
    recorded = yaml.safe_load((root / ".poc2prod/answers.yaml").read_text(encoding="utf-8"))
    return {key: value for key, value in recorded.items() if not key.startswith("_")}


def test_new_equals_what_copier_generates(
    poc2prod: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    origin = tmp_path / "template"
    origin.mkdir()
    snapshot(origin)
    for command in ("init -q", "add .", "-c user.name=T -c user.email=t@example.com commit -qm T"):
        subprocess.run(["git", *command.split()], cwd=origin, env=environment, check=True)
    folder = tmp_path / "copier"
    folder.mkdir()

    copy = [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults", "."]
    subprocess.run([*copy, str(folder / "demo")], cwd=origin, env=environment, check=True)
    result = poc2prod("new", "demo", "--defaults", "--template", origin)

    assert result.returncode == 0, result.stderr
    assert tree(tmp_path / "demo") == tree(folder / "demo")
    assert b"_commit" in tree(tmp_path / "demo")[".poc2prod/answers.yaml"]


def test_new_prints_what_it_did_and_what_comes_next(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    answers = ("--defaults", "-d", "deployment=", "-d", "ci=none", "--template", template)
    result = poc2prod("new", "a folder/demo", *answers)

    lines = result.stdout.splitlines()
    files = len(tree(tmp_path / "a folder/demo"))
    assert lines[0].startswith(f"demo: {files} files, committed as poc2prod <")
    assert "  latency         interactive" in lines
    assert "  deployment      none" in lines
    assert lines[-4:] == ["Next:", "  cd 'a folder/demo'", "  make demo", "  make test"]


def test_a_terminal_that_cannot_print_a_name_is_no_error(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    old = {"PYTHONIOENCODING": "iso-8859-1"}
    result = poc2prod("new", "🚀", "--defaults", "--template", template, env=old)

    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("\\U0001f680: ")
    assert (tmp_path / "🚀").is_dir()


def test_quiet_prints_nothing(poc2prod: Run, template: Path, tmp_path: Path) -> None:
    result = poc2prod("new", "demo", "--defaults", "--quiet", "--template", template)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert (tmp_path / "demo").is_dir()


def test_the_project_is_named_after_its_folder(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    assert poc2prod("new", "Boiler 7", "--defaults", "--template", template).returncode == 0

    assert answers(tmp_path / "Boiler 7")["project_name"] == "boiler-7"


def test_another_projects_answers_can_be_used_again(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    given = ("-d", "latency=batch", "-d", "team=Ü: # {{ 1 + 1 }} \"'", "-d", "kpi_target=2")
    poc2prod("new", "one", "--defaults", "--template", template, *given)

    file = tmp_path / "one/.poc2prod/answers.yaml"
    result = poc2prod("new", "two", "--answers", file, "--template", template)

    assert result.returncode == 0, result.stderr
    assert answers(tmp_path / "two") == answers(tmp_path / "one")
    assert answers(tmp_path / "two")["team"] == "Ü: # {{ 1 + 1 }} \"'"


@pytest.mark.parametrize("destination", [".", "empty", "link"])
def test_an_empty_folder_is_filled_and_stays_the_same_folder(
    poc2prod: Run, template: Path, tmp_path: Path, destination: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "link").symlink_to(empty)
    before = empty.stat().st_ino

    cwd = empty if destination == "." else tmp_path
    result = poc2prod("new", destination, "--defaults", "--template", template, cwd=cwd)

    assert result.returncode == 0, result.stderr
    assert empty.stat().st_ino == before
    assert ("  cd " in result.stdout) == (destination != ".")
    assert answers(empty)["project_name"] == "empty"
    assert not list(tmp_path.rglob(".poc2prod-*"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["full"], "full is not empty: choose another folder, or empty it first"),
        (["file"], "can't generate file: "),
        (["file/demo"], "/file is a file"),
        (["loop"], "can't generate loop: Too many levels of symbolic links"),
        (["loop/demo"], "can't generate loop/demo: Too many levels of symbolic links"),
        (["x" * 300], "File name too long"),
        (["/dev/null"], "/dev/null is a file"),
        (["demo", "-d", "latncy=batch"], "did you mean latency?"),
        (["demo", "-d", "package_name=x"], "package_name is computed from project_name, so it"),
        (["demo", "-d", "latency"], "write KEY=VALUE"),
        (["demo", "-d", "kpi_baseline=six"], "kpi_baseline can't be 'six': expected a number"),
        (["demo", "-d", "deployment=[compose,moon]"], "expected any of compose"),
        (["demo", "--answers", "missing.yaml"], "the answers file missing.yaml: No such file"),
        (["demo", "--answers", "full"], "the answers file full: Is a directory"),
        (["demo", "-d", "project_name=Nice One"], "project_name can't be 'Nice One': Use lower-"),
        (["demo", "-d", "project_name=json"], '"json" is the name of a Python module'),
        (["demo", "-d", "owner_email=ada"], "owner_email can't be 'ada': Write one e-mail"),
        (["demo", "-d", "kpi_target=nan"], "kpi_target can't be nan: Write a finite number"),
        (["demo", "-d", "kpi_target=7"], "kpi_target can't be 7.0: Lower is better, so"),
        (["demo", "-d", "team=\udcff"], r"team can't be '\udcff': Write one line"),
        (["demo", "-d", "team=a\nb"], r"team can't be 'a\nb': Write one line"),
        (["demo", "--ref", "v999"], "--ref v999: the template has no such tag, branch or commit"),
    ],
)
def test_a_wrong_request_is_refused_in_a_line_and_leaves_nothing(
    poc2prod: Run, tmp_path: Path, arguments: list[str], expected: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(tmp_path.rglob("*"))

    result = poc2prod("new", *WORKING_TREE, *arguments, "--defaults")

    assert result.returncode == 2, result.stderr
    assert result.stderr.startswith("Error: ")
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_default_that_another_answer_makes_wrong_is_explained(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    own = tmp_path / "template"
    shutil.copytree(template, own)
    with (own / "copier.yml").open("a", encoding="utf-8") as file:
        file.write(
            """
---
n: {type: int, default: 1}
m: {type: int, default: 5, validator: "{% if m < n %}Too small.{% endif %}"}
"""
        )

    result = poc2prod("new", "demo", "--defaults", "-d", "n=9", "--template", own)

    assert result.returncode == 2
    assert result.stderr == "Error: m can't keep its default, so pass -d m=VALUE: Too small.\n"


def test_without_a_terminal_the_open_questions_are_named(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    result = poc2prod("new", "demo", "-d", "team=T", "--template", template)

    assert result.returncode == 2
    assert result.stderr == (
        "Error: there is no terminal to ask for project_name, problem, project_description, …: "
        "pass --defaults, or answer all questions with --answers FILE or -d\n"
    )
    assert not (tmp_path / "demo").exists()


def test_a_template_that_runs_commands_is_refused(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    own = tmp_path / "template"
    shutil.copytree(template, own)
    with (own / "copier.yml").open("a", encoding="utf-8") as file:
        file.write("\n---\n_tasks: [touch ../marker]\n")

    result = poc2prod("new", "demo", "--defaults", "--template", own)

    assert result.returncode == 1
    assert result.stderr == "Error: the template runs commands, which poc2prod doesn't allow\n"
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("\n\n{{ no_such_answer }}", "line 3: 'no_such_answer' is undefined"),
        ("\n{% if %}", "line 2: Expected an expression"),
    ],
)
def test_a_broken_template_is_named_with_its_line(
    poc2prod: Run, template: Path, tmp_path: Path, content: str, expected: str
) -> None:
    own = tmp_path / "template"
    shutil.copytree(template, own)
    (own / "template/project/broken.md.jinja").write_text(content, encoding="utf-8")

    result = poc2prod("new", "demo", "--defaults", "--template", own)

    assert result.returncode == 1
    assert "the template is broken: template/project/broken.md.jinja, " + expected in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "demo").exists()
