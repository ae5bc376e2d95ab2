# Managed by poc2prod; extend in data-contract.yaml, which infer proposes.
"""What there is to predict: which problem the target makes, and which classes are too rare."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from ...columns import Kind, Problem
from ...errors import ProjectError
from .facts import MOST_VALUES, Facts

FEW = 10
"""Integers that take no more values are classes; a class with fewer rows can't be judged."""


@dataclass(frozen=True)
class Target:
    """The column to predict.

    Attributes:
        kind: as the contract declares it.
        classes: of a classification, in the order of the model's; else empty.
    """

    facts: Facts
    kind: Kind
    problem: Problem
    classes: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The column's name."""
        return self.facts.name

    @property
    def counts(self) -> dict[Any, int]:
        """Rows of each class."""
        return {name: self.facts.counts[name] for name in self.classes}

    @property
    def rare(self) -> dict[Any, int]:
        """Classes that are too rare to be judged, with their rows."""
        return {name: rows for name, rows in self.counts.items() if rows < FEW}

    def said(self) -> Iterator[str]:
        """What a person should know."""
        if self.problem == "binary":
            yes = "true" if self.kind == "boolean" else self.classes[1]
            yield f"{yes} is what is predicted: the later of the two values in sort order"
        if self.rare:
            rare = ", ".join(f"{name} ({rows} rows)" for name, rows in self.rare.items())
            yield (
                f"too rare to be judged: {rare}. They are learned and kept in the split, but no"
                " metric of them means much: bring more rows, join them to one class in"
                " sources.py, or leave them out"
            )
        if self.facts.nulls:
            yield f"{self.facts.nulls:,} rows have none, and are left out of training"


def target(found: Facts | None, name: str, problem: str | None) -> Target:
    """Say what a target is.

    Args:
        found: the column; None where it has no value or no usable type.
        name: of the column.
        problem: what a person wants it to be.

    Raises:
        ProjectError: it is constant, or has no such problem.
    """
    if found is None:
        raise ProjectError(f"the target {name} has no value that a model could predict")
    if found.distinct < 2:
        raise ProjectError(f"the target {name} is always {found.example!r}: nothing to predict")
    if problem is not None and problem not in get_args(Problem):
        raise ProjectError(f"--problem must be one of {', '.join(get_args(Problem))}")
    wanted: Problem = problem or _problem(found)  # type: ignore[assignment]
    if wanted == "regression":
        if found.kind not in ("number", "integer"):
            raise ProjectError(f"the target {name} is {found.kind}, which no regression predicts")
        return Target(found, found.kind, wanted, ())
    if found.kind == "timestamp" or found.distinct > MOST_VALUES:
        raise ProjectError(
            f"the target {name} has {found.distinct:,} values, too many for classes: name a column"
            " with fewer, or a number to predict"
        )
    if wanted == "binary" and found.distinct != 2:
        raise ProjectError(f"the target {name} has {found.distinct} values: it is not binary")
    classes = tuple(sorted(found.counts))
    kind = found.kind
    if kind == "integer" and classes == (0, 1):
        kind = "boolean"
    return Target(found, kind, wanted, classes)


def _problem(found: Facts) -> Problem:
    if found.distinct == 2:
        return "binary"
    if found.kind in ("string", "timestamp", "boolean"):
        return "multiclass"
    whole = found.kind == "integer" or all(float(value).is_integer() for value in found.counts)
    return "multiclass" if whole and found.distinct <= FEW else "regression"
