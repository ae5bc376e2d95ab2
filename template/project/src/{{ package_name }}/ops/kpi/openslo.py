# Managed by poc2prod; extend in kpi-contract.yaml.
"""Exports the objectives as OpenSLO v1, which has no words for the rest of the contract."""

import re
from typing import Any

import yaml

from . import indicators
from .model import KpiContract
from .running import Slo


def export(contract: KpiContract) -> str:
    """Write a service and its objectives, one YAML document each."""
    name = re.sub(r"[^a-z0-9]+", "-", contract.metadata.name.lower()).strip("-") or "service"
    service = _head("Service", name)
    service["spec"] = {"description": "; ".join(kpi.name for kpi in contract.business_kpis)[:1000]}
    job = contract.metadata.name
    objectives = [_objective(name, slo, job) for slo in contract.nonfunctional.slos]
    text: str = yaml.safe_dump_all(
        [service, *objectives], sort_keys=False, allow_unicode=True, explicit_start=True
    )
    return text


def _objective(service: str, slo: Slo, job: str) -> dict[str, Any]:
    name = f"{service}-{slo.id.lower()}"
    counted = indicators.of(slo, job)
    ratio = {
        "counter": True,
        "good": {"metricSource": {"type": "Prometheus", "spec": {"query": counted.good}}},
        "total": {"metricSource": {"type": "Prometheus", "spec": {"query": counted.total}}},
    }
    return {
        **_head("SLO", name, displayName=slo.id),
        "spec": {
            "service": service,
            "indicator": {"metadata": {"name": f"{name}-sli"}, "spec": {"ratioMetric": ratio}},
            "timeWindow": [{"duration": indicators.duration(slo.window), "isRolling": True}],
            "budgetingMethod": "Occurrences",
            "objectives": [{"displayName": slo.id, "target": slo.objective}],
        },
    }


def _head(kind: str, name: str, **metadata: str) -> dict[str, Any]:
    return {"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": name, **metadata}}
