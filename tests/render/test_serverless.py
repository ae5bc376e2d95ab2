"""The manifest for Knative: what the answers promise, in the shape that Kubernetes asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml

from rendering import render

if TYPE_CHECKING:
    from pathlib import Path

AUTOSCALING = "autoscaling.knative.dev"


def manifest(template: Path, into: Path, **answers: object) -> Any:
    root = render(template, into / "demo-model", {"deployment": ["serverless"], **answers})
    return yaml.safe_load((root / "deploy/serverless/service.yaml").read_text(encoding="utf-8"))


def pod(document: Any) -> dict[str, object]:
    """What is left of it when Knative's own fields are gone."""
    spec = dict(document["spec"]["template"]["spec"])
    own = {"containerConcurrency": spec.pop("containerConcurrency")}
    own["timeoutSeconds"] = spec.pop("timeoutSeconds")
    assert all(isinstance(value, int) for value in own.values())
    return {"apiVersion": "v1", "kind": "Pod", "metadata": document["metadata"], "spec": spec}


@pytest.mark.parametrize(
    ("answers", "least", "most"),
    [
        ({}, 1, 2),
        ({"availability": 0.999}, 2, 4),
        ({"load": 1000}, 1, 14),
    ],
)
def test_instances_follow_the_answers(
    template: Path, tmp_path: Path, answers: dict[str, object], least: int, most: int
) -> None:
    document = manifest(template, tmp_path, **answers)
    assert (document["apiVersion"], document["kind"]) == ("serving.knative.dev/v1", "Service")
    notes = document["spec"]["template"]["metadata"]["annotations"]
    bounds = (notes[f"{AUTOSCALING}/minScale"], notes[f"{AUTOSCALING}/maxScale"])
    assert bounds == (str(least), str(most))


def test_its_pod_is_one_that_kubernetes_takes(template: Path, tmp_path: Path) -> None:
    found = pod(manifest(template, tmp_path))
    # Knative names the container itself.
    (container,) = found["spec"]["containers"]  # type: ignore[index]
    container["name"] = "user-container"
    kubernetes_validate.validate(found, "1.33", strict=True)
    container["ports"] = "8000"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(found, "1.33", strict=True)
