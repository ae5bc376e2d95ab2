"""Points, readiness and levels. There is no weighted average: the weakest step is what counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from poc2prod.audit.catalogue import STEPS
from poc2prod.audit.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from poc2prod.audit.engine import Audit, Result

Level = Literal["L0", "L1", "L2", "L3", "L4"]
LEVELS: tuple[Level, ...] = get_args(Level)

OPENS = {
    "L0": "local work on sample data",
    "L1": "shared development and internal demonstrations",
    "L2": "shadow traffic",
    "L3": "canary, then all traffic",
    "L4": "staying in production",
}
MEANS = {
    "L0": "generated",
    "L1": "hardened proof of concept",
    "L2": "pilot",
    "L3": "production",
    "L4": "operated",
}
MOST_WAIVED = 3
READINESS = {"L0": 0.0, "L1": 2.0, "L2": 2.0, "L3": 4.0, "L4": 5.0}
_MAJORS = 0.8
_PASSES: dict[Level, tuple[str, ...]] = {
    "L0": ("AUD-03",),
    "L1": (),
    "L2": ("REL-02", "MON-01", "MON-02", "MON-04", "PRV-01", "PRV-02"),
    "L3": ("KPI-05", "ORG-03", "ORG-05"),
    "L4": ("VAL-01", "VAL-02", "VAL-03", "VAL-04", "INF-08"),
}
"""Checks that a level asks for by name; one that is in no catalogue yet keeps the level shut."""


class Score(NamedTuple):
    """A step's score.

    Attributes:
        step: 1 to 7.
        points: 1 for each PASS with executed or measured evidence, 0.5 for any other PASS.
        applicable: how many checks apply and were run.
        value: 7 · points / applicable; None where nothing applies, which is not a good sign.
    """

    step: int
    points: float
    applicable: int

    @property
    def value(self) -> float | None:
        """The score, from 0 to 7."""
        return 7 * self.points / self.applicable if self.applicable else None


def scores(results: Sequence[Result]) -> list[Score]:
    """Score each step."""
    found = []
    for step in filter(None, STEPS):
        counted = [r for r in results if r.check.step == step and r.status is not Status.NA]
        found.append(Score(step, sum(map(points, counted)), len(counted)))
    return found


def points(result: Result) -> float:
    """Return what a result is worth."""
    if result.status is not Status.PASS:
        return 0.0
    return 1.0 if result.check.kinds[0] in ("executed", "measured") else 0.5


def readiness(results: Sequence[Result]) -> float | None:
    """Return the lowest score of a step; None where nothing applies."""
    return min((s.value for s in scores(results) if s.value is not None), default=None)


def covered(results: Sequence[Result]) -> float:
    """Return the share of the applicable checks that could be examined at all."""
    applicable = [r for r in results if r.status is not Status.NA]
    seen = [r for r in applicable if r.status not in (Status.UNKNOWN, Status.ERROR, Status.MISSING)]
    return len(seen) / len(applicable) if applicable else 0.0


def reached(audit: Audit) -> Level | None:
    """Return the highest level that the audit shows; None for not even L0."""
    best = None
    for level in LEVELS:
        if unmet(audit, level) or (level != "L0" and not audit.complete):
            break
        best = level
    return best


def unmet(audit: Audit, target: Level) -> list[str]:
    """Say what keeps a repository from a level, one line each.

    Checks that the profile left out are not held against it; `reached` claims nothing without them.
    """
    lines: dict[str, None] = {}
    for level in LEVELS[: LEVELS.index(target) + 1]:
        lines.update(dict.fromkeys(_unmet(audit, level)))
    return list(lines)


def _unmet(audit: Audit, level: Level) -> Iterator[str]:
    by_id = {result.check.id: result for result in audit.results}
    for name in _PASSES[level]:
        if name in by_id:
            if not _fine(by_id[name]):
                yield _line(by_id[name])
        elif name not in audit.left:
            yield f"{name}: this catalogue does not have it yet"
    yield from (_line(r) for r in audit.results if r.blocks and level in _levels(r))
    if level not in ("L0", "L1"):
        yield from _unclean(audit)
    waived = [r for r in audit.results if r.status is Status.WAIVED and r.severity == "blocker"]
    if level != "L0" and len(waived) > MOST_WAIVED:
        yield f"{len(waived)} blockers are waived, and at most {MOST_WAIVED} may be"
    if level in ("L3", "L4"):
        majors = [r for r in audit.results if r.severity == "major" and r.status is not Status.NA]
        passed = sum(r.status is Status.PASS for r in majors)
        if majors and passed < _MAJORS * len(majors):
            yield f"{passed} of {len(majors)} major checks pass, and {_MAJORS:.0%} must"
    low = readiness(audit.results)
    if audit.complete and low is not None and low < READINESS[level]:
        yield f"readiness is {low:.1f}, and {level} needs {READINESS[level]:.0f}"


def _unclean(audit: Audit) -> Iterator[str]:
    if audit.dirty:
        yield "files differ from the commit: commit them"
    yield from (f"{path} is of a dirty tree: measure again" for path in audit.unclean)


def _levels(result: Result) -> tuple[Level, ...]:
    """Return the levels that a blocker's failure shuts, besides those above them."""
    if result.status is Status.ERROR:
        return LEVELS
    kinds = {"static", "executed"} if result.check.step else {"static", "executed", "measured"}
    first = "L1" if result.check.kinds[0] in kinds else "L2"
    first = "L3" if result.check.kinds[0] == "attested" else first
    return LEVELS[LEVELS.index(first) :]


def _fine(result: Result) -> bool:
    return result.status in (Status.PASS, Status.NA) or (
        result.status is Status.WAIVED and result.waiver is not None
    )


def _line(result: Result) -> str:
    return f"{result.check.id} {result.status}: {result.outcome.message}"
