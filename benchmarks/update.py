"""Measure what `poc2prod update` and `poc2prod status` cost, against Copier's own commands.

Both update the default project of the oldest release to the newest, and are asked about that of the
newest, off-line, in turn. CPU time and not wall time: neighbours on the machine disturb neither
much nor one more than the other.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from poc2prod import releases
from poc2prod.template import CANONICAL_URL

COMMANDS = {
    "poc2prod update": ["poc2prod", "update", "--defaults"],
    "copier update": ["copier", "update", "--defaults", "--answers-file", ".poc2prod/answers.yaml"],
    "poc2prod status": ["poc2prod", "status"],
    "copier check-update": ["copier", "check-update", "--answers-file", ".poc2prod/answers.yaml"],
}


def environment(home: Path) -> dict[str, str]:
    """Variables that lead Copier to the releases in this checkout, and to nobody's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    identity = {
        f"GIT_{role}_{part}": "benchmark@example.invalid"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    }
    return {
        **kept,
        **identity,
        "HOME": str(home),
        "COPIER_CACHE_DIR": str(home / "mirrors"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{releases.BUNDLE}.insteadOf",
        "GIT_CONFIG_VALUE_0": CANONICAL_URL,
    }


def cpu_seconds(module: str, *arguments: str, cwd: Path, env: dict[str, str]) -> float:
    """Return user and system time of one `python -m module arguments`, its git included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 2):  # 2: Copier says that an update is there
        raise SystemExit(f"{module} {' '.join(arguments)}: {done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medians(repetitions: int) -> dict[str, float]:
    """Return each command's median of `repetitions` runs, in seconds, after one to warm up."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        env = environment(home)
        versions = releases.versions()
        for version in (versions[0], versions[-1]):
            new = ("new", str(version), "--defaults", "--ref", str(version))
            cpu_seconds("poc2prod", *new, cwd=home, env=env)
        runs = []
        for _ in range(repetitions + 1):
            run = {}
            for name, (module, *arguments) in COMMANDS.items():
                copy = home / "copy"
                version = versions[0] if arguments[0] == "update" else versions[-1]
                shutil.copytree(home / str(version), copy)
                subprocess.run(["git", "status"], cwd=copy, check=True, capture_output=True)
                run[name] = cpu_seconds(module, *arguments, cwd=copy, env=env)
                shutil.rmtree(copy)
            runs.append(run)
    return {name: statistics.median(run[name] for run in runs[1:]) for name in COMMANDS}


if __name__ == "__main__":
    measured = medians(repetitions=int(sys.argv[1]) if sys.argv[1:] else 7)
    for command, seconds in measured.items():
        print(f"{command}: {seconds * 1000:.0f} ms of CPU time")
    print(f"update, ratio: {measured['poc2prod update'] / measured['copier update']:.2f}")
    print(f"status, ratio: {measured['poc2prod status'] / measured['copier check-update']:.3f}")
