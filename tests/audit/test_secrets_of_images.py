"""SEC-02: what is planted in the image of a project is found, and no other image is asked for."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest

from planting import TOKEN, commit, only
from poc2prod.audit.outcome import Status
from poc2prod.audit.running import images
from probing import outcome
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path


def saved(layer: dict[str, bytes]) -> bytes:
    """What `docker save` writes of an image with one layer."""

    def packed(files: dict[str, bytes]) -> bytes:
        output = io.BytesIO()
        with tarfile.open(fileobj=output, mode="w") as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return output.getvalue()

    manifest = json.dumps([{"Config": "c.json", "Layers": ["l/layer.tar"]}]).encode()
    return packed({"manifest.json": manifest, "c.json": b"{}", "l/layer.tar": packed(layer)})


@pytest.mark.parametrize(
    ("layer", "variables", "status"),
    [
        ({"app/a.py": b"print(1)"}, ["PATH=/bin"], Status.PASS),
        ({"app/.npmrc": TOKEN.encode()}, [], Status.FAIL),
        ({"root/.netrc": TOKEN.encode()}, [], Status.FAIL),
        ({"usr/lib/python3/test.py": TOKEN.encode()}, [], Status.PASS),
        ({"venv/lib/site-packages/x.py": TOKEN.encode()}, [], Status.PASS),
        ({}, [f"GITHUB_TOKEN={TOKEN}"], Status.FAIL),
    ],
)
def test_the_image_of_the_projects_name_is_scanned(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    layer: dict[str, bytes],
    variables: list[str],
    status: Status,
) -> None:
    betterleaks = require_tool("betterleaks")
    project = tmp_path / "project"
    commit(project, app__py="print(1)\n", **{".poc2prod/answers__yaml": "project_name: pumps\n"})
    tar, described = tmp_path / "image.tar", tmp_path / "image.json"
    tar.write_bytes(saved(layer))
    described.write_text(json.dumps([{"Size": 9, "Config": {"Env": variables}}]), "utf-8")
    docker = tmp_path / "docker"
    docker.write_text(
        f"#!/bin/sh\ncase $* in\n'image inspect pumps') cat {described} ;;\n"
        f"'save -o '*' pumps') cp {tar} $3 ;;\n*) exit 9 ;;\nesac\n",
        encoding="utf-8",
    )
    docker.chmod(0o755)
    only(monkeypatch, betterleaks=betterleaks, docker=str(docker))
    found = outcome(project, "SEC-02")
    assert found.status is status, found.message
    assert "image" in found.message
    assert TOKEN not in repr(found)


@pytest.mark.parametrize("name", ["", "--help", "../x", "a b", "x" * 3 + "/y", "A"])
def test_only_a_name_is_asked_of_the_engine(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    only(monkeypatch, docker="/nowhere/docker")
    assert images.files(name) == ("no image", [])
