# Managed by poc2prod; extend in data-contract.yaml.
"""Makes rows as read what the data contract says: cast, cleansed, validated; and what is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from .. import table
from ..contract import DataContract
from .cleansing import Cleansed, once, standard
from .validation import BECAUSE, Broken, Verdict, validate

__all__ = ["BECAUSE", "Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """What became of rows.

    Attributes:
        valid: rows that keep to the contract, cast and cleansed, in their order.
        rejected: the other rows as they were read, and why in `rejected_because`, "; " between.
        counts: rows that each cleansing rule touched.
        read: the valid rows as they were read.
    """

    valid: pl.DataFrame
    rejected: pl.DataFrame
    counts: dict[str, int]
    read: pl.DataFrame


def prepare(
    frame: pl.DataFrame,
    contract: DataContract,
    *,
    now: datetime | None = None,
    newest: datetime | None = None,
    known: Callable[[pl.DataFrame], pl.Series] | None = None,
) -> Prepared:
    """Cast, cleanse and validate rows.

    Args:
        frame: rows as they were read, with all declared columns; others are left out of `valid`.
        contract: what they must keep to.
        now: a row from after it is rejected, where the contract promises freshness or latency,
            since all that came after would be late. None: nobody looks.
        newest: the newest time that was there before. A row that is older by more than the
            contract's latency is rejected as late. None: none is.
        known: which rows, cast and cleansed, were there before: those are not late.

    Raises:
        ProjectError: a declared column is missing.
    """
    table.require(frame.columns, contract.columns, "the source")

    def judge(clean: Cleansed) -> Verdict:
        late = _late(clean.frame, contract, now, newest, known)
        return validate(clean.frame, contract.columns, clean.unread, late)

    clean = standard(frame, contract)
    verdict = judge(clean)
    if verdict.alike:  # it takes as long to look for copies as to validate
        clean = once(clean, contract)
        verdict = judge(clean)
    valid, read, good = clean.frame, clean.raw, verdict.good
    rejected = read.filter(~good).with_columns(verdict.reasons())
    if len(rejected):
        valid, read = valid.filter(good), read.filter(good)
    return Prepared(valid.select(c.name for c in contract.columns), rejected, clean.counts, read)


def _late(
    frame: pl.DataFrame,
    contract: DataContract,
    now: datetime | None,
    newest: datetime | None,
    known: Callable[[pl.DataFrame], pl.Series] | None,
) -> Iterator[Broken]:
    time, latency = contract.time, contract.latency
    if time is None or (latency is None and contract.freshness is None):
        return
    moment = frame[time.name]
    if now is not None:
        yield Broken(time, "a time in the future", (moment > now).fill_null(value=False))
    if newest is not None and latency is not None:
        days = f"{latency.total_seconds() / 86_400:g}"
        late = (moment < newest - latency).fill_null(value=False)
        if known is not None and late.any():
            late &= ~known(frame.select(column.name for column in contract.columns))
        yield Broken(time, f"a time that comes more than {days} days late", late)
