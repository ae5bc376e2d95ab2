# Managed by poc2prod; extend in data-contract.yaml and settings.toml.
"""Splits rows into training, validation and test, by entity and time, and by chance only if asked.

Rows of one machine are alike, and so are rows of one week: a random split would test the model on
what it has seen. Test rows come from entities that training never saw, in a period after it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

import numpy as np
import polars as pl

from .contract import DataContract
from .errors import ProjectError
from .settings import Settings
from .table import ROW

_SAME = "first of the rows that equal this one"


@dataclass(frozen=True)
class Splits:
    """Three frames that share no entity; with a time column, test is a period after the others."""

    train: pl.DataFrame
    validation: pl.DataFrame
    test: pl.DataFrame


def split(frame: pl.DataFrame, contract: DataContract, settings: Settings) -> Splits:
    """Split a table by what its contract names: entity and time, one of them, or row order.

    Where it names neither and `shuffle_rows` says that the order means nothing, chance decides.

    Training ends `label_horizon_hours` before the test period begins, since a label looks that far
    ahead and would tell of it.

    Raises:
        ProjectError: a part is empty, a part of a classification lacks a class, or two parts hold
            the same entity, the same period or the same row.
    """
    entity, time = contract.entity, contract.time
    if entity is not None:
        group = _groups(frame[entity.name], settings)
        parts = {name: frame.filter(group == name) for name in ("train", "validation", "test")}
        if time is not None:
            start = _quantile_time(frame[time.name], 1 - settings.test_period_share)
            end = start - timedelta(hours=settings.label_horizon_hours)
            when = pl.col(time.name)
            parts = {
                name: part.filter(when >= start if name == "test" else when < end)
                for name, part in parts.items()
            }
    elif time is None and settings.shuffle_rows:
        parts = _drawn(frame, contract, settings)
    else:
        if time is None:
            frame = _with_equal_rows_together(frame)
        order = frame.sort(time.name, maintain_order=True) if time is not None else frame
        first = int(order.height * (1 - settings.test_share - settings.validation_share))
        second = int(order.height * (1 - settings.test_share))
        if time is None:
            first, second = (_end_of_equals(order, end) for end in (first, second))
        parts = {
            "train": order[:first],
            "validation": order[first:second],
            "test": order[second:],
        }
        if time is not None:
            gap, when = timedelta(hours=settings.label_horizon_hours), pl.col(time.name)
            for earlier, later in (("train", "validation"), ("validation", "test")):
                if not parts[later].is_empty():
                    start = parts[later][time.name][0]
                    parts[earlier] = parts[earlier].filter(when < start - gap)
    parts = {name: part.drop(_SAME, strict=False) for name, part in parts.items()}
    _check(parts, contract)
    refuse_overlaps(parts, contract, settings)
    return Splits(**parts)


def _drawn(
    frame: pl.DataFrame, contract: DataContract, settings: Settings
) -> dict[str, pl.DataFrame]:
    """Draw rows; of each class so many that even a rare one is in the training rows.

    Equal rows have one number, so they come into one part.
    """
    columns = [name for name in frame.columns if name != ROW]
    drawn = np.random.default_rng(settings.seed).permutation(frame.height)
    numbered = frame.with_columns(pl.Series(_SAME, drawn))
    numbered = numbered.with_columns(pl.col(_SAME).min().over(columns))
    alike = [contract.target.name] if contract.problem != "regression" else [pl.lit(0)]
    place = numbered.select(
        (pl.col(_SAME).rank("min").over(alike) - 0.5) / pl.len().over(alike)
    ).to_series()
    train, test = 1 - settings.test_share - settings.validation_share, 1 - settings.test_share
    return {
        "train": frame.filter(place < train),
        "validation": frame.filter((place >= train) & (place < test)),
        "test": frame.filter(place >= test),
    }


def refuse_overlaps(
    parts: Mapping[str, pl.DataFrame], contract: DataContract, settings: Settings
) -> None:
    """Refuse parts of which one tells of another. `split` makes none; this holds it to that.

    A row counts as the same if all but the name of its entity is: readings of one machine that were
    delivered under the name of another.

    Raises:
        ProjectError: names what is in two parts, and how much of it.
    """
    entity, time = contract.entity, contract.time
    gap = timedelta(hours=settings.label_horizon_hours)
    same = [c.name for c in contract.columns if entity is None or c.name != entity.name]
    for one, other in combinations(parts, 2):
        if entity is not None:
            shared = set(parts[one][entity.name]) & set(parts[other][entity.name])
            if shared:
                raise ProjectError(
                    f"{len(shared)} values of {entity.name} are in the {one} rows and in the"
                    f" {other} rows: the model would be tested on what it has seen"
                )
        if time is not None and (other == "test" or entity is None):
            end: datetime = parts[one][time.name].sort()[-1]
            start: datetime = parts[other][time.name].sort()[0]
            if end >= start - gap:
                raise ProjectError(
                    f"the {one} rows reach to {end}, and their labels, which look"
                    f" {settings.label_horizon_hours:g} hours ahead, into the {other} rows, which"
                    f" begin on {start}"
                )
        repeated = parts[one].select(same).join(parts[other], on=same, how="semi", nulls_equal=True)
        if repeated.height and not settings.equal_rows:
            raise ProjectError(
                f"{repeated.height} of the {one} rows are in the {other} rows too, the same in"
                f" everything{f' but {entity.name}' if entity else ''}: remove the copies, or say"
                " equal_rows = true in settings.toml if such rows were measured one by one"
            )


def _with_equal_rows_together(frame: pl.DataFrame) -> pl.DataFrame:
    """Number the rows' contents by first appearance, and move equal rows to the first of them."""
    columns = [name for name in frame.columns if name != ROW]
    first = pl.col(_SAME).min().over(columns)
    return frame.with_row_index(_SAME).with_columns(first).sort(_SAME, maintain_order=True)


def _end_of_equals(frame: pl.DataFrame, end: int) -> int:
    """Move an end so that it parts no equal rows."""
    while 0 < end < frame.height and frame[_SAME][end] == frame[_SAME][end - 1]:
        end += 1
    return end


def _groups(entities: pl.Series, settings: Settings) -> pl.Series:
    """Give every entity a part, by the order of its digest: stable, and blind to its name."""

    def digest(entity: object) -> bytes:
        return hashlib.sha256(f"{settings.seed}:{entity}".encode()).digest()

    ordered = sorted(entities.unique().to_list(), key=digest)
    test = max(1, round(len(ordered) * settings.test_share))
    validation = max(1, round(len(ordered) * settings.validation_share))
    parts = {
        entity: "test" if i < test else "validation" if i < test + validation else "train"
        for i, entity in enumerate(ordered)
    }
    return entities.replace_strict(parts, return_dtype=pl.String)


def _quantile_time(times: pl.Series, share: float) -> datetime:
    quantile: datetime = times.sort()[int((len(times) - 1) * share)]
    return quantile


def _check(parts: dict[str, pl.DataFrame], contract: DataContract) -> None:
    sizes = ", ".join(f"{name} {part.height}" for name, part in parts.items())
    classes = pl.concat(parts.values())[contract.target.name].unique()
    if contract.problem == "binary" and len(classes) > 2:
        raise ProjectError(
            f"{contract.target.name} is binary in data-contract.yaml but has {len(classes)} values,"
            f" {', '.join(sorted(map(str, classes))[:10])}: mend the data, or say multiclass"
        )
    for name, part in parts.items():
        if part.is_empty():
            raise ProjectError(
                f"the split leaves no {name} rows ({sizes}): bring more"
                f" {contract.entity.name if contract.entity else 'row'} values or a longer period,"
                " or change the shares in settings.toml"
            )
        if contract.problem == "regression":
            continue
        # A rare class may be absent from a later period, but nobody can learn one from nothing.
        needed = set(classes) if name == "train" or contract.problem == "binary" else set()
        lacking = needed - set(part[contract.target.name].unique())
        if lacking or len(classes) < 2:
            raise ProjectError(
                f"the {name} rows hold no {contract.target.name} other than"
                f" {', '.join(sorted(map(str, set(classes) - lacking)))} ({sizes}): bring more"
                " data, or change the shares in settings.toml"
            )
