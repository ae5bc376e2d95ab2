# Managed by poc2prod; extend in kpi-contract.yaml.
"""Who answers for it, and what it is for."""

from typing import Annotated, Literal

from pydantic import Field

from .types import Block, Count, Day, Email, Id, Known, Number, Period, Share, Text

Tier = Literal["low", "medium", "high"]


class Metadata(Block):
    """What this contract is."""

    name: Text
    """The project."""
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    """Major.minor.patch; `contract diff` says which part a change must raise."""
    status: Literal["draft", "approved", "retired"]
    """approved needs approvals by business and operations, and nothing left unknown."""
    review_by: Known[Day] = None
    """When people must look at it again."""
    risk_tier: Tier | None = None
    """How much harm a wrong prediction can do. Lowering it needs new approvals."""


class Accountable(Block):
    """The one person who answers for it."""

    role: Text | None = None
    email: Email


class Responsible(Block):
    """One who works on it."""

    role: Text
    email: Known[Email]


class OnCall(Block):
    """Who is called at night."""

    rotation: Known[Text]
    """Its name or address; alerts carry it."""
    escalation_minutes: tuple[Count, ...] = ()
    """After how long without an answer the next one is called; rising."""


class AfterProject(Block):
    """Who runs it once the project is over."""

    team: Known[Text]
    handover: Known[Day]
    """The day of the hand-over."""
    minimum_maintainers: Annotated[Count, Field(ge=2)] = 2
    """So many must be listed as responsible from that day on."""


class Ownership(Block):
    """The people."""

    accountable: Accountable
    team: Text | None = None
    """The team that owns it; alerts carry it."""
    responsible: tuple[Responsible, ...] = ()
    on_call: OnCall | None = None
    after_project: AfterProject | None = None


class Baseline(Block):
    """The figure without the model."""

    value: Known[Number]
    from_: Annotated[Known[Day], Field(alias="from")] = None
    """First day of the period it was measured in."""
    to: Known[Day] = None
    """Last day of that period."""
    source: Known[Text] = None
    """Where it can be looked up."""


class Target(Block):
    """What makes the model a success."""

    value: Known[Number]
    by: Known[Day] = None
    """Until when."""


class MeasuredBy(Block):
    """Where the figure comes from; `kpi report` reads it."""

    kind: Literal["query", "manual", "experiment"]
    ref: Known[Text]
    """A file or a query."""
    label_lag: Period | None = None
    """How long after a prediction the truth is known."""


class Attribution(Block):
    """How an improvement is known to come from the model."""

    design: Literal["before_after", "holdout", "stepped_wedge", "randomized"]
    holdout_share: Share | None = None
    """The share that goes without the model."""


class IfMissed(Block):
    """What happens below the floor."""

    after_periods: Count
    """So many periods in a row."""
    action: Literal["pause_rollout", "retrain", "retire", "review"]
    decider: Known[Text]
    """The role that decides."""


class BusinessKpi(Block):
    """A figure that the model must move. Baseline, floor and target lie in its direction."""

    id: Id
    """Such as BK-DOWNTIME."""
    name: Text
    unit: Text
    direction: Literal["increase", "decrease"]
    """Which way is better."""
    baseline: Baseline
    target: Target
    floor: Known[Number] = None
    """The least that is worth going on for: between baseline and target."""
    measured_by: MeasuredBy | None = None
    attribution: Attribution | None = None
    linked_gates: tuple[Id, ...] = ()
    """The gates that stand for it before it can be measured."""
    cadence: Period | None = None
    """How often it is measured."""
    if_missed: IfMissed | None = None


class HumanOversight(Block):
    """Who can stop it; required at a high tier."""

    mode: Literal["human_in_the_loop", "human_on_the_loop", "human_in_command"]
    stop_control: Known[Text]
    """What a person does to stop it."""


class Approval(Block):
    """One person's consent to this very text."""

    role: Literal["business", "operations", "compliance"]
    email: Email
    date: Day
    contract_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Digest of the contract without its approvals: any later edit voids them."""
