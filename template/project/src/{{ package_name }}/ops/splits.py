# Managed by poc2prod; extend in data-contract.yaml and settings.toml.
"""Splits rows into training, validation and test, by entity and time, and by chance only if asked.

Rows of one machine are alike, and so are rows of one week: a random split would test the model on
what it has seen. Test rows come from entities that training never saw, in a period after it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from .contract import DataContract
from .errors import ProjectError
from .settings import Settings


@dataclass(frozen=True)
class Splits:
    """Three frames that share no entity, and no period where there is a time column."""

    train: pl.DataFrame
    validation: pl.DataFrame
    test: pl.DataFrame


def split(frame: pl.DataFrame, contract: DataContract, settings: Settings) -> Splits:
    """Split a table by what its contract names: entity and time, one of them, or row order.

    Where it names neither and `shuffle_rows` says that the order means nothing, chance decides.

    Training ends `label_horizon_hours` before the test period begins, since a label looks that far
    ahead and would tell of it.

    Raises:
        ProjectError: a part is empty, or a part of a classification lacks a class.
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
        order = frame.sort(time.name, maintain_order=True) if time is not None else frame
        first = int(order.height * (1 - settings.test_share - settings.validation_share))
        second = int(order.height * (1 - settings.test_share))
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
    _check(parts, contract)
    return Splits(**parts)


def _drawn(
    frame: pl.DataFrame, contract: DataContract, settings: Settings
) -> dict[str, pl.DataFrame]:
    """Draw rows; of each class so many that even a rare one is in the training rows."""
    order = np.random.default_rng(settings.seed).permutation(frame.height)
    alike = frame[contract.target.name]
    if contract.problem == "regression":
        alike = pl.zeros(frame.height, eager=True)
    drawn = pl.DataFrame({"order": order, "alike": alike})
    rank = pl.col("order").rank("ordinal").over("alike")
    place = drawn.select((rank - 0.5) / pl.len().over("alike")).to_series()
    train = 1 - settings.test_share - settings.validation_share
    return {
        "train": frame.filter(place < train),
        "validation": frame.filter((place >= train) & (place < 1 - settings.test_share)),
        "test": frame.filter(place >= 1 - settings.test_share),
    }


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
