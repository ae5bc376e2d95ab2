"""Measure what `poc2prod --help` costs, against `copier --help`, in CPU seconds.

CPU time and not wall time, and the two commands in turn: neighbours on the machine disturb neither
much nor one more than the other.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

COMMANDS = ("poc2prod", "copier")


def cpu_seconds(module: str) -> float:
    """Return user and system time of one `python -m module --help`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", module, "--help"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medians(repetitions: int) -> dict[str, float]:
    """Return each command's median of `repetitions` runs, in seconds, after one to warm up."""
    runs = [{module: cpu_seconds(module) for module in COMMANDS} for _ in range(repetitions + 1)]
    return {module: statistics.median(run[module] for run in runs[1:]) for module in COMMANDS}


if __name__ == "__main__":
    measured = medians(repetitions=15)
    for command, seconds in measured.items():
        print(f"{command} --help: {seconds * 1000:.0f} ms of CPU time")
    print(f"ratio: {measured['poc2prod'] / measured['copier']:.2f}")
