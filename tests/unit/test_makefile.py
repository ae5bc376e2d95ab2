"""The Makefile sets up .venv when, and only when, it has to. Python and uv are stand-ins here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rendering import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Makes a .venv that holds itself and the programs that the targets run.
PYTHON = """\
#!/bin/sh
case "$1 $2" in
"-V "*) echo "Python {version}" ;;
"-c "*) exec {python} -c 'import sys; sys.version_info = ({tuple}); exec(sys.argv[1])' "$2" ;;
"-m venv")
    mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo venv >> log
    for tool in pytest ruff mypy; do ln -s /bin/true .venv/bin/$tool; done ;;
"-m pip") echo pip >> log; printf '#!/bin/sh\\n' > .venv/bin/uv; chmod +x .venv/bin/uv ;;
esac
"""


class Checkout:
    """A copy of the Makefile and what it reads, with a PATH of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root / "checkout"
        self.tools = root / "tools"
        self.root.mkdir()
        self.tools.mkdir()
        (self.root / "src/poc2prod").mkdir(parents=True)
        for file in ("Makefile", "pyproject.toml", "requirements", "src/poc2prod/__init__.py"):
            copy = shutil.copytree if (ROOT / file).is_dir() else shutil.copy2
            copy(ROOT / file, self.root / file)
        self.python("3.12.1")

    def python(self, version: str, name: str = "python3") -> Path:
        path = self.tools / name
        numbers = ", ".join(version.split("."))
        text = PYTHON.format(version=version, python=sys.executable, tuple=numbers)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def make(self, *arguments: str, status: int = 0) -> list[str]:
        """Run make and return the steps of a set-up that it went through; it ends in `status`."""
        result = subprocess.run(
            ["make", *arguments],
            cwd=self.root,
            env={"PATH": f"{self.tools}:{os.defpath}", "HOME": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert bool(result.returncode) == bool(status), result.stderr
        self.printed = result.stdout + result.stderr
        log = self.root / "log"
        steps = log.read_text(encoding="utf-8").split() if log.exists() else []
        log.unlink(missing_ok=True)
        return steps


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_it_is_set_up_once(checkout: Checkout) -> None:
    assert checkout.make("test") == ["venv", "pip"]
    assert checkout.make("test") == []
    assert checkout.make("check") == []
    assert checkout.make("test", "PYTHON=python3") == []
    assert checkout.make("test", "VERSION=0.2.0") == []


def test_a_uv_that_is_installed_is_used(checkout: Checkout) -> None:
    (checkout.tools / "uv").write_text('#!/bin/sh\necho "uv-$2" >> log\n', encoding="utf-8")
    (checkout.tools / "uv").chmod(0o755)

    assert checkout.make("test") == ["venv", "uv-sync", "uv-install"]


@pytest.mark.parametrize("file", ["requirements/dev.txt", "src/poc2prod/__init__.py"])
def test_new_requirements_or_a_new_version_are_installed(checkout: Checkout, file: str) -> None:
    checkout.make("test")
    later = (checkout.root / ".venv/.ready").stat().st_mtime + 5
    os.utime(checkout.root / file, (later, later))

    assert checkout.make("test") == ["venv", "pip"]


def test_an_interrupted_set_up_starts_again(checkout: Checkout) -> None:
    (checkout.tools / "uv").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (checkout.tools / "uv").chmod(0o755)
    assert checkout.make("test", status=2) == ["venv"]
    (checkout.tools / "uv").unlink()

    assert checkout.make("test") == ["venv", "pip"]


def test_a_moved_checkout_is_set_up_again(checkout: Checkout) -> None:
    checkout.make("test")
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))

    assert checkout.make("test") == ["venv", "pip"]


def test_a_python_that_is_gone_is_replaced(checkout: Checkout) -> None:
    checkout.make("test")
    (checkout.root / ".venv/bin/python").unlink()
    (checkout.root / ".venv/bin/python").symlink_to("/nowhere/python")

    assert checkout.make("test") == ["venv", "pip"]


def test_another_python_replaces_it_only_when_asked_for(checkout: Checkout) -> None:
    checkout.make("test")
    other = checkout.python("3.13.0", "python3.13")

    assert checkout.make("test", f"PYTHON={other}") == ["venv", "pip"]
    assert checkout.make("test") == []
    assert checkout.make("test", "PYTHON=python3") == ["venv", "pip"]


def test_an_old_python_is_refused_in_a_sentence(checkout: Checkout) -> None:
    checkout.python("3.10.9")

    assert checkout.make("test", status=2) == []
    assert (
        "poc2prod needs Python 3.11 or newer and python3 is 3.10: make PYTHON=/path/to/python\n"
        in checkout.printed
    )


def test_without_a_target_the_targets_are_listed(checkout: Checkout) -> None:
    assert checkout.make() == []
    assert "make demo " in checkout.printed
    assert "make test " in checkout.printed
