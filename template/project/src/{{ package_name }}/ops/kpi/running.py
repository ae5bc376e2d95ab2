# Managed by poc2prod; extend in kpi-contract.yaml.
"""What it must keep to while it runs: alerts, rollout and retraining follow from it."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from .types import Block, Count, Flag, Id, Number, Period, Positive, Share, Text


class Guardrail(Block):
    """What must not get worse while the model gets better."""

    id: Id
    """Such as GR-FALSEALARM."""
    name: Text
    op: Literal["gte", "lte"]
    """gte: must stay at least `value`; lte: at most."""
    value: Number
    promql: Text | None = None
    """What Prometheus measures; needed once the contract is approved."""
    for_: Annotated[Period, Field(alias="for")] = timedelta(minutes=5)
    """How long it must be broken before somebody is called."""
    action: Literal["alert", "abort_rollout"] = "alert"


class _Slo(Block):
    id: Id
    """Such as NF-LAT-P99."""
    window: Period = timedelta(days=30)
    """The period over which the objective must be kept."""


class Availability(_Slo):
    """The share of requests that get an answer: all but 5xx."""

    kind: Literal["availability"]
    objective: Share
    """Such as 0.995."""


class Latency(_Slo):
    """The share of answers that come in time."""

    kind: Literal["latency"]
    quantile: Share = 0.99
    """The share that must be in time."""
    limit_ms: Positive
    """What in time is."""

    @property
    def objective(self) -> float:
        """The share of good events, as of any objective."""
        return self.quantile


Slo = Annotated[Availability | Latency, Field(discriminator="kind")]


class Limit(Block):
    """A plain bound on one figure."""

    id: Id
    """Such as NF-LAT-P99."""
    kind: Literal[
        "throughput_rps",
        "batch_seconds",
        "cost_per_1k_predictions",
        "feature_age_seconds",
        "model_age_seconds",
        "label_lag_seconds",
    ]
    """What is bounded. throughput_rps: what the service must stand; all others: at most."""
    value: Positive


class RollbackDrill(Block):
    """How often going back to the previous champion is practised."""

    every: Period
    max_duration: Period


class Recovery(Block):
    """How much may be lost, and for how long."""

    rto: Period
    """Until it runs again."""
    rpo: Period
    """How much of the newest data may be lost."""
    rollback_drill: RollbackDrill | None = None


class Nonfunctional(Block):
    """What is promised to callers."""

    slos: tuple[Slo, ...] = ()
    limits: tuple[Limit, ...] = ()
    recovery: Recovery | None = None


class Rollout(Block):
    """How a new version reaches its callers."""

    strategy: Literal["rolling", "canary"]
    """rolling: instance after instance; canary: a growing share of requests."""
    steps: tuple[Annotated[Count, Field(le=100)], ...] = ()
    """canary: per cent of requests, rising to 100."""
    abort_on: tuple[Id, ...] = ()
    """SLOs and guardrails that end it and bring the previous version back."""


class DriftTrigger(Block):
    """Inputs are not what they were."""

    kind: Literal["drift"]
    metric: Text
    value: Positive


class QualityTrigger(Block):
    """Predictions are not what they were."""

    kind: Literal["quality"]
    gate: Id
    below: Number
    """The worst value of the gate's metric that is left alone."""


class ScheduleTrigger(Block):
    """Time has passed."""

    kind: Literal["schedule"]
    every: Period


Trigger = Annotated[DriftTrigger | QualityTrigger | ScheduleTrigger, Field(discriminator="kind")]


class Retraining(Block):
    """When a new model is trained."""

    triggers: Annotated[tuple[Trigger, ...], Field(min_length=1)]
    human_approval_required: Flag = True
