"""What is installed from PyPI renders without a checkout and without a network."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from rendering import ROOT, render, tree


def build(kind: str, source: Path, into: Path) -> Path:
    """Build with the hatchling that is installed, so without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory"]
    subprocess.run([*command, str(into)], cwd=source, check=True, capture_output=True)
    (built,) = into.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_has_the_code_and_the_whole_template(wheel: Path, template: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    code = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    assert names == code | {f"poc2prod/_template/{name}" for name in tree(template)}


def test_the_source_archive_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    archive = build("sdist", ROOT, tmp_path)
    with tarfile.open(archive) as file:
        file.extractall(tmp_path / "sources", filter="data")
    (source,) = (tmp_path / "sources").iterdir()

    again = build("wheel", source, tmp_path)

    assert contents(again) == contents(wheel)


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_it_renders_where_there_is_no_checkout(
    wheel: Path, environment: dict[str, str], template: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps"]
    subprocess.run([*install, f"--python={python}", str(wheel)], env=environment, check=True)
    locate = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.check_output([python, "-c", locate], text=True).strip())
    # The dependencies are those of this process: to install them would need a network.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    work = tmp_path / "work"
    work.mkdir()
    command = [str(python.with_name("poc2prod")), "new", "demo", "--defaults"]
    result = subprocess.run(
        command, cwd=work, env=environment, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    assert tree(work / "demo") == tree(render(template, tmp_path / "expected" / "demo"))
    origin = "import poc2prod.template as t; print(t.bundled().root)"
    root = subprocess.check_output([python, "-c", origin], env=environment, text=True).strip()
    assert Path(root) == packages / "poc2prod" / "_template"
