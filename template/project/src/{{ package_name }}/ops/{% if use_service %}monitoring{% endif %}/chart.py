# Managed by poc2prod; extend in kpi-contract.yaml.
"""What the Helm chart takes from the contract: the alerts, and what ends a canary.

A canary is judged by its own requests alone: they are so few that among all they would hardly show.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import ProjectError
from . import bounds, burn
from .alerts import Group
from .promql import number

if TYPE_CHECKING:
    from ..kpi import KpiContract

WINDOW = "5m"
"""How far a measurement looks back."""

CANARY = 'namespace="{{args.namespace}}", rollouts_pod_template_hash="{{args.canary}}"'
"""What Argo Rollouts replaces; the label tells the canary's pods from the others'."""


def rules(groups: list[Group], owner: str) -> dict[str, Any]:
    """Give all rules as one file: the same groups as in monitoring/rules/."""
    return {"groups": [part for group in groups for part in group.rules(owner)["groups"]]}


def rollout(contract: KpiContract) -> dict[str, Any] | None:
    """Give the steps of a canary and what is measured after each; None: it is no canary.

    Raises:
        ProjectError: nothing would end it, or nothing measures what should.
    """
    declared = contract.rollout
    if declared is None or declared.strategy != "canary":
        return None
    metrics = list(_metrics(contract))
    if not metrics:
        raise ProjectError(
            "kpi-contract.yaml: rollout.abort_on is empty, so nothing ends a canary: name an SLO"
        )
    return {"steps": list(declared.steps), "metrics": metrics}


def _metrics(contract: KpiContract) -> Iterator[dict[str, str]]:
    """Measure the SLOs and guardrails that end a rollout."""
    job = contract.metadata.name
    ends = set(contract.rollout.abort_on if contract.rollout else ())
    ends |= {rail.id for rail in contract.guardrails if rail.action == "abort_rollout"}
    for slo in contract.nonfunctional.slos:
        if slo.id in ends:
            share = burn.of(slo, job).over(WINDOW).replace(f'job="{job}"', f'job="{job}", {CANARY}')
            yield _metric(slo.id, share, "<=", round(1 - slo.objective, 10))
    for rail in contract.guardrails:
        if rail.id in ends and not rail.promql:
            raise ProjectError(
                f"kpi-contract.yaml: {rail.id} ends a rollout, so it needs promql: add it"
            )
        if rail.id in ends:
            kept = ">=" if rail.op == "gte" else "<="
            yield _metric(rail.id, bounds.record(rail), kept, rail.value)


def _metric(of: str, query: str, kept: str, value: float) -> dict[str, str]:
    """Require one value that keeps its bound: no value doesn't, and NaN doesn't either."""
    condition = f"len(result) == 1 && result[0] {kept} {number(value)}"
    return {"name": of.lower(), "contract": of, "query": query, "condition": condition}
