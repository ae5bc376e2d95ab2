# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What `make check` refuses before it runs a linter."""

import hashlib
import shutil
import subprocess
import sys

import pytest
from package import ROOT

ANSWERS = "latency: batch\n"
DIGEST = hashlib.sha256(ANSWERS.encode()).hexdigest()
OURS, THEIRS = "<" * 7 + " before updating", ">" * 7 + " after updating"


@pytest.fixture(params=["git", "archive"])
def project(request, tmp_path):
    """A folder with answers as they were generated, in git and not."""
    (tmp_path / ".poc2prod").mkdir()
    shutil.copy(ROOT / ".poc2prod/check.py", tmp_path / ".poc2prod")
    write(tmp_path, ".poc2prod/answers.yaml", ANSWERS)
    write(tmp_path, ".poc2prod/ownership.yaml", f"managed:\n  .poc2prod/answers.yaml: {DIGEST}\n")
    if request.param == "git":
        subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
        write(tmp_path, ".gitignore", "/data/\n")
    return tmp_path


def write(project, name, text):
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def refused(project):
    """Run the check as make does and return its findings, up to the advice."""
    command = [sys.executable, project / ".poc2prod/check.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == (1 if done.stdout else 0)
    return [":".join(line.split(":")[:3]) for line in done.stdout.splitlines()]


def test_a_project_without_leftovers_passes(project):
    write(project, "notes.md", f"Title\n{'=' * 7}\n\nA {OURS} within a line\n{'>' * 8} quoted\n")
    write(project, "data/table.csv", f"{OURS}\n")
    assert refused(project) == []


def test_the_answers_may_have_the_line_ends_of_windows(project):
    write(project, ".poc2prod/answers.yaml", ANSWERS.replace("\n", "\r\n"))
    assert refused(project) == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_conflict_marker_is_named_with_its_line(project, end):
    text = end.join(["a", OURS, "b", "|" * 7, "=" * 7, "c", THEIRS, ""])
    write(project, "src/a b.py", text)
    assert refused(project) == [f"src/a b.py:{line}: a conflict" for line in (2, 4, 7)]


def test_a_file_that_is_no_text_is_read_too(project):
    write(project, "model.bin", "\0\n")
    (project / "latin.txt").write_bytes(b"\xe9\n" + OURS.encode())
    assert refused(project) == ["latin.txt:2: a conflict"]


def test_rejected_changes_are_refused(project):
    write(project, "src/app.py.rej", "@@ -1 +1 @@\n")
    assert refused(project) == ["src/app.py.rej:1: changes that did not fit"]


def test_a_rescued_version_is_refused_until_it_is_deleted(project):
    write(project, ".poc2prod/rescued/src/app.py.theirs", "x = 1\n")
    write(project, ".poc2prod/rescued/app.py.patch", "kept for reference\n")
    name = ".poc2prod/rescued/src/app.py.theirs"
    assert refused(project) == [f"{name}:1: the template's version of your file"]


@pytest.mark.parametrize("text", ["latency: interactive\n", "", ANSWERS + "team: A\n"])
def test_answers_edited_by_hand_are_refused(project, text):
    write(project, ".poc2prod/answers.yaml", text)
    assert refused(project) == [".poc2prod/answers.yaml:1: edited by hand"]


@pytest.mark.parametrize("name", ["answers", "ownership"])
def test_answers_that_cannot_be_compared_are_refused(project, name):
    (project / f".poc2prod/{name}.yaml").unlink()
    assert refused(project) == [f".poc2prod/{name}.yaml:1: can't be read"]
    write(project, f".poc2prod/{name}.yaml", "managed:\n")
    expected = "edited by hand" if name == "answers" else "does not list .poc2prod/answers.yaml"
    assert refused(project) == [f".poc2prod/{name}.yaml:1: {expected}"]
