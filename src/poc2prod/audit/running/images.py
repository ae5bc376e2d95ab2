"""The files of a container image that are a project's own, read from what an engine saves."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from poc2prod.audit.running import programs

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 2 * 2**30
"""Bytes of an image that is saved."""

_FILE = 2**20
_MOST = 10_000
_SECONDS = 120.0
ENGINE = (
    *("HOME", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH"),
    *("DOCKER_TLS_VERIFY", "XDG_RUNTIME_DIR"),
)
"""The variables by which a client finds its engine."""

_OTHERS = re.compile(
    r"(\./)?(usr/|lib|s?bin/|proc/|etc/ssl/|var/(lib|cache)/)|.*/(dist|site)-packages/"
)
"""What the base image and the packages of others bring."""


def files(project: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return what to say of a project's image, and its own files and configuration.

    The packages of others are left out, so the project's own among them is, too: its source is in
    the repository.
    """
    docker = programs.found("docker")
    if docker is None or not re.fullmatch(r"[a-z0-9]+([._-]{1,2}[a-z0-9]+)*", project):
        return "no image", []
    with TemporaryDirectory(prefix="poc2prod-image-") as name:
        folder = Path(name)
        try:
            asked = programs.run(
                docker, "image", "inspect", project, cwd=folder, seconds=30, kept=ENGINE
            )
            described = json.loads(asked.stdout) if asked.returncode == 0 else []
            if not described:
                return f"no image (none is called {project} here)", []
            if described[0]["Size"] > LARGEST:
                return f"no image ({project} is too large)", []
            saved = folder / "image.tar"
            programs.run(
                docker, "save", "-o", str(saved), project, cwd=folder, seconds=_SECONDS, kept=ENGINE
            )
            return f"the image {project}", [_configuration(described), *_members(saved)]
        except (programs.SlowError, OSError, ValueError, LookupError, TypeError, tarfile.TarError):
            return f"no image ({project} can't be read)", []


def _configuration(described: Any) -> tuple[str, bytes]:
    """Return the variables and labels of an image, one a line."""
    config = described[0]["Config"]
    lines = [
        *(config.get("Env") or ()),
        *(f"{k}={v}" for k, v in (config.get("Labels") or {}).items()),
    ]
    return "image/config.env", "\n".join(map(str, lines)).encode()


def _members(saved: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(saved) as archive:
        manifest = archive.extractfile("manifest.json")
        layers = json.load(manifest)[0]["Layers"] if manifest else []
        number = 0
        for layer in layers:
            stream = archive.extractfile(layer)
            if stream is None:
                continue
            with tarfile.open(fileobj=stream, mode="r|*") as content:
                for member in content:
                    small = member.isfile() and 0 < member.size <= _FILE
                    if small and not _OTHERS.match(member.name) and number < _MOST:
                        file = content.extractfile(member)
                        number += 1
                        yield f"image/{member.name}", file.read() if file else b""
