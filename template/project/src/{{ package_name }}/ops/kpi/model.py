# Managed by poc2prod; extend in kpi-contract.yaml.
"""The whole contract. What each block is enforced by is in the module that declares it."""

from typing import Annotated, Literal

from pydantic import Field

from .people import Approval, BusinessKpi, HumanOversight, Metadata, Ownership
from .protection import Privacy, Security
from .quality import ModelQuality
from .running import Guardrail, Nonfunctional, Retraining, Rollout
from .types import Block


class KpiContract(Block):
    """What success means. Gates, alerts, objectives and rollout steps come from here."""

    apiVersion: Literal["poc2prod/kpi-contract/v1"]  # noqa: N815  # as Kubernetes and OpenSLO write
    kind: Literal["KpiContract"]
    metadata: Metadata
    ownership: Ownership
    business_kpis: Annotated[tuple[BusinessKpi, ...], Field(min_length=1)]
    model_quality: ModelQuality
    guardrails: tuple[Guardrail, ...] = ()
    nonfunctional: Nonfunctional = Nonfunctional()
    privacy: Privacy | None = None
    security: Security | None = None
    rollout: Rollout | None = None
    retraining: Retraining | None = None
    human_oversight: HumanOversight | None = None
    approvals: tuple[Approval, ...] = ()
