"""Measure what the data foundations cost beyond the libraries that do the work.

One million rows in eight Parquet files are read, worked on and written as Parquet, in one process
with one thread, warm: by the generated project, which casts and checks each row, sets aside those
that break the contract, counts, digests and syncs what it writes; and by a few lines of plain
Polars with ONNX Runtime (the same features, the same model, one run per file) or Pandera (the same
bounds). CPU seconds, and both in turn: neighbours on the machine disturb neither much. Each rate
must be at least 0.7 of the plain one's.

And memory: the peak of a process that scores a table with 100 times the rows of another.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
NEW = [sys.executable, "-m", "poc2prod", "new", "--defaults", "--template", str(ROOT)]
ROWS, FILES, REPETITIONS = 1_000_000, 8, 5
LEAST = 0.7

INSIDE = Path(__file__).with_name("data_inside.py")


def main() -> None:
    """Set up a project, measure in its environment, and print medians and ratios."""
    with TemporaryDirectory() as directory:
        project = Path(directory) / "demo-model"
        answers = ["-d", "latency=batch", "-d", "ci=none"]
        subprocess.run([*NEW, "--ref", "HEAD", *answers, str(project)], check=True)
        one = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPS_WORKERS"), "1")
        # Settings of this machine that would make NumPy slower or faster than it is.
        env = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")} | one
        make = ["make", "-C", str(project), "train", "evaluate", "register"]
        subprocess.run(make, check=True, capture_output=True, env=env)
        python = str(project / ".venv/bin/python")

        def inside(*arguments: object) -> dict[str, float]:
            command = [python, str(INSIDE), *map(str, arguments)]
            done = subprocess.run(command, cwd=project, env=env, check=True, stdout=subprocess.PIPE)
            measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
            return measured

        inside("write", ROWS, FILES)
        rounds = [inside("time") for _ in range(REPETITIONS)]
        peaks = {}
        for rows in (ROWS // 10, ROWS * 10):
            inside("write", rows, 1)
            peaks[rows] = inside("peak")["kilobytes"]
    taken = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    for name, seconds in taken.items():
        print(f"{name}: {ROWS / seconds:,.0f} rows a second of CPU time")
    for ours, plain in (("score", "plain ONNX Runtime"), ("validate", "plain Pandera")):
        print(f"{ours} / {plain}: {taken[plain] / taken[ours]:.2f}, must be {LEAST} or more")
    for rows, peak in peaks.items():
        print(f"score {rows:,} rows: {peak / 1024:.0f} MB of memory at most")
    print(f"100 times the rows: {peaks[ROWS * 10] / peaks[ROWS // 10]:.2f} times the memory")


if __name__ == "__main__":
    main()
