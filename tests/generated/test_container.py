"""The image, built and run by a real engine, as unprivileged as it will be."""

from __future__ import annotations

import json
import re
import shutil
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import yaml

from containers import answer, output, until, with_image
from poc2prod.audit.running.containers import Image
from projects import Project
from rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

UNPRIVILEGED = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges")


@pytest.fixture
def built(generated: Callable[[str], Project], docker: str) -> Project:
    """The default project with a registered model and an image."""
    assert docker
    return with_image(generated("default"))


@contextmanager
def running(docker: str, project: Project, *options: str) -> Iterator[str]:
    """The service in a container; yields the container's id."""
    models = f"--volume={project.root}/models:/models:ro"
    container = output(
        docker, "run", "--detach", "--publish=127.0.0.1::8000", models, *UNPRIVILEGED, *options,
        project.root.name,
    )  # fmt: skip
    try:
        yield container
    finally:
        output(docker, "rm", "--force", "--volumes", container)


@pytest.mark.xdist_group("images")
def test_the_container_answers_is_unprivileged_and_stops_cleanly(
    built: Project, docker: str
) -> None:
    with running(docker, built) as container:
        health = "{{.State.Health.Status}}"
        until("healthy", docker, "inspect", "--format", health, container)
        got, expected = answer(output(docker, "port", container, "8000"), built)
        assert [row["alarm"] for row in got] == [row["alarm"] for row in expected]
        assert [row["probability"] for row in got] == pytest.approx(
            [row["probability"] for row in expected], abs=1e-4
        )
        assert output(docker, "exec", container, "id", "-u") == "10001"
        settings = (built.root / "settings.toml").read_text("utf-8").strip()
        assert output(docker, "exec", container, "cat", "settings.toml") == settings
        output(docker, "stop", "--time=20", container)
        assert output(docker, "inspect", "--format={{.State.ExitCode}}", container) == "0"


@pytest.mark.xdist_group("images")
def test_the_image_holds_what_serving_needs_and_nothing_else(built: Project, docker: str) -> None:
    program = "from importlib.metadata import *; print(*(d.name for d in distributions()))"
    run = (docker, "run", "--rm", "--entrypoint=python", built.root.name, "-c", program)
    installed = {name.lower().replace("_", "-") for name in output(*run).split()}
    pins = (built.root / "requirements/serve.txt").read_text()
    wanted = set(re.findall(r"^([a-z0-9-]+)==(?!.*== 'win32')", pins, re.MULTILINE))
    assert installed == wanted | {built.root.name}
    shown = built.make("image").splitlines()
    assert re.search(rf"^{built.root.name}\b.*\d[MG]B", shown[-1] + shown[-2]), shown[-2:]


@pytest.mark.xdist_group("images")
def test_two_builds_make_the_same_layers(built: Project, docker: str) -> None:
    again = f"{built.root.name}-again"
    layers = "{{json .RootFS.Layers}}"
    build = ("build", "--quiet", "--no-cache", "--tag", again, "--file=deploy/Dockerfile", ".")
    assert built(docker, *build).returncode == 0
    try:
        inspect = (docker, "image", "inspect", "--format", layers)
        assert output(*inspect, again) == output(*inspect, built.root.name)
    finally:
        output(docker, "image", "rm", again)


@pytest.mark.xdist_group("images")
def test_a_container_without_a_model_lives_and_is_not_healthy(built: Project, docker: str) -> None:
    with running(docker, built, "--env=OPS_MODELS=/nowhere") as container:
        address = output(docker, "port", container, "8000")
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://{address}/live", timeout=5) as response:
                    assert response.status == 200
                break
            except OSError:
                assert time.monotonic() < deadline, output(docker, "logs", container)
                time.sleep(0.2)
        with pytest.raises(urllib.request.HTTPError, match="503"):
            urllib.request.urlopen(f"http://{address}/ready", timeout=5)


@pytest.mark.xdist_group("default")
def test_a_model_made_by_the_jobs_image_is_served(
    built: Project, docker: str, tmp_path: Path
) -> None:
    built.make("image-jobs")
    there = Project(tmp_path / built.root.name, built.environment)
    volumes = ["--network=none"]
    for name in ("app/data", "app/runs", "app/build", "app/readiness/evidence", "models"):
        folder = there.root / name.removeprefix("app/")
        folder.mkdir(parents=True)
        folder.chmod(0o777)  # the container's user is nobody on this machine
        volumes.append(f"--volume={folder}:/{name}")
    shutil.copy(built.root / "data/readings.parquet", there.root / "data")

    for command in ("ingest", "train", "evaluate", "register"):
        job = (f"{built.root.name}-jobs", command)
        output(docker, "run", "--rm", *UNPRIVILEGED, *volumes, *job)

    metadata = json.loads((there.root / "models/v1/model.json").read_text(encoding="utf-8"))
    commit = output("git", "rev-parse", "HEAD", cwd=built.root)
    assert metadata["made_from"]["commit"] == commit
    assert metadata["made_from"]["modified"] is False
    said = Project(built.root, {**built.environment, "OPS_MODELS": str(there.root / "models")})
    assert f"code {commit}" in re.sub(" +", " ", said.command("lineage", "v1").stdout)
    with running(docker, there) as container:
        until("healthy", docker, "inspect", "--format", "{{.State.Health.Status}}", container)
        got, expected = answer(output(docker, "port", container, "8000"), there)
        assert [row["alarm"] for row in got] == [row["alarm"] for row in expected]


@pytest.mark.xdist_group("batch")
def test_the_batch_image_scores_a_file(
    generated: Callable[[str], Project], template: Path, docker: str, tmp_path: Path
) -> None:
    built = with_image(generated("batch"))
    golden = json.loads((built.root / "models/v1/golden.json").read_text(encoding="utf-8"))
    image = Image(docker, tmp_path, built.root.name)  # as the audit asks it
    said = image.predicted(built.root / "models", golden["rows"])
    for got, expected in zip(said, golden["replies"], strict=True):
        assert got == pytest.approx(expected)
    answers = {"latency": "batch", "deployment": ["compose"]}
    root = render(template, tmp_path / built.root.name, answers)
    for name in ("models", "data"):
        shutil.copytree(built.root / name, root / name)
    page = (root / "docs/deploy-compose.md").read_text(encoding="utf-8")
    (command,) = re.findall("^SCORE_USER.*", page, re.MULTILINE)
    there = Project(root / "deploy/compose", built.environment)
    shown = there("sh", "-c", command.replace("docker", docker, 1))
    assert "103,680 rows" in shown.stdout, shown.stdout
    assert (root / "data/scored.parquet").stat().st_size > 100_000


@pytest.mark.xdist_group("regression")
def test_the_serverless_image_needs_nothing_mounted(
    generated: Callable[[str], Project], docker: str
) -> None:
    project = with_image(generated("regression"))
    image = f"registry.test/{project.root.name}:1"
    project.make("serverless", f"IMAGE={image}")
    manifest = yaml.safe_load((project.root / "build/service.yaml").read_text(encoding="utf-8"))
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    assert container["image"] == image
    run = (docker, "run", "--detach", "--publish=127.0.0.1::8000", *UNPRIVILEGED, image)
    name = output(*run)
    try:
        until("healthy", docker, "inspect", "--format", "{{.State.Health.Status}}", name)
        got, expected = answer(output(docker, "port", name, "8000"), project)
        assert [row["value"] for row in got] == pytest.approx([row["value"] for row in expected])
    finally:
        output(docker, "rm", "--force", "--volumes", name)
