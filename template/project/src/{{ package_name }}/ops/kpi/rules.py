# Managed by poc2prod; extend in kpi-contract.yaml.
"""The rules that a schema can't say."""

from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple

from .document import Place
from .model import KpiContract


class Issue(NamedTuple):
    """A rule that is broken, where, and what to do about it."""

    place: Place
    message: str
    fix: str
    kind: Literal["error", "warning"] = "error"


def judge(contract: KpiContract, digest: str, today: date | None) -> Iterator[Issue]:
    """Yield what breaks a rule; with a day, what is due by then too."""
    yield from ()
