# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""No entity and no period on both sides of a split."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from package import load

Column = load("ops.columns").Column
DataContract = load("ops.contract").DataContract
ProjectError = load("ops.errors").ProjectError
Settings = load("ops.settings").Settings
splits = load("ops.splits")
split = splits.split

ROW = load("ops.table").ROW
ROWS = 2_000
FRAME = pl.DataFrame(
    {
        "x": range(ROWS),
        "machine": [f"m{i % 20}" for i in range(ROWS)],
        "time": pl.Series([i * 3_600_000_000 for i in range(ROWS)]).cast(pl.Datetime("us", "UTC")),
        "y": [i % 3 == 0 for i in range(ROWS)],
    }
)


def contract(entity=None, time=None):
    def column(name, kind):
        return Column(name=name, kind=kind) if name else None

    return DataContract(
        inputs=(Column(name="x", kind="number"),),
        target=Column(name="y", kind="boolean"),
        problem="binary",
        entity=column(entity, "string"),
        time=column(time, "timestamp"),
        context=(),
    )


def parts(frame=FRAME, label_horizon_hours=48, **roles):
    made = split(frame, contract(**roles), Settings(label_horizon_hours=label_horizon_hours))
    return made.train, made.validation, made.test


@pytest.mark.parametrize("time", [None, "time"])
def test_no_entity_is_in_two_parts(time):
    for one, other in combinations(parts(entity="machine", time=time), 2):
        assert set(one["machine"]).isdisjoint(other["machine"])


@pytest.mark.parametrize("entity", [None, "machine"])
def test_no_label_of_training_looks_into_the_test_period(entity):
    train, validation, test = parts(entity=entity, time="time")
    for earlier in (train, validation):
        assert earlier["time"].max() + timedelta(hours=48) < test["time"].min()


def test_without_entity_and_time_the_order_of_the_rows_counts():
    train, validation, test = parts()
    assert train["x"].max() < validation["x"].min() <= validation["x"].max() < test["x"].min()
    assert train.height + validation.height + test.height == ROWS


def test_the_split_does_not_depend_on_the_order_of_the_rows():
    shuffled = FRAME.sample(fraction=1, shuffle=True, seed=3)
    for one, other in zip(
        parts(entity="machine", time="time"),
        parts(shuffled, entity="machine", time="time"),
        strict=True,
    ):
        assert set(one["x"]) == set(other["x"])


def test_the_order_of_the_rows_does_not_matter_where_there_is_a_time():
    shuffled = FRAME.sample(fraction=1, shuffle=True, seed=3)
    for one, other in zip(parts(time="time"), parts(shuffled, time="time"), strict=True):
        assert set(one["x"]) == set(other["x"])


def test_the_split_is_the_same_in_another_process():
    program = "from test_splits import parts; print(*parts(entity='machine')[2]['machine'])"
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parent)])
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_the_shares_are_those_of_the_settings():
    sizes = [part["machine"].n_unique() for part in parts(entity="machine")]
    assert sizes == [11, 4, 5]
    *_, test = parts(entity="machine", time="time")
    assert test["x"].min() == pytest.approx(0.7 * ROWS, abs=20)


def test_a_binary_target_of_three_values_is_named():
    three = FRAME.with_columns(y=pl.col("x") % 3)
    with pytest.raises(ProjectError, match=r"y is binary in .* but has 3 values"):
        parts(three, entity="machine")


def test_too_few_entities_are_named():
    with pytest.raises(ProjectError, match="the split leaves no train rows"):
        parts(FRAME.filter(pl.col("machine").is_in(["m1", "m2"])), entity="machine")


def test_a_part_without_both_classes_is_named():
    with pytest.raises(ProjectError, match="rows hold no y"):
        parts(FRAME.with_columns(y=pl.col("x") < 100), time="time")


def test_equal_rows_are_in_one_part_where_neither_entity_nor_time_tells_them_apart():
    frame = FRAME.select(x=pl.col("x") % 500, y=pl.col("x") % 500 % 3 == 0)
    train, validation, test = parts(frame)
    assert train.height + validation.height + test.height == ROWS
    for one, other in combinations((train, validation, test), 2):
        assert set(one["x"]).isdisjoint(other["x"])


def test_a_row_that_two_machines_claim_is_refused():
    train, _, test = parts(entity="machine")
    copied = pl.concat([FRAME, train.head(3).with_columns(machine=pl.lit(test["machine"][0]))])
    said = "3 of the train rows are in the test rows too, the same in everything but machine"
    with pytest.raises(ProjectError, match=said):
        parts(copied, entity="machine")
    allowed = Settings(label_horizon_hours=48, equal_rows=True)
    split(copied, contract(entity="machine"), allowed)


def made(**changes):
    """The parts of a good split, some of them changed."""
    train, validation, test = parts(entity="machine", time="time")
    return {"train": train, "validation": validation, "test": test, **changes}


def refusal(frames, **roles):
    with pytest.raises(ProjectError) as refused:
        splits.refuse_overlaps(frames, contract(**roles), Settings(label_horizon_hours=48))
    return str(refused.value)


def test_parts_that_overlap_are_refused_whoever_made_them():
    roles = {"entity": "machine", "time": "time"}
    good = made()
    splits.refuse_overlaps(good, contract(**roles), Settings(label_horizon_hours=48))
    seen = pl.concat(
        [good["test"], good["test"].with_columns(machine=pl.lit(good["train"]["machine"][0]))]
    )
    assert "1 values of machine are in the train rows and in the test" in refusal(
        made(test=seen), **roles
    )
    early = pl.col("time") - timedelta(hours=47)
    assert "into the test rows, which begin on" in refusal(
        made(test=good["test"].with_columns(early)), **roles
    )
    mixed = pl.concat([good["validation"], good["train"].head(2)])
    assert "the train rows reach to" in refusal(made(validation=mixed), time="time")
    assert "2 of the train rows are in the validation rows too" in refusal(made(validation=mixed))


def test_drawn_rows_leave_every_class_to_training_and_equal_rows_together():
    """A table that is sorted by its target, with a class of one row, and with copies."""
    named = [*["a"] * 1_500, *["b"] * 497, *["c"] * 2, "d"]
    frame = FRAME.with_columns(pl.Series("y", named), x=pl.col("x") // 4).with_row_index(ROW)
    column = Column(name="y", kind="string")
    plain = replace(contract(), target=column, problem="multiclass")
    parts = split(frame.drop("machine", "time"), plain, Settings(shuffle_rows=True))
    rows = [row for part in (parts.train, parts.validation, parts.test) for row in part[ROW]]
    assert sorted(rows) == list(range(ROWS))
    assert set(parts.train["y"]) == set("abcd")
    assert [parts.train.height, parts.test.height] == pytest.approx([1_100, 500], abs=12)
    assert parts.test[ROW][0] < ROWS / 10
    again = split(frame.drop("machine", "time"), plain, Settings(shuffle_rows=True))
    assert again.test.equals(parts.test)
