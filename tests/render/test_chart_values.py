"""What the chart's values may say, what follows from them, and what no pod may do."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import charts
from charts import ENVIRONMENTS, PINNED, of, pod_specs, template
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

    from charts import Manifest, Rendered

SIZES = [  # load, availability → least, most
    (1, 0.99, 1, 2),
    (50, 0.995, 2, 3),
    (400, 0.999, 3, 6),
    (2_000, 0.995, 4, 9),
    (1_000_000, 0.999, 1667, 4334),
]

ALL = (
    {},
    {"rollout": "canary"},
    *({"latency": "batch", "scale": scale} for scale in ("single", "dask", "ray")),
)
"""What makes each manifest that there is."""


@pytest.mark.parametrize(("load", "availability", "least", "most"), SIZES)
def test_load_and_availability_size_it(
    charted: Rendered, load: int, availability: float, least: int, most: int
) -> None:
    root = charted({"load": load, "availability": availability})
    values = yaml.safe_load((root / "deploy/helm/values.yaml").read_text(encoding="utf-8"))
    scaling = values["autoscaling"]
    assert (scaling["minReplicas"], scaling["maxReplicas"]) == (least, most)
    assert most * scaling["requestsPerSecond"] >= 1.3 * load
    assert least >= (2 if availability >= 0.995 else 1)


def test_every_pod_is_shut_in(charted: Rendered) -> None:
    for answers in ALL:
        manifests = template(charted(answers))
        found = pod_specs(manifests)
        assert len(found) >= 4
        for name, spec in found.items():
            shut_in(name, spec)
        (account,) = of(manifests, "ServiceAccount")
        assert account["automountServiceAccountToken"] is False
        assert of(manifests, "NetworkPolicy", "demo-model-deny")[0]["spec"] == {
            "podSelector": {
                "matchLabels": {
                    "app.kubernetes.io/name": "demo-model",
                    "app.kubernetes.io/instance": "demo-model",
                }
            },
            "policyTypes": ["Ingress", "Egress"],
        }
        assert not of(manifests, "Secret")


def shut_in(name: str, spec: Any) -> None:
    assert spec["automountServiceAccountToken"] is False, name
    assert spec["enableServiceLinks"] is False, name
    assert spec["securityContext"]["runAsNonRoot"] is True, name
    assert spec["securityContext"]["runAsUser"] > 10_000, name
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
    for container in (*spec["containers"], *spec.get("initContainers", ())):
        own = container["securityContext"]
        assert own["readOnlyRootFilesystem"] is True, name
        assert own["allowPrivilegeEscalation"] is False, name
        assert own["capabilities"] == {"drop": ["ALL"]}, name
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
        assert container["resources"]["limits"].keys() == {"cpu", "memory"}, name


def test_probes_ask_different_things(charted: Rendered) -> None:
    for kind, answers in (("Deployment", {}), ("Rollout", {"rollout": "canary"})):
        (workload,) = of(template(charted(answers)), kind)
        spec = workload["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        paths = {
            probe: container[f"{probe}Probe"]["httpGet"]["path"]
            for probe in ("startup", "readiness", "liveness")
        }
        assert paths == {"startup": "/live", "readiness": "/ready", "liveness": "/live"}
        drain = {item["name"]: item["value"] for item in container["env"]}["OPS_DRAIN_SECONDS"]
        assert spec["terminationGracePeriodSeconds"] > int(drain) + 20  # what is open ends within


def test_a_batch_project_has_jobs_and_no_service(charted: Rendered) -> None:
    manifests = template(charted({"latency": "batch"}))
    kinds = {manifest["kind"] for manifest in manifests}
    assert kinds == {
        "CronJob",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "Pod",
        "ServiceAccount",
    }
    assert jobs(manifests) == SERVED | {"scoring"}
    assert not list(charted({"latency": "batch"}).glob("deploy/helm/compiled/*"))


SERVED = {"ingestion", "retraining", "promotion", "retention", "backup", "kpi-report"}


def jobs(manifests: list[Manifest]) -> set[str]:
    return {job["metadata"]["name"].removeprefix("demo-model-") for job in of(manifests, "CronJob")}


def test_a_job_joins_or_leaves_by_one_entry(charted: Rendered, tmp_path: Path) -> None:
    own = {"schedule": "5 5 * * *", "commands": [["a", "b"], ["c"]], "retries": 0, "data": "read"}
    path = tmp_path / "values.yaml"
    path.write_text(json.dumps({"jobs": {"mine": own, "retraining": None}}), encoding="utf-8")
    manifests = template(charted({}), "--values", str(path))

    assert jobs(manifests) == SERVED - {"retraining"} | {"mine"}
    (job,) = of(manifests, "CronJob", "demo-model-mine")
    spec = job["spec"]["jobTemplate"]["spec"]
    assert spec["backoffLimit"] == 0
    pod = spec["template"]["spec"]
    assert [c["args"] for c in (*pod["initContainers"], *pod["containers"])] == own["commands"]


def test_the_commands_of_jobs_exist(charted: Rendered) -> None:
    for answers in ({}, {"latency": "batch"}):
        root = charted(answers)
        commands = {path.stem for path in root.glob("src/*/ops/commands/*")}
        for job in of(template(root), "CronJob"):
            pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            for container in (*pod.get("initContainers", ()), *pod["containers"]):
                assert container["args"][0] in commands


def test_a_job_that_ingests_may_write_the_data(charted: Rendered) -> None:
    ingests = {"ingest", "train"}  # which takes in the one file of a project without sources
    found = set()
    for name, spec in pod_specs(template(charted({}))).items():
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            mounts = {mount["name"]: mount for mount in container.get("volumeMounts", ())}
            if ingests & {*container.get("args", ())}:
                found.add(name)
                assert mounts["data"]["readOnly"] is False, name
    assert found == {"CronJob/demo-model-ingestion", "CronJob/demo-model-retraining"}


def test_a_version_of_the_model_reaches_the_pods(charted: Rendered) -> None:
    manifests = template(charted({}), "--set", "models.version=v3")
    (service,) = of(manifests, "Deployment")
    (container,) = service["spec"]["template"]["spec"]["containers"]
    assert {"name": "OPS_MODEL", "value": "v3"} in container["env"]


@pytest.mark.parametrize("answers", [{}, {"rollout": "canary"}, {"latency": "batch"}], ids=str)
def test_the_commands_of_the_page_work(charted: Rendered, answers: dict[str, Any]) -> None:
    """Those that need no cluster; for the others see tests/generated/test_cluster.py."""
    root = charted(answers)
    page = (root / "docs/deploy-kubernetes.md").read_text(encoding="utf-8")
    commands = re.findall(r"^helm (?:lint|template) .*", page, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        done = subprocess.run(
            [require_tool("helm"), *command.split()[1:]],
            cwd=root,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    named = set(re.findall(r"--from=cronjob/(\S+)", page))
    assert named == {"demo-model-retraining", "demo-model-promotion"}
    assert named <= {job["metadata"]["name"] for job in of(template(root), "CronJob")}


def test_a_secret_reaches_only_the_pods_that_it_is_for(charted: Rendered) -> None:
    options = ("secrets.jobs.OPS_PSEUDONYM_KEY=key", "secrets.existing=plant")
    flags = [part for option in options for part in ("--set", option)]
    reference = {"secretKeyRef": {"name": "plant", "key": "key"}}
    wanted = {"name": "OPS_PSEUDONYM_KEY", "valueFrom": reference}
    for name, spec in pod_specs(template(charted({}), *flags)).items():
        has = wanted in spec["containers"][0].get("env", ())
        assert has is name.startswith("CronJob/"), name


def test_a_policy_linter_finds_nothing(charted: Rendered, tmp_path: Path) -> None:
    texts = set()
    for answers in ALL:
        for options in ENVIRONMENTS.values():
            for manifest in template(charted(answers), *options, *PINNED):
                if manifest["kind"] == "Rollout":  # which the linter doesn't know
                    manifest.update(apiVersion="apps/v1", kind="Deployment")
                texts.add(json.dumps(manifest))
    for number, text in enumerate(sorted(texts)):
        (tmp_path / f"{number}.json").write_text(text, encoding="utf-8")
    options = ("--framework", "kubernetes", "--skip-download", "--output", "json", "--quiet")
    done = charts.run(charted({}), "checkov", "--directory", tmp_path, *options)
    report = json.loads(done.stdout)
    found = {
        (check["check_id"], re.sub(r".*/|\.plant", "", check["resource"]))
        for check in report["results"]["failed_checks"]
    }
    unlike = {(check, resource) for check, resource in found if not accepted(check, resource)}
    assert report["summary"]["resource_count"] > 20
    assert unlike == set()


def accepted(check: str, resource: str) -> bool:
    """What was thought about: a digest can't move, and a test that ends has no probes."""
    return check == "CKV_K8S_15" or (
        check in ("CKV_K8S_8", "CKV_K8S_9") and resource.startswith("Pod")
    )
