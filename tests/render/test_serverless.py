"""The manifest for Knative: what the answers promise, in the shape that Knative asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from cloudcoil.models.knative_serving.serving.v1 import Service
from pydantic import ValidationError

from rendering import render

if TYPE_CHECKING:
    from pathlib import Path

AUTOSCALING = "autoscaling.knative.dev"


def manifest(template: Path, into: Path, **answers: object) -> Any:
    root = render(template, into / "demo-model", {"deployment": ["serverless"], **answers})
    return yaml.safe_load((root / "deploy/serverless/service.yaml").read_text(encoding="utf-8"))


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
    Service.model_validate(document)
    notes = document["spec"]["template"]["metadata"]["annotations"]
    assert (notes[f"{AUTOSCALING}/minScale"], notes[f"{AUTOSCALING}/maxScale"]) == (
        str(least),
        str(most),
    )


def test_the_schema_would_notice(template: Path, tmp_path: Path) -> None:
    document = manifest(template, tmp_path)
    document["spec"]["template"]["spec"]["containerConcurrency"] = "many"
    with pytest.raises(ValidationError):
        Service.model_validate(document)
