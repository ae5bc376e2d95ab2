"""The chart on the cluster that TEST_KUBECONFIG names: installed, upgraded, rolled back."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from charts import Rendered

NAMESPACE = f"poc2prod-test-{os.getpid()}"
RELEASE = "demo-model"
PLAIN = {
    "autoscaling": {"minReplicas": 1, "maxReplicas": 2},
    "monitoring": {"operator": False},  # a bare cluster has no operators
    "models": {"claim": {"accessModes": ["ReadWriteOnce"], "size": "16Mi"}},
    "data": {"claim": {"accessModes": ["ReadWriteOnce"], "size": "16Mi"}},
}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A namespace of our own on the cluster, which is deleted at the end."""
    config = os.environ.get("TEST_KUBECONFIG")
    if not config:
        pytest.skip(
            "TEST_KUBECONFIG names no cluster: the chart is NOT tried on one; set it to the path of"
            " a kubeconfig whose user may create a namespace"
        )
    cluster = Cluster(config)
    cluster("kubectl", "create", "namespace", NAMESPACE)
    try:
        yield cluster
    finally:
        cluster("kubectl", "delete", "namespace", NAMESPACE, "--wait=false")


class Cluster:
    """Commands for the cluster, which must succeed."""

    def __init__(self, config: str) -> None:
        self._config = config

    def __call__(self, program: str, *arguments: str | Path) -> str:
        """Return what a command prints."""
        done = subprocess.run(
            [require_tool(program), *map(str, arguments)],
            env={**os.environ, "KUBECONFIG": self._config},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def deployment(self) -> Any:
        """Return the service's Deployment as the cluster has it."""
        options = ("deployment", RELEASE, "--namespace", NAMESPACE, "--output", "json")
        return json.loads(self("kubectl", "get", *options))


def test_it_is_installed_upgraded_and_rolled_back(
    cluster: Cluster, charted: Rendered, tmp_path: Path
) -> None:
    chart = charted({"availability": 0.99}) / "deploy/helm"
    values = tmp_path / "values.json"
    values.write_text(json.dumps(PLAIN), encoding="utf-8")
    common = (RELEASE, chart, "--namespace", NAMESPACE, "--values", values)
    cluster("helm", "upgrade", "--install", *common)
    assert environment(cluster.deployment()).get("OPS_MODEL") is None

    cluster("helm", "upgrade", *common, "--set", "models.version=v2")
    assert environment(cluster.deployment())["OPS_MODEL"] == "v2"
    revisions = cluster("helm", "history", RELEASE, "--namespace", NAMESPACE, "--output", "json")
    assert [entry["status"] for entry in json.loads(revisions)] == ["superseded", "deployed"]

    cluster("helm", "rollback", RELEASE, "1", "--namespace", NAMESPACE)
    assert environment(cluster.deployment()).get("OPS_MODEL") is None

    cluster("helm", "uninstall", RELEASE, "--namespace", NAMESPACE)
    claims = cluster("kubectl", "get", "pvc", "--namespace", NAMESPACE, "--output", "name")
    assert f"{RELEASE}-models" in claims, "uninstalling took the models away"


def environment(deployment: Any) -> dict[str, str]:
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return {item["name"]: item.get("value") for item in container["env"]}
