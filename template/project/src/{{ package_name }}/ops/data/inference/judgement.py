# Managed by poc2prod; extend in data-contract.yaml, which infer proposes.
"""What each column is for: an input, or why not. Everything is a proposal, and is said aloud."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .facts import MOST_VALUES, Facts
from .leakage import leak
from .personal import Suspicion, suspicion
from .target import Target

_ID = re.compile(
    r"(?i:(.*[\W_])?(ids?|uuid|guid|key|index|idx|row|udi|uid|nr|serial(_?(no|number))?|column_1))"
    r"|.*[a-z]I[Dd]"
)
_KEY = re.compile(r"(?i:(.*[\W_])?(id|uuid|guid|uid|udi))|.*[a-z]I[Dd]")
_THINGS = re.compile(
    r"(machine|device|unit|asset|pump|sensor|engine|turbine|station|store|shop|patient|customer"
    r"|subject|person|participant|user|account|vehicle|animal|individual|household|client|employee)"
    r"([\W_]*(id|no|nr|number|code|name))?",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"time|date|timestamp|created|measured|observed|recorded|datum|zeit", re.IGNORECASE
)
_UNIQUE = 0.95
_FEWEST_ROWS = 20
_FEWEST_TIMES = 20
_FEWEST_THINGS = 10
_ROWS_EACH = 1.5
_MOST_NULLS = 0.8
_CLOSED_ROWS = 3
_CLOSED_VALUES = 30
_OWN_FEATURE = 20


@dataclass(frozen=True)
class Judged:
    """A column and what it is for.

    Attributes:
        role: of the contract.
        because: why it is no input.
        closed: of a text: whether only the values that were seen are allowed.
        shown: of a text that is an input: the values that have a feature each.
        flag: what a person has to confirm.
    """

    facts: Facts
    role: str
    because: str | None = None
    personal: Suspicion | None = None
    closed: bool = False
    shown: tuple[str, ...] = ()
    key: bool = False
    flag: str | None = None

    @property
    def name(self) -> str:
        """The column's name."""
        return self.facts.name


def judge(columns: Mapping[str, Facts], target: Target) -> list[Judged]:
    """Say what each column but the target is for, in the order of the table."""
    found = [_one(each, target) for name, each in columns.items() if name != target.name]
    if not any(each.role == "input" for each in found):
        # Better a suspicious model than none: the suspicion is still said.
        found = [
            _as_input(each.facts, each.flag)
            if each.flag and not each.personal and each.facts.kind != "timestamp"
            else each
            for each in found
        ]
    return _with_time(_with_entity(found))


def without(found: list[Judged], role: str, because: str) -> list[Judged]:
    """Take a role away."""
    return [
        replace(each, role="context", because=because) if each.role == role else each
        for each in found
    ]


def _one(found: Facts, target: Target) -> Judged:
    suspected = suspicion(found)
    if suspected is not None:
        flag = f"personal data? ({suspected.category}, by {suspected.because})"
        return Judged(found, "context", "maybe personal", suspected, flag=flag)
    if found.distinct == 1:
        return Judged(found, "context", f"always {found.values.drop_nulls()[0]!s:.40}")
    if _identifies(found):
        # A row number begins anew in the next file, where it would make other rows copies.
        key = found.distinct == len(found.values) and _KEY.fullmatch(found.name) is not None
        return Judged(found, "context", "an identifier: almost every row has its own", key=key)
    if found.kind == "timestamp":
        return Judged(found, "context", "a time")
    leaking = leak(found, target)
    if leaking:
        flag = f"{leaking}: is it known when a prediction is made?"
        return Judged(found, "context", leaking, flag=flag)
    if found.null_share > _MOST_NULLS:
        return Judged(found, "context", "hardly ever there")
    if found.kind == "string":
        judged = _as_input(found)
        if not judged.shown:
            return Judged(found, "context", f"{found.distinct:,} different texts")
        return judged
    return Judged(found, "input")


def _as_input(found: Facts, flag: str | None = None) -> Judged:
    shown, closed = _shown(found)
    return Judged(found, "input", closed=closed, shown=shown, flag=flag)


def _identifies(found: Facts) -> bool:
    if found.rows < _FEWEST_ROWS or found.unique_share < _UNIQUE:
        return False
    if found.kind == "string":
        return True
    if found.kind != "integer":
        return False
    dense = found.high - found.low < 1.1 * found.rows
    return dense or _ID.fullmatch(found.name) is not None


def _shown(found: Facts) -> tuple[tuple[str, ...], bool]:
    """Which texts have a feature each, and whether there may be others."""
    if found.kind != "string" or not found.counts or found.distinct > MOST_VALUES:
        return (), False
    rows = min(found.counts.values())
    if rows >= _CLOSED_ROWS and found.distinct <= _CLOSED_VALUES:
        return tuple(sorted(found.counts)), True
    least = max(_CLOSED_ROWS, 0.01 * found.rows)
    if sum(times for times in found.counts.values() if times >= least) < found.rows / 2:
        return (), False
    often = [text for text, times in found.counts.items() if times >= least][:_OWN_FEATURE]
    return tuple(sorted(often)), False


def _with_entity(found: list[Judged]) -> list[Judged]:
    """Propose the thing that rows are about, of which no two parts of the split may share one."""
    for number, each in enumerate(found):
        facts = each.facts
        named = _THINGS.fullmatch(each.name) or _ID.fullmatch(each.name)
        if (
            named
            and facts.kind in ("string", "integer")
            and not facts.nulls
            and each.personal is None
            and facts.distinct >= _FEWEST_THINGS
            and facts.rows >= _ROWS_EACH * facts.distinct
        ):
            judged = Judged(facts, "entity", "what rows are about: no two parts share one")
            return [*found[:number], judged, *found[number + 1 :]]
    return found


def _with_time(found: list[Judged]) -> list[Judged]:
    """Propose the time of a row, by which test rows are later."""
    times = [
        number
        for number, each in enumerate(found)
        if each.facts.kind == "timestamp" and each.because == "a time"
        and not each.facts.nulls and each.facts.distinct >= _FEWEST_TIMES
    ]  # fmt: skip
    if not times:
        return found
    best = max(
        times, key=lambda n: (bool(_WHEN.search(found[n].name)), found[n].facts.distinct, -n)
    )
    judged = Judged(found[best].facts, "time", "when it was: test rows are later")
    return [*found[:best], judged, *found[best + 1 :]]
