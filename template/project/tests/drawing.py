# Managed by poc2prod; extend in a module of your own beside it.
"""Draws rows that keep to any data contract, with a target that can be learned."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from package import load

HOUR = timedelta(hours=1)
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def draw(contract, rows, seed):
    """Draw rows that keep to a data contract."""
    random = np.random.default_rng(seed)
    driver = random.random(rows)  # what one input, a number if there is one, and the target follow
    numbers = [column for column in contract.inputs if column.kind in ("number", "integer")]
    leading = (numbers or contract.inputs)[0]
    # Time alone makes any primary key unique that it is in.
    keys = () if contract.time in contract.identity else contract.identity[:1]
    columns = {}
    for column in contract.inputs + contract.context:
        share = driver if column is leading else random.random(rows)
        columns[column.name] = _values(column, share, column.unique or column in keys)
    if contract.entity:
        entity, distinct = contract.entity, contract.entity in keys
        columns[entity.name] = _values(entity, np.arange(rows) % 20 / 20, distinct, 20)
    if contract.time:
        columns[contract.time.name] = _times(contract.time, np.arange(rows), rows)
    columns[contract.target.name] = _target(contract, driver)
    types = load("ops.table").TYPES
    return pl.DataFrame(
        [
            pl.Series(column.name, list(columns[column.name])).cast(types[column.kind])
            for column in contract.columns
        ]
    )


def _target(contract, driver):
    target = contract.target
    if contract.problem == "regression":
        return _values(target, driver, distinct=False)
    if contract.problem == "multiclass":
        classes = target.values or (("a", "b", "c") if target.kind == "string" else (0, 1, 2))
        return np.array(classes)[(driver * len(classes)).astype(int)]
    yes = driver > 0.8
    if target.kind == "string":
        return np.array(target.values or ("no", "yes"))[yes.astype(int)]
    return yes if target.kind == "boolean" else yes.astype(int)


def _values(column, share, distinct, some=3):
    """Turn shares of the range into values; as many different texts as `some`, or all."""
    if column.kind == "boolean":
        return share > 0.5
    if column.kind == "timestamp":
        return _times(column, (share * len(share)).astype(int), len(share))
    if column.values:
        return np.array(column.values)[(share * len(column.values)).astype(int)]
    if column.kind == "string":
        texts = _texts(column, len(share) if distinct else some)
        return [texts[i] for i in (range(len(share)) if distinct else (share * some).astype(int))]
    return _numbers(column, share, distinct)


def _numbers(column, share, distinct):
    low, high = bounds(column)
    if column.kind == "number":
        return low + np.clip(share, 1e-9, 1 - 1e-9) * (high - low)  # a bound may be open
    return low + np.arange(len(share)) if distinct else (low + share * (high - low)).astype(int)


def bounds(column):
    """The least and the most that a number may be; of what is open, something sensible."""
    lows = [b for b in (column.minimum, column.exclusive_minimum) if b is not None]
    highs = [b for b in (column.maximum, column.exclusive_maximum) if b is not None]
    low = max(lows) if lows else min(0.0, *highs) if highs else 0.0
    high = min(highs) if highs else low + 100.0
    if column.kind == "integer":
        low = int(np.floor(low)) + 1 if low == column.exclusive_minimum else int(np.ceil(low))
        high = int(np.ceil(high)) - 1 if high == column.exclusive_maximum else int(np.floor(high))
    return low, high


def _times(column, steps, rows):
    first = column.earliest or min(FIRST, (column.latest or FIRST) - rows * HOUR)
    step = HOUR if column.latest is None else min(HOUR, (column.latest - first) / rows)
    return [first + int(number) * step for number in steps]


@cache
def _texts(column, some):
    """Texts that keep the column's lengths and pattern, all of them different."""
    least, most = column.min_length or 0, 1_000 if column.max_length is None else column.max_length
    if column.pattern is None:
        found = [f"{number:x}".rjust(max(least, 1), "e") for number in range(some)]
        assert all(len(text) <= most for text in found), f"{column.name} has too few texts"
        return found
    # In Python, but not elsewhere, $ is before a line's end too; and cleansing takes space off.
    right = st.from_regex(re.compile(column.pattern)).filter(
        lambda text: text == text.strip() and least <= len(text) <= most
    )
    found, once = set(), min(some, 40)
    for number in range(some):
        before = len(found)

        @seed(number)
        @settings(database=None, deadline=None, max_examples=20, suppress_health_check=HealthCheck)
        @given(st.lists(right, min_size=once, max_size=once, unique=True))
        def collect(texts):
            found.update(texts)

        collect()
        if len(found) >= some:
            return sorted(found)[:some]
        assert len(found) > before, f"{column.name}: too few texts have its pattern"
    raise AssertionError(f"{column.name}: too few texts have its pattern")
