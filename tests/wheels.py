"""Wheels that a workflow can install instead of the newest poc2prod, without a network."""

from __future__ import annotations

import os
import sysconfig
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from rendering import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bundles import Bundle

SOURCE = ROOT / "src"
# A hostile one: repositories may hold anything, and so may its report.
REPORT = """\
demo-9.9.9: poc2prod 0.1.0 → 0.2.0
```
$(touch pwned) `touch pwned` ${{ github.token }} @somebody "'
``````
::set-output name=result::nothing
"""


def release(
    folder: Path,
    changes: Mapping[str, str | None],
    status: int = 0,
    *,
    conflicts: tuple[str, ...] = (),
    report: str = REPORT,
) -> str:
    """Make a wheel that the workflow can install; return what pip gets.

    Its `poc2prod update` stands in for the real one: it prints the report, writes or deletes files,
    leaves `conflicts` unmerged in git's index and exits with `status`.
    """
    code = f"""
import pathlib, subprocess, sys

def main():
    assert sys.argv[1:] == ["update", "--defaults"], sys.argv
    sys.stdout.write({report!r})
    for name, text in {dict(changes)!r}.items():
        path = pathlib.Path(name)
        path.unlink() if text is None else path.write_text(text)
    for name in {conflicts!r}:
        blob = subprocess.check_output(["git", "hash-object", "-w", name], text=True).strip()
        stages = "".join(f"100644 {{blob}} {{stage}}\\t{{name}}\\n" for stage in (1, 2, 3))
        subprocess.run(["git", "rm", "--quiet", "--cached", name], check=True)
        subprocess.run(["git", "update-index", "--index-info"], input=stages, text=True, check=True)
    sys.exit({status})
"""
    return wheel(folder, {"poc2prod.py": code}, "poc2prod:main")


def audits(folder: Path, status: int) -> str:
    """Make a wheel whose audit writes its reports and ends with `status`; return what pip gets."""
    code = f"""
import pathlib, sys

def main():
    assert sys.argv[1] == "audit", sys.argv
    pathlib.Path("build").mkdir(exist_ok=True)
    for number, word in enumerate(sys.argv):
        if word == "--output":
            pathlib.Path(sys.argv[number + 1]).write_text("of the audit")
    sys.exit({status})
"""
    return wheel(folder, {"poc2prod.py": code}, "poc2prod:main")


def wheel(folder: Path, files: Mapping[str, str | Path], main: str) -> str:
    """Pack files, or what is at a path, as a distribution whose command is `main`."""
    packed = folder / "poc2prod-0.2.0-py3-none-any.whl"
    about = "poc2prod-0.2.0.dist-info"
    information = {
        "METADATA": "Name: poc2prod\nVersion: 0.2.0\n",
        "WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
        "RECORD": "",
        "entry_points.txt": f"[console_scripts]\npoc2prod = {main}\n",
    }
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in {
            **files,
            **{f"{about}/{name}": text for name, text in information.items()},
        }.items():
            archive.writestr(name, source if isinstance(source, str) else source.read_bytes())
    return str(packed)


def packaged() -> dict[str, Path]:
    """Return path → file of all that the packages hold, through links into the template too."""
    return {
        path.relative_to(SOURCE).as_posix(): path
        for folder, _, names in os.walk(SOURCE, followlinks=True)
        for path in (Path(folder, name) for name in names)
        if "__pycache__" not in path.parts
    }


def this_poc2prod(folder: Path, bundle: Bundle | None = None) -> str:
    """Make a wheel of this checkout, with the releases in `bundle`; return what pip gets."""
    return wheel(
        folder,
        {
            **packaged(),
            "poc2prod/history.yaml": bundle.history if bundle else ROOT / "template/history.yaml",
            **({"poc2prod/releases.bundle": bundle.file} if bundle else {}),
            # The dependencies are those of this process: to install them would need a network.
            "dependencies.pth": sysconfig.get_path("purelib") + "\n",
        },
        "poc2prod.__main__:main",
    )
