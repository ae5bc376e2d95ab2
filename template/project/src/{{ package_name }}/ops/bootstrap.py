# Managed by poc2prod; extend in a module of your own that imports it.
"""How far a metric could be off: 95 % intervals by the bootstrap.

Where the contract names an entity, whole entities are drawn: a machine's rows are alike, and as
many independent rows would promise an interval that is far too narrow. Every metric is computed on
the same draws, so the difference of two models has an interval of its own. These are percentile
intervals: of a mean over 24 entities, 94 % hold the truth, over 6 entities 86 %, and over one
entity there is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .metrics import Floats, Weighted

Rows = NDArray[np.bool_] | None
"""Which rows; None: all."""
Prepared = tuple[Rows, Weighted]
"""Rows, and the metrics prepared for these."""

RESAMPLES, FEWEST = 1_000, 200
_CELLS = 50_000_000  # rows times resamples: a few seconds
_AT_ONCE = 2_000_000  # of them: 16 MB
_DEFINED = 0.95  # of the resamples, for an interval that says something


@dataclass(frozen=True)
class Bootstrap:
    """Draws of units with replacement.

    Attributes:
        unit_of: for every row the number of the unit that it belongs to.
        unit: what is drawn, the entity's name or "row".
        resamples: how many draws; fewer for a large table.
    """

    unit_of: NDArray[np.intp]
    unit: str
    units: int
    resamples: int
    seed: int

    @classmethod
    def of(cls, rows: int, entity: NDArray[Any] | None, unit: str, seed: int) -> "Bootstrap":
        """Draw entities, or rows where there is none."""
        unit_of = np.arange(rows) if entity is None else np.unique(entity, return_inverse=True)[1]
        units = int(unit_of.max()) + 1
        resamples = int(np.clip(_CELLS // rows, FEWEST, RESAMPLES))
        return cls(unit_of, unit, units, resamples, seed)

    def weights(self) -> Iterator[Floats]:
        """Yield how often each row was drawn, shape (some resamples, rows); the same every time."""
        random = np.random.default_rng(self.seed)
        at_once = max(1, _AT_ONCE // len(self.unit_of))
        for start in range(0, self.resamples, at_once):
            some = min(at_once, self.resamples - start)
            drawn = random.integers(self.units, size=(some, self.units))
            cells = (drawn + self.units * np.arange(some)[:, None]).ravel()
            counts = np.bincount(cells, minlength=some * self.units).reshape(some, self.units)
            yield counts.astype(float)[:, self.unit_of]

    def run(self, measures: Mapping[str, Prepared]) -> dict[str, dict[str, Floats]]:
        """Compute metrics on all draws.

        Returns:
            By name, for each metric its values, shape (resamples,).
        """
        parts: dict[str, list[dict[str, Floats]]] = {name: [] for name in measures}
        for weights in self.weights():
            for name, (rows, values) in measures.items():
                parts[name].append(values(weights if rows is None else weights[:, rows]))
        return {
            name: {key: np.concatenate([part[key] for part in found]) for key in found[0]}
            for name, found in parts.items()
        }

    def interval(self, values: Floats) -> tuple[float, float]:
        """The middle 95 % of what the draws gave; NaN where too few of them define it."""
        defined = values[np.isfinite(values)]
        if self.units < 2 or len(defined) < _DEFINED * len(values):
            return np.nan, np.nan
        low, high = np.quantile(defined, [0.025, 0.975])
        return float(low), float(high)
