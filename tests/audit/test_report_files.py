"""`poc2prod audit --output FILE`: whole or not at all, and one line where it can't be."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import audit_reports as reports
from poc2prod.audit.reports import saving

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


def test_several_reports_in_one_run_each_in_the_form_of_its_name(
    poc2prod: Run, tmp_path: Path
) -> None:
    out = tmp_path / "not" / "there"
    names = ["r.txt", "r.json", "r.md", "r.html", "r.sarif", "r.xml", "r.svg", "r.badge.json"]
    options = [word for name in names for word in ("--output", str(out / name))]
    done = poc2prod("audit", tmp_path, *options)
    assert done.returncode == 1, done.stderr
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    assert json.loads((out / "r.json").read_text())["schema"] == "poc2prod/audit/v1"
    assert json.loads((out / "r.badge.json").read_text())["schemaVersion"] == 1
    assert (out / "r.txt").read_text() == done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--output", "r.pdf"], "--output r.pdf: end it in one of .txt, .json, .md"),
        (["--output", "folder.json"], "--output folder.json: that is a folder; name a file"),
        (["--output", "a.md", "--output", "./a.md"], "a.md: that file is named twice"),
        (["--format", "htm"], "--format htm"),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_audited(
    poc2prod: Run, tmp_path: Path, options: list[str], said: str
) -> None:
    (tmp_path / "folder.json").mkdir()
    done = poc2prod("audit", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_report_that_cannot_be_written_is_one_line_and_the_others_are(
    poc2prod: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    done = poc2prod("audit", "--output", "file/r.json", "--output", "r.md")
    assert done.returncode == 3
    assert done.stderr == f"Error: {tmp_path}/file/r.json can't be written: Not a directory\n"
    assert (tmp_path / "r.md").read_text().startswith("## Readiness")
    assert "No level reached." in done.stdout


def test_on_a_full_disk_the_old_report_stays_and_nothing_else_does(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "r.html").write_text("the old one")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        [sys.executable, "-m", "poc2prod", "audit", "--quiet", "--output", "r.html"],
        cwd=tmp_path,
        env=environment,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr == f"Error: {tmp_path}/r.html can't be written: File too large\n"
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("r.html", "the old one")]


def test_a_report_is_readable_by_others_as_any_new_file_is(tmp_path: Path) -> None:
    (plain := tmp_path / "plain").touch()
    assert saving.save(reports.partial(), saving.writers([tmp_path / "r.svg"])) == []
    assert (tmp_path / "r.svg").stat().st_mode == plain.stat().st_mode


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "r.svg").symlink_to("real.svg")
    saving.save(reports.partial(), saving.writers([tmp_path / "r.svg"]))
    assert (tmp_path / "r.svg").is_symlink()
    assert (tmp_path / "real.svg").read_text().startswith("<svg")


@pytest.mark.parametrize("form", ["json", "html", "junit", "badge"])
def test_what_a_program_reads_is_utf_8_whatever_the_locale(
    environment: dict[str, str], tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "prüfung"
    folder.mkdir()
    env = {**environment, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "poc2prod", "audit", folder, "--format", form],
        env=env,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr == b""
    assert ("prüfung" in done.stdout.decode("utf-8")) == (form != "badge")


def test_text_in_the_locale_c_is_ascii(poc2prod: Run, tmp_path: Path) -> None:
    done = poc2prod("audit", tmp_path, env={"LANG": "C", "PATH": os.environ["PATH"]})
    assert done.returncode == 1
    assert done.stdout.isascii()
    assert "x Target L1" in done.stdout
