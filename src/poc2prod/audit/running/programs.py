"""Programs of others that verify: found beside us or on PATH, run bounded, told nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from typing import TYPE_CHECKING

from poc2prod.audit.outcome import Outcome, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

INSTALL = {
    "checkov": "pipx install checkov",
    "docker": "https://docs.docker.com/engine/install",
    "helm": "https://helm.sh/docs/intro/install",
    "promtool": "apt install prometheus",
    "betterleaks": "pip install 'poc2prod[audit]'",
}
"""What installs each, as a message says it."""


class SlowError(Exception):
    """A program did not end in time; the message says which, and how long it had."""


def found(name: str) -> str | None:
    """Return the path of a program; None where neither our own environment nor PATH has it.

    Our own comes first: an environment that nobody activated is not on PATH, and holds the version
    that poc2prod[audit] asks for.
    """
    path = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    return os.path.abspath(path) if path else None  # noqa: PTH100  # a link's name may matter


def absent(name: str) -> Outcome:
    """Return the UNKNOWN of a check whose program is missing."""
    return unknown(f"it needs {name}, which is not there: {INSTALL[name]}")


def run(
    *command: str, cwd: Path, seconds: float, kept: Iterable[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a program in our own folder `cwd`, its home too, with no variables of ours but `kept`.

    Raises:
        SlowError: it took longer than `seconds`.
        OSError: it can't be started.
    """
    try:
        return subprocess.run(
            command,
            cwd=cwd,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(cwd),
                "LC_ALL": "C.UTF-8",
                **{name: os.environ[name] for name in kept if name in os.environ},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        name = os.path.basename(command[0])  # noqa: PTH119
        raise SlowError(f"{name} did not end within {seconds:.0f} s") from error
