"""The Helm chart of all distinct answers, held against Helm, Kubernetes and the operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

import charts
from charts import ENVIRONMENTS, HELMS
from pairs import all_pairs, axes
from poc2prod.effects import effects
from poc2prod.questions import load
from rendering import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from charts import Rendered

QUESTIONS = load(ROOT)


def decides(name: str) -> bool:
    """Whether an answer changes the chart."""
    found = effects(ROOT, QUESTIONS, name)
    return any(path.startswith("deploy/helm") for path in (*found.present, *found.edited))


DECIDING = [name for name in axes(QUESTIONS) if decides(name) and name != "deployment"]
ASKED_OF_BATCH = {"latency", "scale"}


def rows() -> Iterator[dict[str, Any]]:
    """Every two answers together, as far as the chart can tell them apart."""
    seen = []
    for row in all_pairs(axes(QUESTIONS)):
        asked = ASKED_OF_BATCH if row["latency"] == "batch" else set(DECIDING) - {"scale"}
        answers = {name: row[name] for name in DECIDING if name in asked}
        if "kubernetes" in row["deployment"] and answers not in seen:  # type: ignore[operator]
            seen.append(answers)
            yield answers


ROWS = list(rows())
CANARY = {"rollout": "canary"}
BATCH = {"latency": "batch"}

SERVICE = {
    "secrets": {
        "jobs": {"OPS_KPI_DATABASE": "kpi"},
        "external": {
            "refreshInterval": "1h",
            "store": {"kind": "ClusterSecretStore", "name": "vault"},
            "keys": {"kpi": {"key": "plant/kpi", "property": "url"}},
        },
    },
    "settings": {"OPS_MAX_ROWS": 500},
    "serviceAccountAnnotations": {"example.com/role": "reader"},
    "imagePullSecrets": ["registry"],
    "scheduling": {
        "priorityClassName": "serving",
        "nodeSelector": {"pool": "cpu"},
        "tolerations": [{"key": "pool", "operator": "Exists", "effect": "NoSchedule"}],
    },
    "monitoring": {"labels": {"release": "prometheus"}},
    "models": {"version": "v3"},
    "network": {
        "service": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 443}]}],
        "jobs": [{"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}], "ports": [{"port": 5432}]}],
    },
    "jobs": {"kpi-report": None, "retraining": {"suspend": True, "retries": 0}},
}
STORE = {
    "models": {
        "source": "objectStore",
        "objectStore": {
            "image": f"rclone/rclone@sha256:{'c' * 64}",
            "args": ["copy", "store:models", "/models"],
            "secret": "store",
        },
    },
    "network": {"service": SERVICE["network"]["service"], "jobs": SERVICE["network"]["jobs"]},  # type: ignore[index]
    "jobs": {"retraining": None, "promotion": None},
}
INGRESS = {
    "route": {"kind": "ingress", "host": "a.example.com", "tlsSecret": "tls"},
    "autoscaling": {"signal": "requests"},
}
GATEWAY = {"route": {"kind": "gateway", "host": "a.example.com", "gateway": {"name": "public"}}}
VALUES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "all": ({}, SERVICE),
    "store": ({}, {**STORE, **INGRESS}),
    "gateway": ({}, GATEWAY),
    "nginx": (CANARY, {**INGRESS, "rollout": {"trafficRouting": "nginx"}}),
    "split": (CANARY, {**GATEWAY, "rollout": {"trafficRouting": "gateway"}}),
    "batch": (BATCH, {k: SERVICE[k] for k in ("secrets", "scheduling", "jobs")}),
    "batch-store": (BATCH, {"models": STORE["models"], "jobs": STORE["jobs"]}),
    "workers": ({**BATCH, "scale": "ray"}, {"models": {"version": "v3"}, "jobs": STORE["jobs"]}),
}


def with_values(project: Path, values: dict[str, Any]) -> tuple[str, ...]:
    """Options that pass values in a file, as the team's own do."""
    path = project.parent / "values.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return ("--values", str(path))


@pytest.mark.parametrize("answers", ROWS, ids=str)
def test_every_environment_is_accepted(charted: Rendered, answers: dict[str, Any]) -> None:
    root = charted(answers)
    for options in ENVIRONMENTS.values():
        renders = []
        for helm in HELMS:
            linted = charts.run(root, helm, "lint", "--strict", ".", *options)
            assert linted.returncode == 0, linted.stdout + linted.stderr
            renders.append(charts.template(root, *options, helm=helm))
        manifests = renders[0]
        assert renders[1] == manifests
        assert charts.problems(root, manifests) == []
        assert charts.foreign_problems(manifests) == []


@pytest.mark.parametrize("name", VALUES)
def test_whatever_the_values_offer_is_accepted(charted: Rendered, name: str) -> None:
    answers, values = VALUES[name]
    root = charted(answers)
    for helm in HELMS:
        manifests = charts.template(root, *with_values(root, values), helm=helm)
        assert charts.problems(root, manifests) == []
        assert charts.foreign_problems(manifests) == []
