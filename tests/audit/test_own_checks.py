"""An organisation's own checks: the documented example, really installed, and broken ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rendering import ROOT, render
from wheels import this_poc2prod

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = ROOT / "docs/examples/acme-checks"
CATALOGUE = "src/acme_checks/catalogue/acme.yaml"
SUPPORT = "Write to desk@acme.example.\n"


class Installed:
    """An environment with poc2prod, in which packages of checks come and go."""

    def __init__(self, root: Path) -> None:
        self.root = root
        venv.create(root / "venv", symlinks=True)
        self.python = root / "venv/bin/python"
        self.install(this_poc2prod(root))

    def install(self, package: str | Path) -> None:
        # Without a network: what builds it and what it needs are there.
        options = ["--quiet", "--offline", "--no-deps", "--no-build-isolation", "--reinstall"]
        command = [sys.executable, "-m", "uv", "pip", "install", f"--python={self.python}"]
        done = subprocess.run(
            [*command, *options, "--no-cache", str(package)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [str(self.python.with_name("poc2prod")), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=self.root, check=False)

    def result(self, project: Path) -> dict[str, Any]:
        done = self.run("audit", project, "--format", "json")
        assert done.returncode in (0, 1), done.stderr
        (found,) = [r for r in json.loads(done.stdout)["results"] if r["id"] == "ACME-01"]
        return found  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def acme(installed: Installed, tmp_path: Path) -> Callable[[str, str], Installed]:
    """Install the example with a file of it changed: what stood there, and what does now."""

    def change(path: str, text: str) -> Installed:
        package = tmp_path / "acme-checks"
        shutil.copytree(EXAMPLE, package, ignore=shutil.ignore_patterns("__pycache__"))
        if path:
            (package / path).write_text(text, encoding="utf-8")
        installed.install(package)
        return installed

    return change


def test_the_example_is_a_check_like_any_other(
    acme: Callable[[str, str], Installed], template: Path, tmp_path: Path
) -> None:
    cli = acme("", "")
    project = render(template, tmp_path / "pumps")

    assert cli.result(project)["status"] == "MISSING"
    for text, status in (("Nobody.\n", "FAIL"), (SUPPORT, "PASS"), ("", "FAIL")):
        (project / "SUPPORT.md").write_text(text, encoding="utf-8")
        found = cli.result(project)
        assert (found["status"], found["severity"]) == (status, "minor")
    (project / "SUPPORT.md").write_text(f"{SUPPORT}<!-- poc2prod:fill phone -->\n", "utf-8")
    assert cli.result(project)["status"] == "STUB"
    assert cli.result(render(template, tmp_path / "batch", {"latency": "batch"}))["status"] == "NA"

    assert "ACME-01  minor / major / blocker" in cli.run("audit", "--list").stdout
    explained = cli.run("explain", "acme-01").stdout
    assert "The service desk has to know whom to call." in explained
    assert "acme_checks" in explained


def test_its_probe_is_short() -> None:
    code = (EXAMPLE / "src/acme_checks/probes/support.py").read_text(encoding="utf-8")
    assert len(code.partition("def ")[2].splitlines()) <= 15


GOOD = (EXAMPLE / CATALOGUE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (
            "src/acme_checks/__init__.py",
            "raise RuntimeError('no\\nlicence')\n",
            "the checks of acme_checks can't be read: RuntimeError: no licence",
        ),
        (
            "src/acme_checks/__init__.py",
            "import acme_base\n",
            "the checks of acme_checks can't be read: ModuleNotFoundError: No module named",
        ),
        (CATALOGUE, "ACME-01: [\n", "acme_checks: acme.yaml: "),
        (CATALOGUE, "- ACME-01\n", "acme_checks: acme.yaml: expected a mapping of ids to checks"),
        (CATALOGUE, "1: {}\n", "acme_checks: acme.yaml: 1: an id is text"),
        (CATALOGUE, "ACME-01: {}\n", "acme_checks: acme.yaml: ACME-01: 'severity' is missing"),
        (CATALOGUE, GOOD.replace("ACME-01", "KPI-01"), "poc2prod.audit has a check KPI-01 too"),
        (CATALOGUE, GOOD.replace("major,", "dire,"), "ACME-01: severity: 'dire' is none of off, "),
        (CATALOGUE, GOOD.replace("{acme: policy 17}", "[17]"), "ACME-01: 'list' object has no"),
        (CATALOGUE, GOOD.replace("use_service", "run()"), "ACME-01: 'run()' is no condition"),
        (CATALOGUE, GOOD.replace("title", "titel"), "ACME-01: "),
    ],
)
def test_a_broken_package_is_one_clear_line(
    acme: Callable[[str, str], Installed], tmp_path: Path, path: str, text: str, said: str
) -> None:
    cli = acme(path, text)
    (tmp_path / "empty").mkdir()

    for arguments in (["audit", tmp_path / "empty"], ["audit", "--list"]):
        done = cli.run(*arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("Error: ")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
        assert "bug" not in done.stderr


@pytest.mark.parametrize(
    "change", [("def contact", "def other"), ("return passed(", "return 1/0#(")]
)
def test_a_probe_that_fails_is_an_error_of_its_check_alone(
    acme: Callable[[str, str], Installed], template: Path, tmp_path: Path, change: tuple[str, str]
) -> None:
    path = "src/acme_checks/probes/support.py"
    cli = acme(path, (EXAMPLE / path).read_text(encoding="utf-8").replace(*change))
    project = render(template, tmp_path / "pumps")
    (project / "SUPPORT.md").write_text(SUPPORT, encoding="utf-8")

    done = cli.run("audit", project, "--format", "json")

    assert done.returncode == 3
    statuses = {each["id"]: each["status"] for each in json.loads(done.stdout)["results"]}
    assert statuses["ACME-01"] == "ERROR"
    assert list(statuses.values()).count("ERROR") == 1


def test_nothing_of_it_is_installed_here() -> None:
    assert not list(Path(sysconfig.get_path("purelib")).glob("acme*"))
