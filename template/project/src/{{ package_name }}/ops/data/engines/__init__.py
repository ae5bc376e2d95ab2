# Managed by poc2prod; extend with an engine of your own: a module here that has a `run`.
"""Engines that process partitions: a module here is one. They schedule, and know nothing else.

An engine may run a partition twice and in any order, and must name each one's record once. If a
worker dies, another does its partition; if that happens again and again, the run ends.
"""

import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ProjectError

if TYPE_CHECKING:
    from ..partitions import Partition, Record

# A partition that kills this many workers is not tried again: it needs more memory than they have.
ATTEMPTS = 4


@dataclass(frozen=True)
class Cluster:
    """Where an engine runs.

    Attributes:
        address: of a cluster that is there; None starts processes on this machine.
        workers: how many of these.
    """

    address: str | None
    workers: int


Work = Callable[["Partition"], "Record"]
Engine = Callable[[Work, Sequence["Partition"], Cluster], Iterator["Record"]]


def engine(name: str | None) -> Engine:
    """Return an engine's `run`; without a name, of the one that was asked for.

    Raises:
        ProjectError: this project has no such engine.
    """
    there = sorted(module.name for module in pkgutil.iter_modules(__path__))
    if name is None:
        name = next((other for other in there if other != "single"), "single")
    if name not in there:
        raise ProjectError(f"there is no engine {name}, only {', '.join(there)}: see `engine`")
    run: Engine = importlib.import_module(f"{__name__}.{name}").run
    return run


def cores() -> int:
    """Count the processors that this process may use, in a container too."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="utf-8").split()
        return max(1, min(count, int(quota) // int(period)))
    except (OSError, ValueError):  # no Linux, or no limit
        return count


def exhausted(partitions: Sequence["Partition"]) -> ProjectError:
    """Say that a partition's workers die."""
    return ProjectError(
        f"workers died {ATTEMPTS} times before {partitions[0].name} was done, probably for want of"
        " memory: start fewer (workers in settings.toml), or cut smaller (partition_rows)"
    )
