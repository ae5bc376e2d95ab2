# Managed by poc2prod; extend in kpi-contract.yaml.
"""What the model must be able to do: `evaluate` measures it, `register` refuses a miss."""

from typing import Annotated, Any, Literal

from pydantic import Field

from ..errors import ProjectError
from .types import Block, Count, Flag, Id, Number, Period, Positive, Text, Whole

Bound = Literal["estimate", "ci95_lower", "ci95_upper"]


class Gate(Block):
    """A bound that the model must keep on held-out rows."""

    id: Id
    """Such as MQ-RECALL."""
    metric: Text
    """What `evaluate` measures, such as recall."""
    op: Literal["gte", "lte"]
    """gte: at least `value`; lte: at most."""
    value: Number
    """The bound."""
    bound: Bound = "estimate"
    """What must keep it: the estimate, or the worse end of its 95 % interval."""
    vs_baseline: Number | None = None
    """By how much the model must be better than the baseline model, in the direction of op."""
    vs_champion: Number | None = None
    """Likewise than the champion; negative: by how much it may be worse."""
    severity: Literal["blocker", "warning"] = "blocker"
    """blocker: a model that misses it is not registered; warning: it is reported."""

    def judge(self, model: dict[str, float], baseline: dict[str, float]) -> dict[str, Any]:
        """Compare the metrics of the model and its baseline with the bounds.

        Returns:
            The gate with `measured`, `baseline`, `passed` and, where it failed, `reason`.

        Raises:
            ProjectError: there is no such metric.
        """
        if self.metric not in model:
            raise ProjectError(
                f"kpi-contract.yaml: gate {self.id}: there is no metric {self.metric}; there are"
                f" {', '.join(model)}"
            )
        sign = 1 if self.op == "gte" else -1
        measured, other = model[self.metric], baseline[self.metric]
        better_by = sign * (measured - other)
        reason = None
        if not sign * (measured - self.value) >= 0:  # NaN keeps no bound
            word = "at least" if self.op == "gte" else "at most"
            reason = f"{self.metric} is {measured:g}, must be {word} {self.value:g}"
        elif self.vs_baseline is not None and not better_by >= self.vs_baseline:
            reason = (
                f"{self.metric} is {measured:g}, must be better than the baseline's {other:g} by"
                f" {self.vs_baseline:g}"
            )
        return {
            **self.model_dump(),
            "measured": measured,
            "baseline": other,
            "passed": reason is None,
            "reason": reason,
        }


class Slice(Block):
    """A gate that each value of a column must keep too."""

    id: Id
    """Such as SL-SITE."""
    by: Text
    """A column of the data contract."""
    gate: Id
    """The gate whose metric and direction apply."""
    value: Number
    """The bound in each slice."""
    min_support: Count = 200
    """Rows below which a slice is reported, not judged."""
    max_gap: Positive | None = None
    """How far the best and the worst slice may be apart."""


class Robustness(Block):
    """How much of a gate's metric may be lost when the inputs are worse than in training."""

    id: Id
    """Such as RB-DROPOUT."""
    perturbation: Text
    """What is done to the inputs, such as sensor_dropout_10pct."""
    gate: Id
    """The gate whose metric is measured."""
    max_drop: Positive
    """By how much it may get worse."""


class Fairness(Block):
    """Whether groups of people are treated alike. False needs a reason."""

    applicable: Flag
    """True where decisions affect people."""
    reason: Text | None = None
    """Why it does not apply."""
    by: tuple[Text, ...] = ()
    """Columns of the data contract that say who belongs to which group."""
    gate: Id | None = None
    """The gate whose metric is compared."""
    max_gap: Positive | None = None
    """How far the best and the worst group may be apart."""


class Evaluation(Block):
    """What an evaluation needs to count."""

    split: Literal["temporal", "grouped", "grouped_temporal", "random"] = "grouped_temporal"
    """Held out: a later period, other entities, both, or any rows."""
    min_rows: Count = 1
    """Held-out rows."""
    min_positives: Whole = 0
    """Rows of the rarest class among them; of no meaning to a regression."""
    max_age: Period | None = None
    """How old an evaluation may be when its model is registered."""


class BaselineModel(Block):
    """What the model must beat, fitted beside it by `model.baseline`."""

    description: Text
    """The rule or constant in a few words."""


class ModelQuality(Block):
    """Gates, and where else they must hold."""

    evaluation: Evaluation = Evaluation()
    baseline_model: BaselineModel | None = None
    gates: Annotated[tuple[Gate, ...], Field(min_length=1)]
    slices: tuple[Slice, ...] = ()
    robustness: tuple[Robustness, ...] = ()
    fairness: Fairness | None = None
