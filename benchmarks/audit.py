"""Measure what `poc2prod audit` costs, in CPU seconds; neighbours hardly disturb these.

Two claims: the profile `fast`, which is all static checks, takes under a second beyond
`poc2prod --help`; and no longer than repo-review with as many checks on the same tree. Its checks
are as cheap as can be: each reads, as text, the files that poc2prod's check in its place is about.
Both are installed and compiled, each in an environment of its own, as `uv tool` would do it.

What each part takes, and what was done about it, is in docs/decisions/0010.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from poc2prod.audit.catalogue import load
from poc2prod.audit.files.tree import Tree

ROOT = Path(__file__).parents[1]
NEW = [sys.executable, "-m", "poc2prod", "new", "--defaults", "--template", str(ROOT)]
REPO_REVIEW = "repo-review[cli]==1.3.0"
REPETITIONS = 9

PLUGIN = '''\
"""As many checks for repo-review as poc2prod has, on the same files."""

import json
from pathlib import Path

FILES = json.loads((Path(__file__).parent / "files.json").read_text())


def checks():
    return {name: type(name, (), {"family": "x", "__doc__": name, "check": of(name)})()
            for name in FILES}


def of(name):
    def check(self, root) -> bool:
        return all([root.joinpath(file).read_text(encoding="utf-8") for file in FILES[name]])

    return check
'''


def cpu_seconds(command: list[str], env: dict[str, str]) -> float:
    """Return user and system time of a command, its git included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), (command, done.stdout, done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def installed(folder: Path, package: str) -> str:
    """Install a package into an environment of its own; return its interpreter."""
    uv, python = [sys.executable, "-m", "uv"], folder / "bin/python"
    subprocess.run([*uv, "venv", "--quiet", "-p", sys.executable, str(folder)], check=True)
    install = [*uv, "pip", "install", "--quiet", "--compile-bytecode", "-p", str(python)]
    subprocess.run([*install, package], check=True)
    return str(python)


def rival(folder: Path, project: Path) -> tuple[list[str], dict[str, str], int]:
    """Install repo-review with a plugin; return its command, its variables, how many checks."""
    python = installed(folder / "repo-review", REPO_REVIEW)
    tree = Tree(project)
    static = [check for check in load().checks.values() if check.profile == "fast"]
    # Names of five characters, as repo-review wants them.
    files = {
        f"P{number:03}": tree.matching(*check.paths, *check.documents)
        for number, check in enumerate(static, 100)
    }
    plugin, info = folder / "plugin", folder / "plugin/plugin-1.0.dist-info"
    info.mkdir(parents=True)
    (plugin / "many.py").write_text(PLUGIN, "utf-8")
    (plugin / "files.json").write_text(json.dumps(files), "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text("[repo_review.checks]\nmany = many:checks\n", "utf-8")
    command = [python, "-m", "repo_review", "--format", "json", str(project)]
    return command, {"PYTHONPATH": str(plugin)}, len(files)


def main() -> None:
    """Measure in turn, after one round to warm up, and print medians and ratios."""
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        project = folder / "demo-model"
        subprocess.run([*NEW, "--ref", "HEAD", str(project)], check=True, capture_output=True)
        poc2prod = [installed(folder / "poc2prod", str(ROOT)), "-m", "poc2prod"]
        audit = [*poc2prod, "audit", str(project), "--level", "L0"]
        other, env, count = rival(folder, project)
        plain = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        commands = {
            "poc2prod --help": ([*poc2prod, "--help"], plain),
            "poc2prod audit --profile fast": (audit, plain),
            "repo-review": (other, {**plain, **env}),
        }
        rounds = [
            {name: cpu_seconds(*command) for name, command in commands.items()}
            for _ in range(REPETITIONS + 1)
        ]
    taken = {name: statistics.median(run[name] for run in rounds[1:]) for name in commands}
    for name, seconds in taken.items():
        print(f"{name}: {seconds * 1000:.0f} ms of CPU time")
    helped, fast, reviewed = taken.values()
    print(f"fast beyond --help: {(fast - helped) * 1000:.0f} ms, must be under 1000")
    print(f"fast / --help: {fast / helped:.1f}")
    print(f"{count} static checks / repo-review with {count}: {fast / reviewed:.2f}")


if __name__ == "__main__":
    main()
