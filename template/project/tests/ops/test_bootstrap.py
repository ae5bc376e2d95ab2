# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Metrics of weighted rows, and intervals that hold what they promise."""

import numpy as np
import pytest
from package import load
from sklearn import metrics as sk

Bootstrap = load("ops.bootstrap").Bootstrap
Metadata = load("ops.bundle").Metadata
weighted = load("ops.metrics").weighted

CLASSES = ("a", "b", "c")
ROWS = 60


def columns(problem, random):
    """What happened and what was predicted, with ties."""
    if problem == "binary":
        probability = random.random(ROWS).round(1)
        said = {"probability": probability, "alarm": probability >= 0.5}
        return random.random(ROWS) < probability, said
    if problem == "regression":
        target = random.normal(100, 5, ROWS)
        return target, {"value": target + random.normal(0, 3, ROWS)}
    probability = random.dirichlet([1, 1, 1], ROWS)
    label = np.array(CLASSES)[probability.argmax(axis=1)]
    said = {f"probability_{c}": probability[:, i] for i, c in enumerate(CLASSES)}
    return random.choice(CLASSES, ROWS, p=[0.9, 0.08, 0.02]), {"label": label, **said}


def by_hand(problem, target, said):
    match problem:
        case "binary":
            return {
                "average_precision": sk.average_precision_score(target, said["probability"]),
                "roc_auc": sk.roc_auc_score(target, said["probability"]),
                "recall": sk.recall_score(target, said["alarm"]),
                "precision": sk.precision_score(target, said["alarm"]),
                "alarm_rate": said["alarm"].mean(),
                "brier": sk.brier_score_loss(target, said["probability"]),
            }
        case "multiclass":
            probability = np.column_stack([said[f"probability_{c}"] for c in CLASSES])
            return {
                "macro_f1": sk.f1_score(target, said["label"], average="macro", zero_division=0),
                "balanced_accuracy": sk.recall_score(
                    target, said["label"], labels=np.unique(target), average="macro"
                ),
                "log_loss": sk.log_loss(target, probability, labels=list(CLASSES)),
            }
    return {
        "mae": sk.mean_absolute_error(target, said["value"]),
        "rmse": sk.root_mean_squared_error(target, said["value"]),
        "r2": sk.r2_score(target, said["value"]),
    }


@pytest.mark.parametrize("problem", ["binary", "multiclass", "regression"])
def test_weights_give_what_scikit_learn_gives_for_the_rows_that_they_repeat(problem):
    random = np.random.default_rng(0)
    classes = (False, True) if problem == "binary" else CLASSES
    metadata = Metadata.model_construct(problem=problem, classes=classes)
    for _ in range(50):
        target, said = columns(problem, random)
        drawn = random.integers(ROWS, size=ROWS)
        weights = np.bincount(drawn, minlength=ROWS)[None].astype(float)
        got = weighted(target, said, metadata)(weights)
        want = by_hand(problem, target[drawn], {k: v[drawn] for k, v in said.items()})
        assert {name: float(value[0]) for name, value in got.items()} == pytest.approx(want)


def test_what_nothing_defines_is_not_a_number():
    metadata = Metadata.model_construct(problem="binary", classes=(False, True))
    said = {"probability": np.array([0.1, 0.9]), "alarm": np.array([False, True])}
    got = load("ops.metrics").measure(np.array([False, False]), said, metadata)
    assert {name for name, value in got.items() if np.isnan(value)} == {
        *("average_precision", "roc_auc", "recall")
    }


def mean(values):
    return lambda weights: {"mean": weights @ values / weights.sum(axis=1)}


def interval(values, entity=None, seed=7):
    bootstrap = Bootstrap.of(len(values), entity, "machine", seed)
    drawn = bootstrap.run({"x": (None, mean(values))})
    return bootstrap.interval(drawn["x"]["mean"])


def coverage(trials, entities, rows_each, by_entity):
    """How often the interval holds the true mean, 0, where half of the variance is the entity's."""
    random = np.random.default_rng(3)
    entity = np.repeat(np.arange(entities), rows_each)
    hits = 0
    for trial in range(trials):
        values = random.normal(size=entities)[entity] + random.normal(size=len(entity))
        low, high = interval(values, entity if by_entity else None, trial)
        hits += low <= 0 <= high
    return hits / trials


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    assert 0.90 <= coverage(200, 24, 8, by_entity=True) <= 0.99
    assert 0.91 <= coverage(200, 60, 1, by_entity=False) <= 0.99


def test_drawing_rows_of_machines_would_promise_too_much():
    assert coverage(200, 24, 8, by_entity=False) < 0.8
    random = np.random.default_rng(5)
    entity = np.repeat(np.arange(24), 20)
    values = random.normal(size=24)[entity] + random.normal(size=480)
    (low, high), (low_rows, high_rows) = interval(values, entity), interval(values)
    assert high - low > 2 * (high_rows - low_rows)


def test_the_same_seed_gives_the_same_interval_and_another_one_another():
    values = np.random.default_rng(1).normal(size=100)
    assert interval(values) == interval(values) != interval(values, seed=8)


def test_draws_do_not_depend_on_how_many_are_made_at_once(monkeypatch):
    values = np.random.default_rng(1).normal(size=100)
    whole = interval(values)
    monkeypatch.setattr(load("ops.bootstrap"), "_AT_ONCE", 700)
    assert interval(values) == pytest.approx(whole)


def test_a_difference_of_two_models_is_measured_on_the_same_draws():
    one = np.random.default_rng(1).normal(size=100)
    bootstrap = Bootstrap.of(100, None, "row", 7)
    drawn = bootstrap.run({"one": (None, mean(one)), "other": (None, mean(one - 0.5))})
    low, high = bootstrap.interval(drawn["one"]["mean"] - drawn["other"]["mean"])
    assert (low, high) == pytest.approx((0.5, 0.5))


def test_one_entity_and_metrics_that_are_seldom_defined_have_no_interval():
    values = np.arange(10.0)
    assert np.isnan(interval(values, np.zeros(10))).all()
    bootstrap = Bootstrap.of(10, None, "row", 7)
    assert np.isnan(bootstrap.interval(np.append(np.ones(90), [np.nan] * 10))).all()


def test_a_large_table_is_drawn_less_often_and_says_so():
    assert Bootstrap.of(20_000, None, "row", 7).resamples == 1_000
    assert Bootstrap.of(100_000, None, "row", 7).resamples == 500
    assert Bootstrap.of(1_000_000, None, "row", 7).resamples == 200
