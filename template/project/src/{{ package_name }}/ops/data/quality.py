# Managed by poc2prod; extend in data-contract.yaml.
"""Rules for a whole table: how many values may be null, how many rows there must be."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .odcs import Rule

Wrong = Callable[[str], Exception]
"""Makes an error of what is wrong with a rule."""

_COMPARED: dict[str, tuple[str, Callable[[float, Any], bool]]] = {
    "mustBe": ("must be {}", operator.eq),
    "mustNotBe": ("must not be {}", operator.ne),
    "mustBeGreaterThan": ("must be greater than {}", operator.gt),
    "mustBeGreaterOrEqualTo": ("must be at least {}", operator.ge),
    "mustBeLessThan": ("must be less than {}", operator.lt),
    "mustBeLessOrEqualTo": ("must be at most {}", operator.le),
    "mustBeBetween": ("must be between {} and {}", lambda n, v: v[0] <= n <= v[1]),
    "mustNotBeBetween": ("must not be between {} and {}", lambda n, v: not v[0] <= n <= v[1]),
}
_COUNTED = {
    "nullValues": "null values",
    "missingValues": "missing values",
    "invalidValues": "invalid values",
    "duplicateValues": "duplicate values",
    "rowCount": "rows",
}


@dataclass(frozen=True)
class Quality:
    """How many of something a table may have.

    Attributes:
        metric: nullValues, missingValues, invalidValues, duplicateValues or rowCount.
        columns: whose values are counted; none for rows.
        percent: whether the limit is a share of the rows.
        comparison: the standard's word, such as mustBeLessThan.
        limit: one number, or two of a range.
        values: what is valid, for invalidValues.
        pattern: likewise, as a regular expression.
    """

    metric: str
    columns: tuple[str, ...]
    percent: bool
    comparison: str
    limit: tuple[float, ...]
    values: tuple[int, ...] | tuple[str, ...] | None = None
    pattern: str | None = None

    @property
    def said(self) -> str:
        """Say the rule: "null values of flow_m3_h must be less than 5 %"."""
        limits = (f"{number:g}" for number in self.limit)
        of = f" of {', '.join(self.columns)}" if self.columns else ""
        wanted = _COMPARED[self.comparison][0].format(*limits)
        return f"{_COUNTED[self.metric]}{of} {wanted}{' %' if self.percent else ''}"

    def kept(self, counted: int, rows: int) -> bool:
        """Say whether so many of so many rows are right."""
        number = 100 * counted / max(rows, 1) if self.percent else counted
        limit = self.limit if len(self.limit) > 1 else self.limit[0]
        return _COMPARED[self.comparison][1](number, limit)

    @property
    def none(self) -> bool:
        """Whether not one is allowed, so that each row keeps the rule or breaks it."""
        return (self.comparison, self.limit) == ("mustBe", (0,))


def quality(rule: Rule, columns: tuple[str, ...], wrong: Wrong) -> Quality | None:
    """Take a rule of the contract for one of a table.

    Args:
        rule: as it is written.
        columns: the column that it is written at; none for the table's.
        wrong: makes the error.

    Returns:
        The rule; None for one that is text, for people.
    """
    if rule.type == "text":
        return None
    if rule.type != "library" or rule.query is not None or rule.implementation is not None:
        raise wrong(f"a rule of type {rule.type} is not enforced here: say it with a metric")
    if rule.metric is None:
        raise wrong(f"metric must be one of {', '.join(_COUNTED)}")
    if rule.metric not in _COUNTED or rule.rule is not None:
        named = rule.rule if rule.metric in _COUNTED else rule.metric
        raise wrong(f"the rule {str(named)[:60]} is not one of {', '.join(_COUNTED)}")
    if (rule.metric == "rowCount") == bool(columns):
        level = "the table, not for a column" if columns else "a column"
        if rule.metric != "duplicateValues":
            raise wrong(f"{rule.metric} is a rule for {level}")
    if rule.unit not in (None, "rows", "percent"):
        raise wrong(f"unit must be rows or percent, not {rule.unit[:60]}")
    if rule.unit == "percent" and rule.metric == "rowCount":
        raise wrong("the unit of rowCount is rows")
    comparison, limit = _limit(rule, wrong)
    return Quality(rule.metric, columns, rule.unit == "percent", comparison, limit)


def _limit(rule: Rule, wrong: Wrong) -> tuple[str, tuple[float, ...]]:
    given = rule.model_dump(by_alias=True, exclude_none=True).keys() & _COMPARED.keys()
    if not given and rule.metric != "rowCount":
        return "mustBe", (0,)
    if len(given) != 1:
        raise wrong(f"say once how many there may be, with one of {', '.join(_COMPARED)}")
    comparison = given.pop()
    limit = rule.model_dump(by_alias=True)[comparison]
    numbers = tuple(limit) if isinstance(limit, list) else (limit,)
    wanted = 2 if "Between" in comparison else 1
    if len(numbers) != wanted or isinstance(limit, list) != (wanted == 2):
        raise wrong(f"{comparison} must be {'two numbers' if wanted == 2 else 'a number'}")
    if not all(type(n) in (int, float) and 0 <= n < 1e15 for n in numbers):
        raise wrong(f"{comparison} counts: it can't be {', '.join(map(str, numbers))[:60]}")
    if wanted == 2 and numbers[0] >= numbers[1]:
        raise wrong(f"{comparison} must name the smaller number first")
    return comparison, numbers
