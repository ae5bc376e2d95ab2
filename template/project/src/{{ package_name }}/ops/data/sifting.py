# Managed by poc2prod; extend in data-contract.yaml.
"""Separates rows that keep to the data contract from those that do not, whatever they hold."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from .. import table
from ..columns import Column
from .validation import BECAUSE, SEPARATOR, alone, validate

if TYPE_CHECKING:  # with pyyaml, which scoring can do without
    from ..contract import DataContract

__all__ = ["BECAUSE", "SEPARATOR", "sift"]


def sift(
    frame: pl.DataFrame, columns: Sequence[Column], contract: "DataContract | None" = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Separate rows, each by itself; the columns that are not declared stay as they are.

    Args:
        frame: rows as they were read, with all declared columns.
        columns: what the rows must keep to.
        contract: by which they are cleansed before. None: they are already.

    Returns:
        The rows that do, cast; and the others as they were read, with `rejected_because` beside
        them, which names columns and rules and no value.
    """
    unread: Mapping[str, pl.Series]
    if contract is not None:
        from .cleansing import standard

        clean = standard(frame, contract)
        good, unread = clean.frame, clean.unread
    else:
        good, unread = table.cast(frame, columns)
    verdict = validate(good, alone(columns), unread)
    bad = frame.filter(~verdict.good).with_columns(verdict.reasons())
    return good.filter(verdict.good), bad
