# Managed by poc2prod; extend in a module of your own that imports it.
"""Keeps what the newest run measured, of what and with what, for `poc2prod audit` to check."""

import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import checkout
from .cli import PROJECT
from .files import sha256, to_json, write_text

FOLDER = Path("readiness/evidence")
_DECLARED = ("kpi-contract.yaml", "data-contract.yaml", "settings.toml", "requirements/*.txt")


@dataclass(frozen=True)
class Run:
    """A run that has begun.

    Attributes:
        command: as one could type it again.
        git_sha: the commit; None where nobody knows.
        dirty: whether a file differed from it.
    """

    command: str
    started: datetime
    git_sha: str | None
    dirty: bool

    def record(
        self,
        name: str,
        checks: Sequence[str],
        *,
        inputs: Iterable[Path],
        subject: Mapping[str, Path],
        values: Mapping[str, Any],
    ) -> None:
        """Write the evidence, in one step.

        Args:
            name: of the file.
            checks: the ids of the audit's checks that it is evidence for.
            inputs: what was read, besides the contracts, the settings and the pinned packages.
            subject: what was measured, by name.
            values: what came out: numbers, texts or lists of them.
        """
        declared = [path for pattern in _DECLARED for path in sorted(Path().glob(pattern))]
        read = list(map(_file, [*inputs, *declared]))
        measured = {key: _file(path) for key, path in subject.items()}
        document = {
            "schema": "poc2prod/evidence/v1",
            "checks": list(checks),
            "produced_by": {"tool": PROJECT, "version": version(PROJECT), "command": self.command},
            "git_sha": self.git_sha,
            "dirty": self.dirty,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "inputs": [file for file in read if _inside(file)],
            "subject": {key: file for key, file in measured.items() if _inside(file)},
            "env": {
                "python": platform.python_version(),
                "platform": f"{sys.platform} {platform.machine()}",
                # A path of this machine means nothing elsewhere, so it is no path to check.
                **{
                    f"outside the project: {Path(file['path']).name}": file["sha256"]
                    for file in (*read, *measured.values())
                    if not _inside(file)
                },
            },
            "ci": _ci(),
            "values": dict(values),
        }
        write_text(FOLDER / f"{name}.json", to_json(document))


def begin(command: str) -> Run:
    """Note when a run begins and which code it runs."""
    commit, modified = checkout.commit(".", f":(exclude){FOLDER.as_posix()}")
    dirty = commit is None or modified is not False
    return Run(f"{PROJECT} {command}", datetime.now(UTC), commit, dirty)


def _file(path: Path) -> dict[str, str]:
    here, root = path.resolve(), Path.cwd().resolve()
    name = here.relative_to(root) if here.is_relative_to(root) else here
    return {"path": name.as_posix(), "sha256": sha256(path)}


def _inside(file: Mapping[str, str]) -> bool:
    return not Path(file["path"]).is_absolute()


def _ci() -> dict[str, str] | None:
    """Name the run of GitHub or GitLab that this is a part of."""
    said = os.environ.get
    url = said("CI_JOB_URL", "")
    if said("GITHUB_ACTIONS") == "true":
        repository = f"{said('GITHUB_SERVER_URL')}/{said('GITHUB_REPOSITORY')}"
        url = f"{repository}/actions/runs/{said('GITHUB_RUN_ID')}"
    actor = said("GITHUB_ACTOR") or said("GITLAB_USER_LOGIN")
    return {"run_url": url, "actor": actor} if url.startswith("https://") and actor else None
