"""A job with workers: pods that find each other, are closed to all others, and end together.

What these pods run is tried with real processes in tests/generated/test_scale.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import charts
from charts import of, template

if TYPE_CHECKING:
    from pathlib import Path

    from charts import Rendered

SCALES = ("dask", "ray")


def batch(scale: str) -> dict[str, Any]:
    return {"latency": "batch", "scale": scale}


@pytest.mark.parametrize("scale", SCALES)
def test_the_pods_of_a_job_with_workers_reach_each_other_alone(
    charted: Rendered, scale: str
) -> None:
    manifests = template(charted(batch(scale)))
    (service,) = of(manifests, "Service")
    (policy,) = of(manifests, "NetworkPolicy", "demo-model-scoring")
    peers = {"podSelector": {"matchLabels": service["spec"]["selector"]}}
    assert policy["spec"]["podSelector"] == peers["podSelector"]
    assert policy["spec"]["ingress"] == [{"from": [peers]}]
    assert policy["spec"]["egress"][0] == {"to": [peers]}
    reached = []
    for job in of(manifests, "CronJob"):
        template_ = job["spec"]["jobTemplate"]["spec"]["template"]
        if peers["podSelector"]["matchLabels"].items() <= template_["metadata"]["labels"].items():
            reached.append(job["metadata"]["name"])
            environment = {e["name"]: e.get("value") for e in container(job)["env"]}
            assert template_["spec"]["subdomain"] == service["metadata"]["name"]
            assert environment["FIRST"] == f"$(JOB)-0.{service['metadata']['name']}"
    assert reached == ["demo-model-scoring"]
    assert service["spec"]["clusterIP"] == "None"  # its name leads to the pods themselves


@pytest.mark.parametrize("scale", SCALES)
def test_it_ends_with_its_command(charted: Rendered, scale: str) -> None:
    (job,) = of(template(charted(batch(scale))), "CronJob", "demo-model-scoring")
    spec = job["spec"]["jobTemplate"]["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 5, 5)
    assert spec["successPolicy"] == {"rules": [{"succeededIndexes": "0"}]}
    assert (spec["backoffLimitPerIndex"], spec["maxFailedIndexes"]) == (3, 0)
    assert "backoffLimit" not in spec  # of all pods together
    assert container(job)["command"][-1] == "demo-model"
    # A source that has grown is cut into other parts.
    assert container(job)["args"] == ["score", "--prune", "data/readings.parquet", "data/scored"]


@pytest.mark.parametrize("scale", SCALES)
def test_without_workers_it_is_a_job_like_others(
    charted: Rendered, tmp_path: Path, scale: str
) -> None:
    """As the page says for who has a cluster of the engine already."""
    root = charted(batch(scale))
    page = (root / "docs/deploy-kubernetes.md").read_text(encoding="utf-8")
    (values,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "values.yaml"
    path.write_text(values, encoding="utf-8")
    manifests = template(root, "--values", str(path))
    (job,) = of(manifests, "CronJob", "demo-model-scoring")
    assert job["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 3
    assert "command" not in container(job)
    (variable,) = container(job)["env"]
    assert variable["name"] == "OPS_ENGINE_ADDRESS"
    assert of(manifests, "NetworkPolicy", "demo-model-jobs")
    assert charts.problems(root, manifests) == []
    assert not of(manifests, "Service")
    assert not of(manifests, "NetworkPolicy", "demo-model-scoring")


def container(job: charts.Manifest) -> Any:
    (found,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return found


@pytest.mark.parametrize(
    ("scale", "value", "place"),
    [
        ("dask", "jobs.scoring.workers=100", "/jobs/scoring"),  # the pods' names would be too long
        ("ray", "jobs.scoring.workers=-1", "/jobs/scoring"),
        ("dask", 'jobs.scoring.workers="many"', "/jobs/scoring"),
        ("ray", "jobs.scoring.workers=1.5", "/jobs/scoring"),
        ("dask", 'jobs.scoring.commands=[["score"],["kpi"]]', "/jobs/scoring"),  # which, in each?
        ("ray", 'jobDefaults.workers="few"', "/jobDefaults/workers"),
        ("single", "jobs.scoring.workers=2", "/jobs/scoring"),  # nothing shares out the work
    ],
)
def test_wrong_workers_are_refused(charted: Rendered, scale: str, value: str, place: str) -> None:
    done = charts.run(charted(batch(scale)), "helm", "template", "x", ".", "--set-json", value)
    assert done.returncode != 0
    assert place in done.stderr.replace("'", "")
