# Managed by poc2prod; extend in a module of your own that imports it.
"""What a person at a terminal sees: progress on stderr, results on stdout."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

_stderr = Console(stderr=True, highlight=False)


class Counter:
    """Counts rows, and shows them while they pass."""

    def __init__(self, title: str, status: Status) -> None:
        self.total = 0
        self._title = title
        self._status = status

    def __call__(self, rows: int) -> None:
        """Count some more."""
        self.total += rows
        self._status.update(f"{self._title}: {self.total:,}")


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show that something is under way, then how long it took."""
    with counter(title):
        yield


@contextmanager
def counter(title: str) -> Iterator[Counter]:
    """Show how many rows something has done, then how long it took."""
    started = time.perf_counter()
    with _stderr.status(f"{title} …") as status:
        count = Counter(title, status)
        yield count
    rows = f": {count.total:,}" if count.total else ""
    _stderr.print(f"{title}{rows} [dim]{time.perf_counter() - started:.1f} s[/dim]")


def say(message: str) -> None:
    """Tell a person something, once."""
    _stderr.print(message, markup=False)
