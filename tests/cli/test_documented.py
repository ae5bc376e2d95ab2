"""What the documentation shows is true: its commands are there, and one prints what is pasted."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from bundles import git
from documents import links
from poc2prod.cli import app
from rendering import ROOT, render

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*/*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
AUDIT = "$ poc2prod audit ../pump-failure\n"


def commands() -> list[tuple[str, ...]]:
    found: dict[tuple[str, ...], None] = {}
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in re.findall(r"^\$ (.*)", block, re.MULTILINE):
                found[tuple(shlex.split(line, comments=True))] = None
    return list(found)


@pytest.mark.parametrize("words", commands(), ids=shlex.join)
def test_a_command_that_is_shown_is_there(words: tuple[str, ...]) -> None:
    program, *arguments = words
    if program == "make":
        made = "".join(
            (ROOT / name).read_text(encoding="utf-8")
            for name in ("Makefile", "template/project/Makefile.jinja")
        )
        targets = [word for word in arguments if "=" not in word]
        assert {*targets} <= {*TARGET.findall(made)}
    elif program.rpartition("/")[2] == "poc2prod":
        name, *rest = arguments
        group = get_command(app)
        command = group.commands[name]  # type: ignore[attr-defined]
        with command.make_context(name, rest, resilient_parsing=False) as context:
            assert not context.args
    else:
        assert program in ("pip", "pipx", "git", "cd", "promtool")


def test_a_new_project_prints_what_the_readme_shows(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = (found for found in BLOCK.findall(text) if found.startswith(AUDIT))
    shown = block.removeprefix(AUDIT).splitlines()
    root = render(template, tmp_path / "pump-failure", {"project_name": "pump-failure"})
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=Start")

    done = poc2prod("audit", root)

    assert done.returncode == 1
    printed = iter(done.stdout.splitlines())
    for line in shown:
        assert line == "…" or line in printed, line  # in this order


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_somewhere(page: Path) -> None:
    found = links(page.read_text(encoding="utf-8"))
    assert [link for link in found if not (page.parent / link).exists()] == []
