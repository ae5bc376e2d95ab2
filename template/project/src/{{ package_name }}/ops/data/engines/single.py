# Managed by poc2prod; extend with an engine of your own: a module here that has a `run`.
"""Processes partitions on this machine, in this process or in a few."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process

from ..partitions import Partition, Record
from . import ATTEMPTS, Cluster, Work, exhausted


def run(work: Work, partitions: Sequence[Partition], cluster: Cluster) -> Iterator[Record]:
    """Yield the record of each partition; with one worker, in this process.

    Raises:
        ProjectError: a partition failed, or workers die again and again.
    """
    if cluster.workers == 1:
        yield from map(work, partitions)
        return
    left = list(partitions)
    for _ in range(ATTEMPTS):
        for partition, record in _pool(work, left, cluster.workers):
            yield record
            left.remove(partition)
        if not left:
            return
    raise exhausted(left)


def _pool(
    work: Work, partitions: Sequence[Partition], workers: int
) -> Iterator[tuple[Partition, Record]]:
    """Yield what processes of a pool finish before one of them dies, which ends the others."""
    # Not forked: polars has threads, whose locks a fork would copy as they are.
    pool = ProcessPoolExecutor(
        min(workers, len(partitions)), mp_context=get_context("spawn"), initializer=_begin
    )
    try:
        futures = {pool.submit(work, partition): partition for partition in partitions}
        for future in as_completed(futures):
            try:
                record = future.result()
            except BrokenProcessPool:
                continue
            yield futures[future], record
    except BrokenProcessPool:  # while they were handed in
        return
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """End a worker with its run: at Ctrl-C in silence, and when the run is killed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
