"""Whatever files a repository has, and however many, the audit ends soon and reports."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hostile import NAMES, fifo, replaced, report, statuses
from poc2prod.audit.git import bounded_git
from poc2prod.audit.running import programs
from small_audits import CONTRACT, committed

if TYPE_CHECKING:
    from collections.abc import Callable

BOMB = "a: &a [x]\n" + "".join(
    f"{chr(n)}: &{chr(n)} [{', '.join([f'*{chr(n - 1)}'] * 9)}]\n" for n in range(98, 120)
)


def sock(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path may have 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(here)


def sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(2**30)


KINDS: dict[str, Callable[[Path], object]] = {
    "a pipe": fifo,
    "a socket": sock,
    "1 GB": sparse,
    "a folder": lambda path: path.mkdir(),
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "itself": lambda path: path.symlink_to(path.name),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 4000),
    "a bomb": lambda path: path.write_text(BOMB, "utf-8"),
    "brackets": lambda path: path.write_text("[" * 60_000, "utf-8"),
    "many items": lambda path: path.write_text(f"business_kpis: [{'a,' * 30_000}]", "utf-8"),
    "many keys": lambda path: path.write_text("".join(f"k{n}: 1\n" for n in range(6_000))),
    "a number": lambda path: path.write_text("9" * 5000, "utf-8"),
    "wrong types": lambda path: path.write_text(
        "{metadata: [], groups: {}, managed: 1, yours: {}, project_name: {a: 2026-01-01},"
        " latency: [], availability: {}, _commit: [2026-01-01], waivers: {a: 1}, 1: 2}"
    ),
    "a tag": lambda path: path.write_text("a: !!bool x\nb: !!python/name:os.system x\n"),
    "long lines": lambda path: path.write_text("`make " + "a " * 500_000 + "`\n" + "*" * 10**6),
    "open comments": lambda path: path.write_text("<!-- " * 200_000 + "](" * 200_000),
}


TOGETHER = [
    [CONTRACT],
    [name for name in NAMES if name.startswith((".poc2prod", "readiness", "data", "README"))],
    [name for name in NAMES if name.startswith(("monitoring", ".github", "src"))],
    ["docs/runbooks/service-down.md", "docs/runbooks/contacts.md", "Makefile"],
    [".gitignore", ".gitattributes", ".mailmap"],
    [".git/HEAD"],
    [".git/config", ".git/index", ".git/info/attributes"],
    [".git/packed-refs", ".git/refs/heads/main"],
    [".git/shallow", ".git/commondir"],
    [".git/objects/info/alternates"],
    [".git/objects/pack/pack-1.idx"],
]
"""Names of which one does not hide another from the audit."""


@pytest.mark.parametrize("names", TOGETHER, ids=lambda names: names[0])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_at_a_name_the_audit_reports(
    project: Path, monkeypatch: pytest.MonkeyPatch, kind: str, names: list[str]
) -> None:
    monkeypatch.setattr(bounded_git, "SECONDS", 1.0)
    if not any(name.startswith("monitoring") for name in names):
        # It takes a second or two each time, and looks at what none of these files is.
        others = {name: programs.found(name) for name in programs.INSTALL if name != "promtool"}
        monkeypatch.setattr(programs, "found", others.get)
    for name in names:
        KINDS[kind](replaced(project, name))
    report(project)


def test_each_name_is_spoilt_once() -> None:
    assert sorted(name for names in TOGETHER for name in names) == sorted(NAMES)


def test_the_clean_project_is_examined_to_its_depth(clean: Path) -> None:
    found = statuses(report(clean))
    assert found["KPI-01"] == found["MON-01"] == "PASS"
    assert found["ORG-01"] == "FAIL", "it comes to the share of each author"


def test_absurdly_deep_folders_are_left_alone(project: Path) -> None:
    here = Path.cwd()
    os.chdir(project)
    try:
        for _ in range(2_000):
            Path("d").mkdir()
            os.chdir("d")
    finally:
        os.chdir(here)
    report(project)
    subprocess.run(["rm", "-rf", str(project / "d")], check=True)


def test_a_hundred_thousand_files_are_not_too_many(project: Path) -> None:
    for number in range(100):
        folder = project / f"monitoring/{number}"
        folder.mkdir()
        for inner in range(1000):
            os.close(os.open(folder / f"{inner}.txt", os.O_CREAT | os.O_WRONLY))
    report(project)


def test_names_that_are_no_text_and_no_options_are_reported(project: Path) -> None:
    for name in (b"\xff\xfe.yaml", b"--help", b"a\nb.yaml", b"\x1b[31m.yaml", b":(top)x"):
        (Path(os.fsdecode(os.fsencode(project / "monitoring") + b"/" + name))).write_text(
            "groups: 1"
        )
    committed(project, "ada@plant.eu", "2026-11-03")
    report(project)
