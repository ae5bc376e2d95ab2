"""INF-01: the image starts from a digest, holds no more than it needs, and answers unprivileged.

A stand-in for docker says what an engine would; test_whole_good and tests/generated ask a real one.
"""

from __future__ import annotations

import json
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest

from poc2prod.audit import engine
from poc2prod.audit.catalogue import load
from poc2prod.audit.conditions import holds
from poc2prod.audit.context import Context
from poc2prod.audit.files.tree import Tree
from poc2prod.audit.outcome import Status
from poc2prod.audit.running import containers, programs
from poc2prod.audit.running.lab import Lab
from probing import NOW, outcome
from small import write

if TYPE_CHECKING:
    from pathlib import Path

    from charts import Rendered
    from poc2prod.audit.outcome import Outcome

    Files = dict[str, str]
    Says = dict[str, tuple[int, str]]

PIN = f"python:3.13-slim@sha256:{'a' * 64}"
DOCKERFILE = f"""\
ARG BASE=python:3.13-slim
FROM $BASE AS build
RUN apt-get update && \\
    # for a wheel
    apt-get install --yes gcc
RUN pip install -r requirements/build.txt
FROM ${{BASE}} as installed
COPY --from=build /venv /venv
COPY --from=busybox@sha256:{"b" * 64} /bin/true /bin/
USER 10001:10001
FROM installed
RUN apt-get install --yes libgomp1
HEALTHCHECK CMD ["true"]
"""
ROWS, REPLIES = [{"flow": 1.5}], [{"probability": 0.25, "alarm": False}]
FILES = {
    ".poc2prod/answers.yaml": "project_name: pumps\nlatency: online\ndeployment: [compose]\n",
    "deploy/Dockerfile": DOCKERFILE,
    "deploy/base.Dockerfile": f"FROM {PIN}\n",
    "models/champion": "v1\n",
    "models/v1/golden.json": json.dumps({"rows": ROWS, "replies": REPLIES}),
    "requirements/dev.txt": "pytest==9\nnumpy==2\n",
    "requirements/serve.txt": "numpy==2\n",
}
BATCH = {".poc2prod/answers.yaml": "latency: batch\ndeployment: [compose]\n"}
SAYS: Says = {
    "image inspect": (0, "400000000"),
    "run --rm": (0, "numpy pumps"),
    "create": (0, "warning: no swap\ncafe"),
    "inspect": (0, "running healthy"),
    "exec": (0, json.dumps({"predictions": [{"probability": 0.25001, "alarm": False}]})),
    "start --attach": (0, f"\x1b[0;93m[W:x]\n{json.dumps(REPLIES)}\nbye"),
    "logs": (0, "no model"),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose image is as it should be, and a stand-in for docker beside it."""
    program = tmp_path / "docker"
    monkeypatch.setattr(programs, "found", lambda _: str(program))
    monkeypatch.setattr(containers, "PATIENCE", 1.0)
    root = tmp_path / "pumps"
    write(root, FILES)
    return root


def judged(root: Path, files: Files | None = None, says: Says | None = None) -> Outcome:
    write(root, files or {})
    changed = {**SAYS, **(says or {})}
    cases = (
        f"{shlex.quote(start)}*) echo {shlex.quote(text)}; exit {status} ;;"
        for start, (status, text) in changed.items()
    )
    lines = ("#!/bin/sh", 'echo "$*" >>"${0%/*}/log"', 'case "$*" in', *cases, "esac", "")
    write(root.parent, {"docker": "\n".join(lines)})
    (root.parent / "docker").chmod(0o755)
    with Lab(root) as lab:
        return engine._run(load()["INF-01"], Context(Tree(root), None, NOW, load(), lab))[0]


def test_a_pinned_image_that_answers_without_rights_passes(root: Path) -> None:
    found = judged(root)
    assert found.status is Status.PASS, found.message
    assert found.value == 400_000_000
    log = (root.parent / "log").read_text("utf-8")
    assert f"--file=deploy/Dockerfile --build-arg=BASE={PIN} ." in log
    (created,) = [line for line in log.splitlines() if line.startswith("create")]
    assert {"--read-only", "--user=10001", "--cap-drop=ALL", "--network=none"} <= {*created.split()}
    assert log.splitlines()[-2:] == ["rm --force --volumes cafe", f"image rm {created.split()[-1]}"]


def test_what_scores_files_is_asked_by_its_command(root: Path) -> None:
    text = DOCKERFILE.replace('HEALTHCHECK CMD ["true"]\n', "")
    found = judged(root, {**BATCH, "deploy/Dockerfile": text})
    assert found.status is Status.PASS, found.message
    assert f"predict {json.dumps(ROWS)}" in (root.parent / "log").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("FROM $BASE AS build", "FROM python:3.13 AS build", "deploy/Dockerfile:2: python:3.13 is"),
        (f"@sha256:{'b' * 64}", ":1.37", "deploy/Dockerfile:9: busybox:1.37 is named by a tag"),
        ("COPY --from=build /venv /venv", "RUN --mount=type=bind,from=uv:1 uv", "uv:1 is named by"),
        ("ARG BASE=python:3.13-slim", "ARG BASE=python:3.14-slim", "asks for python:3.14-slim"),
        ("USER 10001:10001\n", "", "deploy/Dockerfile:10: it runs as root"),
        ("USER 10001:10001", "USER 0:0", "it runs as root"),
        ("FROM installed\n", "FROM installed\nUSER root\n", "deploy/Dockerfile:12: it runs as roo"),
        ("libgomp1", "build-essential", "deploy/Dockerfile:12: build-essential stays"),
        ("libgomp1", "gcc && apt-get purge --yes gcc", None),
        ("libgomp1", "libgomp1 && pip install -r /requirements/dev.txt", "is for developing"),
        ("HEALTHCHECK", "# HEALTHCHECK", "it serves, and has no HEALTHCHECK"),
        ('CMD ["true"]', "NONE", "deploy/Dockerfile:13: it serves, and has no HEALTHCHECK"),
    ],
)
def test_what_a_dockerfile_lacks_is_named(root: Path, old: str, new: str, says: str | None) -> None:
    assert old in DOCKERFILE
    found = judged(root, {"deploy/Dockerfile": DOCKERFILE.replace(old, new)})
    assert found.status is (Status.FAIL if says else Status.PASS), found.message
    assert says is None or says in found.message
    assert says is None or not (root.parent / "log").exists()  # nothing was built


REFUSED: dict[str, tuple[Says, Status, str]] = {
    "it does not build": ({"build": (1, "hatchling: error")}, Status.FAIL, "hatchling: error"),
    "no registry": ({"build": (1, "failed to resolve source")}, Status.UNKNOWN, "no network"),
    "no engine": ({"info": (1, "Cannot connect")}, Status.UNKNOWN, "none answers: start it"),
    "too large": ({"image inspect": (0, "2000000000")}, Status.FAIL, "1907 MB, of 1024"),
    "a package for tests": ({"run --rm": (0, "numpy PyTest")}, Status.FAIL, "['pytest']"),
    "it ends": ({"inspect": (0, "exited ")}, Status.FAIL, "never healthy: no model"),
    "never healthy": ({"inspect": (0, "running starting")}, Status.FAIL, "running starting"),
    "another answer": (
        {"exec": (0, '{"predictions": [{"probability": 0.26, "alarm": false}]}')},
        Status.FAIL,
        "answers [{",
    ),
    "no number": (
        {"exec": (0, '{"predictions": [{"probability": "0.25", "alarm": false}]}')},
        Status.FAIL,
        "answers [{",
    ),
    "fewer": ({"exec": (0, '{"predictions": []}')}, Status.FAIL, "answers []"),
    "no predictions": ({"exec": (0, "[]")}, Status.FAIL, "answers null"),
    "no JSON": ({"exec": (0, "hello")}, Status.FAIL, "answers no JSON"),
    "an error": ({"exec": (1, "HTTP Error 503")}, Status.FAIL, "docker exec: HTTP Error 503"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_an_image_does_not_do_is_named(root: Path, name: str) -> None:
    says, status, message = REFUSED[name]
    found = judged(root, says=says)
    assert (found.status, message in found.message) == (status, True), found.message


def test_nothing_to_ask_or_no_way_to_ask_does_not_pass(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = {"models/v1/golden.json": json.dumps({"rows": [], "replies": []})}
    said = {"exec": (0, '{"predictions": []}')}
    assert judged(root, nothing, said).status is Status.MISSING
    assert judged(root, {"models/v1/golden.json": "[]"}).status is Status.FAIL
    (root / "models/champion").unlink()
    assert judged(root).status is Status.MISSING
    assert "--allow-exec" in outcome(root, "INF-01").message
    monkeypatch.setattr(programs, "found", lambda _: None)
    found = judged(root)
    assert (found.status, "it needs docker" in found.message) == (Status.UNKNOWN, True)


def test_as_generated_and_empty_it_is_a_stub(charted: Rendered, tmp_path: Path) -> None:
    root = tmp_path / "pumps"
    shutil.copytree(charted({}) / "deploy", root / "deploy")
    found = outcome(root, "INF-01")
    assert found.status is Status.STUB
    assert "slim-bookworm is named by a tag, which moves: run `make pin`" in found.message
    assert outcome(root, "INF-01", {"deploy/Dockerfile": "# nothing\n"}).status is Status.STUB
    (root / "deploy/Dockerfile").unlink()
    assert outcome(root, "INF-01").status is Status.MISSING


def test_it_is_about_projects_that_run_in_containers() -> None:
    when = load()["INF-01"].when or ""
    assert holds(when, {"deployment": ["edge", "serverless"]})
    assert not holds(when, {"deployment": ["edge"]})
