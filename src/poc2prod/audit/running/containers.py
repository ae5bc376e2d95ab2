"""Build the project's image and ask it, as unprivileged as a container can be."""

from __future__ import annotations

import json
import re
import secrets
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from poc2prod.audit.running import programs
from poc2prod.audit.running.images import ENGINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNPRIVILEGED = (
    *("--read-only", "--tmpfs=/tmp", "--user=10001", "--cap-drop=ALL", "--network=none"),
    "--security-opt=no-new-privileges",
)
BUILD_SECONDS = 900.0
PATIENCE = 90.0
"""Seconds until a service must be healthy."""

ASK = """\
import json, sys, urllib.request as u
reply = u.urlopen(u.Request("http://127.0.0.1:8000/predict", sys.argv[1].encode()), timeout=10)
print(json.dumps(json.load(reply)))
"""
NAMES = "import importlib.metadata as m; print(*{d.name for d in m.distributions()})"
_STATE = "{{.State.Status}} {{with .State.Health}}{{.Status}}{{end}}"
_UNREACHABLE = ("failed to resolve", "dial tcp", "i/o timeout", "name resolution")
_SAID = 300


class RefusedError(Exception):
    """The image can't be built or does not do what it should; the message says why."""


class UnreachableError(Exception):
    """There is no engine, or no network where the build needs one."""


class Image:
    """An image that an engine has, and containers of it."""

    def __init__(self, docker: str, folder: Path, tag: str) -> None:
        self._docker = docker
        self._folder = folder
        self.tag = tag

    def run(self, *command: str, seconds: float = 60) -> str:
        """Return what docker says.

        Raises:
            RefusedError: it fails.
            SlowError: it takes too long.
        """
        done = programs.run(self._docker, *command, cwd=self._folder, seconds=seconds, kept=ENGINE)
        if done.returncode:
            raise RefusedError(f"docker {command[0]}: {' '.join(done.stdout.split())[-_SAID:]}")
        return done.stdout.strip()

    @property
    def bytes(self) -> int:
        """Its size, unpacked."""
        return int(self.run("image", "inspect", "--format={{.Size}}", self.tag))

    @property
    def packages(self) -> set[str]:
        """The Python packages in it."""
        said = self.run("run", "--rm", *UNPRIVILEGED, "--entrypoint=python", self.tag, "-c", NAMES)
        return {name.lower().replace("_", "-") for name in said.split()}

    def served(self, models: Path, rows: Any) -> Any:
        """Return what its service predicts of rows, once it is healthy.

        Raises:
            RefusedError: it does not get healthy, or does not answer.
            ValueError: its answer is no JSON with predictions.
        """
        with self._container(models) as name:
            self.run("start", name)
            self._wait(name)
            reply = json.loads(self.run("exec", name, "python", "-c", ASK, json.dumps(rows)))
        return reply.get("predictions") if isinstance(reply, dict) else None

    def predicted(self, models: Path, rows: Any) -> Any:
        """Return what its command `predict` prints of rows; see `served`."""
        with self._container(models, "predict", json.dumps(rows)) as name:
            said = self.run("start", "--attach", name)
            # Libraries may warn before and after it, such as in colours: the reply begins a line.
            start = re.search(r"^\[(?=\s*[\[{\]])", said, re.MULTILINE)
            return json.JSONDecoder().raw_decode(said, start.start() if start else 0)[0]

    @contextmanager
    def _container(self, models: Path, *command: str) -> Iterator[str]:
        # Copied, not mounted: the engine may be on another machine.
        places = ("--volume=/models", "--env=OPS_MODELS=/models")
        name = self.run("create", *UNPRIVILEGED, *places, self.tag, *command).splitlines()[-1]
        try:
            self.run("cp", f"{models}/.", f"{name}:/models")
            yield name
        finally:
            self.run("rm", "--force", "--volumes", name)

    def _wait(self, name: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while (said := self.run("inspect", f"--format={_STATE}", name)) != "running healthy":
            if said.split()[0] != "running" or time.monotonic() > deadline:
                log = " ".join(self.run("logs", name).split())[-_SAID:]
                raise RefusedError(f"without rights it is {said}, never healthy: {log}")
            time.sleep(0.2)


@contextmanager
def built(docker: str, folder: Path, file: str, base: str | None) -> Iterator[Image]:
    """Provide the image of a Dockerfile, which is forgotten afterwards but for its layers.

    Args:
        docker: the client.
        folder: what is built, a copy that nobody else uses.
        file: the Dockerfile in it.
        base: what its argument BASE is, where that is not its default.

    Raises:
        RefusedError: it can't be built.
        UnreachableError: no engine answers, or it can't reach what the build needs.
    """
    image = Image(docker, folder, f"poc2prod-audit:{secrets.token_hex(8)}")
    try:
        image.run("info")
    except RefusedError:
        raise UnreachableError("it needs a Docker engine, and none answers: start it") from None
    options = [f"--build-arg=BASE={base}"] if base else []
    try:
        image.run(
            *("build", f"--tag={image.tag}", f"--file={file}", *options, "."),
            seconds=BUILD_SECONDS,
        )
    except RefusedError as error:
        if any(sign in str(error) for sign in _UNREACHABLE):
            raise UnreachableError(f"the build reaches no network: {error}") from None
        raise
    try:
        yield image
    finally:
        image.run("image", "rm", image.tag)
