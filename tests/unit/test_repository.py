"""What is derived or promised in this repository's own files."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib

import pytest

import poc2prod
from documents import PARSERS, links
from rendering import ROOT

TRACKED = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")[:-1]


def test_the_pages_of_reference_are_current() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)

    for name, expected in (
        ("questions", generate.questions_page()),
        ("checks", generate.checks_page()),
    ):
        written = (ROOT / f"docs/reference/{name}.md").read_text(encoding="utf-8")
        assert written == expected, "run make docs"
    compiled = generate.COMPILED.read_text(encoding="utf-8")
    assert compiled == generate.compiled_catalogue(), "run make docs"
    assert len(json.loads(compiled)) > 3


@pytest.mark.parametrize("file", ["requirements/bootstrap.txt", "requirements/dev.txt"])
def test_requirements_are_pinned_hashed_and_name_no_host_or_path(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")

    assert not re.search(r"://|^-|(^|\s)[/~]|@", text, re.MULTILINE)
    for requirement in re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE)):
        assert re.match(
            r"[a-z0-9-]+==\S+( ; [^\\]+)? \\\n    --hash=sha256:[0-9a-f]{64}", requirement
        )


def test_both_requirement_files_pin_the_same_uv() -> None:
    bootstrap, dev = (
        re.findall(r"^uv==\S+", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
        for file in ("requirements/bootstrap.txt", "requirements/dev.txt")
    )
    assert bootstrap == dev != []


def test_the_lock_has_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = (ROOT / "requirements/dev.txt").read_text(encoding="utf-8")

    for requirement in wanted:
        name = re.split(r"[<>=]", requirement)[0]
        assert re.search(rf"^{name}==", locked, re.MULTILINE | re.IGNORECASE), "run make lock"


def test_the_version_is_in_one_place() -> None:
    places = [
        file
        for file in TRACKED
        if file.startswith(("src/", "pyproject", "docs/")) and (ROOT / file).is_file()
        if not file.endswith("/compiled.json")  # says since when there is each check
        if f'"{poc2prod.__version__}"' in (ROOT / file).read_text("utf-8", "replace")
    ]
    assert places == ["src/poc2prod/__init__.py"]


@pytest.mark.parametrize(
    "file", [file for file in TRACKED if re.fullmatch(r"[^/]*\.md|docs/.*\.md", file)]
)
def test_links_lead_somewhere(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")

    assert [link for link in links(text) if not (ROOT / file).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize(
    "file", [file for file in TRACKED if re.match(r"(src|tests|tools)/.*\.py$", file)]
)
def test_modules_are_small(file: str) -> None:
    assert len((ROOT / file).read_text(encoding="utf-8").splitlines()) <= 250


def test_every_make_target_is_in_contributing() -> None:
    helped = subprocess.check_output(["make", "help"], cwd=ROOT, text=True)
    targets = re.findall(r"^make (\w+)", helped, re.MULTILINE)
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    assert "demo" in targets
    assert [name for name in targets if f"| `make {name}`" not in contributing] == ["help", "clean"]


def test_the_hooks_run_what_is_installed() -> None:
    (config,) = PARSERS[".yaml"]((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    for repository in config["repos"]:
        assert repository["repo"] == "local"
        for hook in repository["hooks"]:
            assert hook["language"] == "system"
            assert hook["entry"].startswith(".venv/bin/")
    check = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config"], cwd=ROOT, check=False
    )
    assert check.returncode == 0


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
