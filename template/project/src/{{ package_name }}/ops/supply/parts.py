# Managed by poc2prod; extend in requirements/own.in.
"""The packages that the project and its image are made of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

from ..errors import ProjectError

IMAGE = Path("build/image.txt")
"""What `make image` leaves: the distribution, then a line for each package that it installed."""

DOCKERFILE = Path("deploy/Dockerfile")

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$", re.MULTILINE)
_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}


@dataclass(frozen=True, order=True)
class Part:
    """A package.

    Attributes:
        ecosystem: "PyPI", or the image's distribution, such as "Debian:12".
        name: in the ecosystem; of a distribution that of the source package.
        version: exactly.
    """

    ecosystem: str
    name: str
    version: str

    @property
    def url(self) -> str:
        """Its package URL."""
        if self.ecosystem == "PyPI":
            return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name.lower())}@{self.version}"
        version = self.version.replace(":", "%3A").replace("+", "%2B")
        return (
            f"pkg:deb/{self.ecosystem.partition(':')[0].lower()}/{self.name}@{version}?arch=source"
        )


def pinned(files: Iterable[Path], python: str | None = None) -> list[Part]:
    """Read the pins of requirement files.

    Args:
        files: as uv writes them.
        python: only what is installed on Linux with this Python, such as "3.13"; None for all.

    Raises:
        ProjectError: a file pins nothing, and is not empty for want of a need.
    """
    found = set()
    for file in files:
        text = file.read_text(encoding="utf-8")
        pins = _PIN.findall(text)
        if len(pins) != len(re.findall(r"^[^\s#]", text, re.MULTILINE)):
            raise ProjectError(f"{file} has lines that are no pins: make lock, or make upgrade")
        for name, version, marker in pins:
            if python is None or not marker or _applies(marker, python):
                found.add(Part("PyPI", name, version))
    return sorted(found)


def group(file: Path = DOCKERFILE) -> str:
    """Read which group of requirements/ the image installs.

    Raises:
        ProjectError: the file does not say.
    """
    found = re.search(r"^ARG GROUP=(\w+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise ProjectError(f"{file} has no ARG GROUP: it installs nothing that is pinned")
    return found[1]


def installed(file: Path = IMAGE) -> list[Part]:
    """Read what the image's distribution installed; nothing without an image.

    Raises:
        ProjectError: the list is not what `make image` writes.
    """
    if not file.exists():
        return []
    first, *lines = file.read_text(encoding="utf-8").splitlines()
    words = [line.split() for line in lines]
    if not re.fullmatch(r"[A-Z]\w+:\d+", first) or not words or any(len(w) != 2 for w in words):
        raise ProjectError(f"{file} is no list of packages: run make image")
    return sorted({Part(first, name, version) for name, version in words})


def _applies(marker: str, python: str) -> bool:
    return Marker(marker).evaluate(
        {**_LINUX, "python_version": python, "python_full_version": f"{python}.0"}
    )
