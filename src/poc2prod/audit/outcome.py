"""What a check can come to, and what it saw."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Self


class Status(StrEnum):
    """The nine statuses. Only PASS is green, and WAIVED never becomes it."""

    PASS = "PASS"  # noqa: S105  # no password
    FAIL = "FAIL"
    STUB = "STUB"
    """It is there as generated, or says nothing yet."""
    STALE = "STALE"
    """It was shown once, for something that has changed since or too long ago."""
    MISSING = "MISSING"
    """There is nothing to examine."""
    UNKNOWN = "UNKNOWN"
    """It can't be examined here: a tool, a right or a part of the history is missing."""
    WAIVED = "WAIVED"
    NA = "NA"
    """It does not apply to these answers."""
    ERROR = "ERROR"
    """The probe itself failed."""


class Location(NamedTuple):
    """A place in the repository: a path relative to its root, and a line from 1, 0 for none."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Evidence(NamedTuple):
    """A file that a probe relied on, or what it computed: its name and SHA-256."""

    name: str
    sha256: str


class Outcome(NamedTuple):
    """What a probe found.

    Attributes:
        status: what it comes to.
        message: why, in one sentence that names the thing and the place.
        examined: how many things were looked at; a PASS that examined nothing becomes MISSING.
        value: what was measured, where it is one figure or phrase.
        threshold: what it was held against.
        evidence: the files relied on.
        locations: where to look; the first is where a reviewer is sent.
    """

    status: Status
    message: str
    examined: int = 0
    value: float | int | str | None = None
    threshold: float | int | str | None = None
    evidence: tuple[Evidence, ...] = ()
    locations: tuple[Location, ...] = ()

    def but(self, status: Status, message: str) -> Self:
        """Return it with another verdict and the same evidence."""
        return self._replace(status=status, message=message)


def passed(message: str, examined: int, **more: object) -> Outcome:
    """Return PASS."""
    return Outcome(Status.PASS, message, examined, **more)  # type: ignore[arg-type]


def failed(message: str, *locations: Location, examined: int = 1, **more: object) -> Outcome:
    """Return FAIL."""
    return Outcome(Status.FAIL, message, examined, locations=locations, **more)  # type: ignore[arg-type]


def missing(message: str, *locations: Location) -> Outcome:
    """Return MISSING: there was nothing to examine."""
    return Outcome(Status.MISSING, message, locations=locations)


def stub(message: str, *locations: Location, examined: int = 1) -> Outcome:
    """Return STUB: what is there was generated, or says nothing."""
    return Outcome(Status.STUB, message, examined, locations=locations)


def stale(message: str, *locations: Location, examined: int = 1) -> Outcome:
    """Return STALE: what is there was shown for something else, or too long ago."""
    return Outcome(Status.STALE, message, examined, locations=locations)


def unknown(message: str) -> Outcome:
    """Return UNKNOWN; the message says what to install or to allow."""
    return Outcome(Status.UNKNOWN, message)
