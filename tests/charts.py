"""Helm charts of rendered projects, and what judges the manifests that come of them."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from kubernetes_validate import SchemaNotFoundError, ValidationError

from poc2prod.audit.running.charts import known
from rendering import ROOT, render
from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    Rendered = Callable[[dict[str, Any]], Path]

Manifest = dict[str, Any]

CLUSTERS = ("1.29", "1.31", "1.33", "1.37")
"""The oldest that a Chart.yaml allows without and with workers, a common one, the newest."""
HELMS = ("helm", "helm3")
PINNED = (
    "--set",
    f"image.digest=sha256:{'a' * 64}",
    "--set",
    f"jobsImage.digest=sha256:{'b' * 64}",
)
"""What whoever deploys passes."""
ENVIRONMENTS = {
    "default": (),
    "staging": ("--values", "values-staging.yaml"),
    "production": ("--values", "values-production.yaml"),
}
FOREIGN = (
    "argoproj.io",
    "external-secrets.io",
    "gateway.networking.k8s.io",
    "keda.sh",
    "monitoring.coreos.com",
)
"""API groups that operators bring."""


@pytest.fixture(scope="session")
def charted(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """The project of some answers with a chart, rendered once. Tests leave it as it is."""
    made: dict[str, Path] = {}

    def rendered(answers: dict[str, Any]) -> Path:
        answers = {"deployment": ["kubernetes"], **answers}
        key = json.dumps(answers, sort_keys=True)
        if key not in made:
            made[key] = render(template, tmp_path_factory.mktemp("chart") / "demo-model", answers)
        return made[key]

    return rendered


def run(project: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a tool in the project's chart."""
    return subprocess.run(
        [require_tool(str(command[0])), *map(str, command[1:])],
        cwd=project / "deploy/helm",
        check=False,
        capture_output=True,
        text=True,
    )


def template(project: Path, *options: str, helm: str = "helm") -> list[Manifest]:
    """Render the chart as a release named after the project."""
    done = run(project, helm, "template", project.name, ".", "--namespace", "plant", *options)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def of(manifests: Iterable[Manifest], kind: str, name: str = "") -> list[Manifest]:
    """Select manifests of a kind, and of a name where one is given."""
    return [m for m in manifests if m["kind"] == kind and name in ("", m["metadata"]["name"])]


def pod_specs(manifests: Iterable[Manifest]) -> dict[str, Any]:
    """Find what describes pods: kind/name → spec."""
    found = {}
    for manifest in manifests:
        spec = manifest.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        spec = spec.get("template", {}).get("spec", spec)
        if "containers" in spec:
            found[f"{manifest['kind']}/{manifest['metadata']['name']}"] = spec
    return found


@cache
def foreign_schemas() -> Path:
    """The folder with schemas of what operators bring, beside the repository."""
    for parent in ROOT.parents:
        if (parent / "shared/crds").is_dir():
            return parent / "shared/crds"
    pytest.skip("no ../shared/crds: the schemas of what operators bring are not in this repository")


def problems(project: Path, manifests: Sequence[Manifest]) -> list[str]:
    """What a Kubernetes that Chart.yaml allows would not accept; the rest is `foreign_problems`."""
    chart = yaml.safe_load((project / "deploy/helm/Chart.yaml").read_text(encoding="utf-8"))
    allowed = [each for each in CLUSTERS if f">={each}.0-0" >= chart["kubeVersion"]]
    assert allowed[0] in chart["kubeVersion"]
    return [
        line
        for cluster in allowed
        for each in manifests
        if (line := _problem(json.dumps(each), cluster))
    ]


@cache
def _problem(text: str, cluster: str) -> str:
    manifest = json.loads(text)
    name = f"{manifest['kind']}/{manifest['metadata']['name']}"
    try:
        kubernetes_validate.validate(known(manifest), cluster, strict=True)
    except ValidationError as error:
        return f"{name}: {error.message}"
    except SchemaNotFoundError:
        if manifest["apiVersion"].partition("/")[0] not in FOREIGN:
            return f"{name}: {cluster} knows no such kind"
    return ""


def foreign_problems(manifests: Sequence[Manifest]) -> list[str]:
    """What the operators' schemas refuse, unknown keys too."""
    found = []
    for manifest in manifests:
        group, _, version = manifest["apiVersion"].partition("/")
        if group in FOREIGN:
            path = foreign_schemas() / group / f"{manifest['kind'].lower()}_{version}.json"
            found += [
                f"{manifest['kind']}: {error.json_path}: {error.message}"
                for error in _validator(path).iter_errors(manifest)
            ]
    return found


@cache
def _validator(path: Path) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(_strict(json.loads(path.read_text(encoding="utf-8"))))


def _strict(schema: Any) -> Any:
    """Refuse what no property declares, as the cluster drops it in silence."""
    if isinstance(schema, dict):
        schema = {key: _strict(value) for key, value in schema.items()}
        if isinstance(schema.get("properties"), dict) and "type" in schema:
            open_ = schema.get("x-kubernetes-preserve-unknown-fields")
            if not open_ and "additionalProperties" not in schema:
                schema["additionalProperties"] = False
    elif isinstance(schema, list):
        schema = [_strict(item) for item in schema]
    return schema
