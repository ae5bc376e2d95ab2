"""What the managed files' first lines promise: each way to extend one works without editing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from projects import Project

COMMAND = '''
"""`hello`: a command of the team's own."""

import cowsay


def run() -> None:
    """Say hello."""
    print(cowsay.get_output_string("cow", "hello"))
'''
CONFTEST = """
import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "ours: of the team")
    config.addinivalue_line("filterwarnings", "ignore:ours:UserWarning")


@pytest.fixture
def answer():
    return 42
"""
TEST = """
import warnings

import pytest


@pytest.mark.ours
def test_ours(answer, table):
    warnings.warn("ours", stacklevel=1)
    assert answer == 42
    assert len(table) == 3_000
"""


@pytest.mark.xdist_group("default")
def test_a_project_is_extended_without_editing_a_managed_file(
    generated: Callable[[str], Project], copy_of: Callable[[Project], Project]
) -> None:
    default = generated("default")
    default.make(".venv/.installed")
    project = copy_of(default)
    root, package = project.root, project.root / "src" / project.package

    def write(path: str, text: str) -> None:
        (root / path).write_text(text.lstrip("\n"), encoding="utf-8")

    def append(path: str, text: str) -> None:
        write(path, (root / path).read_text(encoding="utf-8") + text)

    def make(*targets: str) -> str:
        done = project("make", *targets)
        return f"{done.returncode}\n{done.stdout}"

    before = (root / "requirements/own.txt").read_bytes()
    project.make("lock")
    assert (root / "requirements/own.txt").read_bytes() == before, "nothing asked for"

    append("requirements/own.in", "cowsay\npydantic\n")
    project.make("lock")
    pins = (root / "requirements/own.txt").read_text(encoding="utf-8")
    assert "cowsay==" in pins
    (serve,) = (
        line
        for line in (root / "requirements/serve.txt").read_text(encoding="utf-8").splitlines()
        if line.startswith("pydantic==")
    )
    assert serve in pins, "the pin that is there already"

    write(f"src/{package.name}/ops/commands/hello.py", COMMAND)
    write("tests/test_ours.py", TEST)
    write("conftest.py", CONFTEST)
    checked = make("check")
    assert "module is installed, but missing library stubs or py.typed marker" in checked, checked
    append("mypy.ini", "\n[mypy-cowsay.*]\nignore_missing_imports = True\n")
    assert "T201" not in make("check")
    write(".ruff.toml", 'extend = "ruff.toml"\nlint.extend-select = ["T20"]\n')
    assert "T201" in make("check")
    write(".ruff.toml", 'extend = "ruff.toml"\nlint.extend-select = ["T10"]\n')
    write("project.mk", "merged: ours\nours: ## Ours\n\t@echo ours was made\n")
    assert "ours was made" in project.make("check")
    assert "ours       Ours" in project.make("help")

    assert "hello" in project.command("hello").stdout
    pytest_ = str(root / ".venv/bin/pytest")
    for arguments in ([], ["tests/ops/test_rows.py", "tests/test_ours.py"]):
        tested = project(pytest_, "-q", *arguments, "-k", "ours or (test_rows and not memory)")
        assert tested.returncode == 0, tested.stdout

    append("requirements/own.in", "pydantic<2\n")
    refused = project("make", "lock")
    assert refused.returncode
    assert "pydantic<2" in refused.stdout, "a managed pin is not for own.in to move"


@pytest.mark.xdist_group("default")
def test_own_pins_that_an_update_left_behind_are_locked_anew(
    generated: Callable[[str], Project], copy_of: Callable[[Project], Project]
) -> None:
    default = generated("default")
    default.make(".venv/.installed")
    project = copy_of(default)
    own = project.root / "requirements/own.txt"
    (project.root / "requirements/own.in").write_text("pydantic\n", encoding="utf-8")
    project.make("lock")
    locked = own.read_text(encoding="utf-8")
    stale = locked.replace("pydantic==", "pydantic==1.")
    own.write_text(stale, encoding="utf-8")

    refused = project("make", "test")
    assert refused.returncode
    assert "make lock" in refused.stdout
    project.make("lock")
    assert own.read_text(encoding="utf-8") == locked
    project.make(".venv/.installed")
