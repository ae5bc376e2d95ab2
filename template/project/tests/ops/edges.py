# Managed by poc2prod; extend in a module of your own beside it.
"""Rows at the edges of what the data contract allows."""

import polars as pl
from drawing import draw


def edges(contract):
    """A drawn table, whose first rows are at the edges of what the contract allows."""
    frame = draw(contract, rows=600, seed=4)
    edge = 0
    for column in contract.inputs:
        for value in _edges(column):
            values = frame[column.name].to_list()
            values[edge] = value
            frame = frame.with_columns(pl.Series(column.name, values, frame[column.name].dtype))
            edge += 1
    return frame, edge


def _edges(column):
    if not column.required:
        yield None
    if column.kind == "boolean":
        yield from (True, False)
    elif column.kind == "string":
        yield from column.values or ("never seen", "Ünïcode 🜁", "1e5", "NaN", "true")
    else:
        yield from map(int if column.kind == "integer" else float, _numbers(column))


def _numbers(column):
    """Both bounds, or what is far out, and what a cast to fewer digits would change."""
    low, high = column.minimum, column.maximum
    yield from (-1e9 if low is None else low, 1e9 if high is None else high)
    middle = [16777217, 3] if column.kind == "integer" else [16777217.0, 0.1, 1 / 3, 1e-7]
    if low is not None and high is not None:
        middle += [0] if column.kind == "integer" else [0.0, -0.0, 5e-324]
    for value in middle:
        if (low is None or value >= low) and (high is None or value <= high):
            yield value
