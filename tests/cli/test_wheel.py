"""What is installed from PyPI renders without a checkout and without a network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pathspec import GitIgnoreSpec

from bundles import git
from poc2prod import releases
from poc2prod.audit.catalogue import load
from poc2prod.explain import explanation
from poc2prod.project import OWNERSHIP, Ownership
from rendering import ROOT, render, tree
from wheels import packaged

if TYPE_CHECKING:
    from collections.abc import Callable

    from poc2prod.releases import Version


def build(kind: str, source: Path, into: Path) -> Path:
    """Build with the hatchling that is installed, so without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory"]
    subprocess.run([*command, str(into)], cwd=source, check=True, capture_output=True)
    (built,) = into.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_has_the_code_the_releases_and_their_history(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = {name for name in file.namelist() if ".dist-info/" not in name}
        history = file.read("poc2prod/history.yaml")

    assert names == packaged().keys() | {"poc2prod/history.yaml"}
    for name in ("ops/columns.py", "ops/kpi/rules.py", "audit/catalogue/1-success.yaml"):
        assert f"poc2prod/{name}" in names
    assert history == (ROOT / "template/history.yaml").read_bytes()


def test_the_source_archive_builds_the_same_wheel(
    archive: Path, wheel: Path, tmp_path: Path
) -> None:
    assert contents(rebuilt(archive, tmp_path)) == contents(wheel)


def rebuilt(archive: Path, into: Path) -> Path:
    """Build a wheel from a source archive, where there is no checkout."""
    with tarfile.open(archive) as file:
        assert not [member.name for member in file if member.islnk() or member.issym()]
        file.extractall(into / "sources", filter="data")
    (source,) = (into / "sources").iterdir()
    return build("wheel", source, into)


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment in which nothing is installed but the wheel."""
    return environment_with(wheel, tmp_path_factory)


def environment_with(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(root, symlinks=True)
    python = root / "bin" / "python"
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"]
    subprocess.run([*install, f"--python={python}", str(wheel)], check=True)
    locate = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.check_output([python, "-c", locate], text=True).strip())
    # The dependencies are those of this process: to install them would need a network.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def without_network() -> list[str]:
    """Return what to put before a command so that it has no network, where that is permitted."""
    isolate = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare"):
        return []
    permitted = subprocess.run([*isolate, "true"], capture_output=True, check=False)
    return [] if permitted.returncode else isolate


@pytest.fixture
def run(installed: Path, environment: dict[str, str], tmp_path: Path) -> Callable[..., str]:
    """Run what is installed where there is neither a checkout nor a network."""

    def command(*arguments: str) -> str:
        result = subprocess.run(
            [*without_network(), str(installed.with_name("poc2prod")), *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout

    return command


def test_it_generates_and_explains_the_newest_release(
    run: Callable[..., str], tmp_path: Path
) -> None:
    run("new", "demo", "--defaults")
    newest = releases.versions()[-1]
    with releases.checkout(newest) as root:
        assert run("explain", "latency") == explanation(root, "latency") + "\n"
        shutil.rmtree(root / ".git")
        expected = tree(render(root, tmp_path / "expected" / "demo"))
    generated = tree(tmp_path / "demo")
    record = ".poc2prod/answers.yaml"
    assert f"\n_commit: {newest.tag}\n".encode() in generated[record]
    for path in (record, OWNERSHIP):  # which has the digest of the other
        assert generated.pop(path) != expected.pop(path)
    assert generated == expected


@pytest.mark.parametrize("steps", [releases.versions(), releases.versions()[-1:]], ids=len)
def test_it_updates_a_project_of_the_oldest_release(
    run: Callable[..., str], tmp_path: Path, steps: list[Version]
) -> None:
    oldest, newest = str(releases.versions()[0]), str(releases.versions()[-1])
    run("new", "demo", "--defaults", "--ref", oldest)
    run("new", "fresh/demo", "--defaults")
    project = tmp_path / "demo"
    for version in steps:
        was = json.loads(run("status", "demo", "--json"))
        before = everything(project)
        planned = run("update", "demo", "--defaults", "--to", str(version), "--dry-run")
        assert everything(project) == before
        done = run("update", "demo", "--defaults", "--to", str(version))
        # Only what is there can be audited, so a plan does not say how it will stand.
        report = re.sub("; today you would be .*", "", done)
        assert planned.partition("\n\nNothing")[0] == report.partition("\n\nNext")[0]
        git(project, "commit", "--quiet", "--allow-empty", "--message", str(version))
        now = json.loads(run("status", "demo", "--json"))
        assert (was["newest"], now["version"]) == (newest, str(version))
        assert (
            len(now["newer"]) == len(releases.versions()) - releases.versions().index(version) - 1
        )

    owned = GitIgnoreSpec.from_lines(Ownership.read(project / OWNERSHIP).yours)
    updated, fresh = (
        {path: content for path, content in tree(root).items() if not owned.match_file(path)}
        for root in (project, tmp_path / "fresh/demo")
    )
    assert updated == fresh


def test_a_wheel_built_from_the_source_archive_audits(
    archive: Path,
    tmp_path_factory: pytest.TempPathFactory,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    python = environment_with(rebuilt(archive, tmp_path), tmp_path_factory)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*without_network(), str(python.with_name("poc2prod")), *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("new", "demo", "--defaults").returncode == 0
    done = run("audit", "demo", "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    results = {result["id"]: result for result in json.loads(done.stdout)["results"]}
    # The contract's rules came along: they name what only people know.
    assert results["KPI-01"]["status"] == "STUB"
    assert "ERROR" not in {result["status"] for result in results.values()}
    listed = run("audit", "--list", "--json")
    assert {check["id"] for check in json.loads(listed.stdout)} == load().checks.keys()


def everything(root: Path) -> dict[str, bytes]:
    """Return path → contents of all files under `root`, git's too."""
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_it_reads_its_own_history(installed: Path, environment: dict[str, str]) -> None:
    script = "from poc2prod import releases as r; print(r.BUNDLE, r.HISTORY, *r.history(), sep='|')"
    output = subprocess.check_output([installed, "-c", script], env=environment, text=True)

    bundle, history, *entries = output.strip().split("|")
    folder = Path(bundle).parent
    assert folder.is_relative_to(installed.parents[1])
    assert Path(history) == folder / "history.yaml"
    assert entries == [str(entry) for entry in releases.history()]
