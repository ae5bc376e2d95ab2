"""Signatures are cosign's, bills of materials are CycloneDX's, and commits are scanned."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from planting import TOKEN
from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from projects import Project

pytestmark = pytest.mark.xdist_group("default")


def schema(name: str) -> Any:
    return json.loads((files("cyclonedx.schema") / "_res" / name).read_text(encoding="utf-8"))


@pytest.fixture
def trained(generated: Callable[[str], Project], copy_of: Callable[[Project], Project]) -> Project:
    project = copy_of(generated("default"))
    if not (project.root / "models/champion").exists():
        project.make("train", "evaluate", "register")
    return project


def test_signatures_are_those_of_cosign(trained: Project, tmp_path: Path) -> None:
    model = trained.root / "models/v1"

    def cosign(*arguments: str) -> None:
        command = [require_tool("cosign"), *arguments]
        environment = {**trained.environment, "COSIGN_PASSWORD": "", "HOME": str(tmp_path)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    cosign("generate-key-pair")
    signature = str(model / "SHA256SUMS.sig")
    blob = ("--key", "cosign.key", "--tlog-upload=false", "--yes")
    cosign("sign-blob", *blob, "--output-signature", signature, str(model / "SHA256SUMS"))
    public = str(tmp_path / "cosign.pub")
    assert trained.command("verify", "v1", "--signed-by", public).returncode == 0

    key, half = tmp_path / "own.key", tmp_path / "own.pub"
    for command in (
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key)],
        ["openssl", "ec", "-in", str(key), "-pubout", "-out", str(half)],
    ):
        subprocess.run(command, check=True, capture_output=True)
    assert trained.command("verify", "v1", "--signed-by", str(half)).returncode == 1
    trained.make("sign", "VERSION=v1", f"OPS_SIGNING_KEY={key}")
    verify = ("--key", str(half), "--signature", signature, "--insecure-ignore-tlog")
    cosign("verify-blob", *verify, str(model / "SHA256SUMS"))


def test_the_bill_of_materials_is_valid_and_has_the_model(trained: Project) -> None:
    trained.make("sbom")

    bill = json.loads((trained.root / "build/sbom.cdx.json").read_text(encoding="utf-8"))
    others = ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")
    known = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}", Resource.from_contents(schema(name)))
        for name in others
    )
    validator = Draft7Validator(schema("bom-1.6.SNAPSHOT.schema.json"), registry=known)
    assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(bill)] == []
    kinds = [component["type"] for component in bill["components"]]
    assert kinds.count("machine-learning-model") == kinds.count("data") == 1
    names = {component["name"] for component in bill["components"]}
    assert {"onnxruntime", "fastapi"} <= names
    assert not {"scikit-learn", "colorama", "pytest"} & names, "neither trained with nor of Windows"


def test_a_commit_with_a_secret_is_refused(
    generated: Callable[[str], Project], tmp_path: Path
) -> None:
    default = generated("default")
    root = tmp_path / "clone"
    clone = default("git", "clone", "--quiet", str(default.root), str(root))
    assert clone.returncode == 0, clone.stdout
    (root / "settings.py").write_text(f'token = "{TOKEN}"\n', encoding="utf-8")
    default("git", "-C", str(root), "add", "--all")

    refused = default("make", "-C", str(root), "secrets", "ARGS=--staged")

    assert refused.returncode != 0
    assert "github-pat" in refused.stdout
    assert TOKEN not in refused.stdout
    default("git", "-C", str(root), "reset", "--quiet", "--hard")
    assert default("make", "-C", str(root), "secrets", "ARGS=--staged").returncode == 0
