"""A project's ingestion, run in a copy on files of ours and into folders of its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files.data_contract import FILE
from poc2prod.audit.files.data_contract import read as read_contract
from poc2prod.audit.outcome import Location, Outcome, missing
from poc2prod.audit.running import candidates
from poc2prod.audit.running.lab import UnrunnableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from poc2prod.audit.context import Context
    from poc2prod.audit.files.data_contract import DataContract
    from poc2prod.audit.running.candidates import Project
    from poc2prod.audit.running.lab import Done

OURS = "build/of-the-audit"
"""Where files and snapshots are in a copy."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Files to ingest.

    Attributes:
        folder: holds first/ and second/, each with a file; lacking.csv and few.csv.
        first: rows of the first file, all sound.
        second: sound rows of the second.
        faults: the other rows of the second file: column, kind, rule and row of each.
        lacks: the column that lacking.csv lacks.
        sound: the sound rows of the second file.
    """

    folder: Path
    first: int
    second: int
    faults: Sequence[dict[str, Any]]
    lacks: str
    sound: Sequence[list[str]]


@dataclass(frozen=True, slots=True)
class Ingestion:
    """What ingests, of what, by what rules."""

    project: Project
    contract: DataContract
    samples: Samples

    def run(self, copy: Path, location: Path, into: str = "one", *wrapped: str) -> Done:
        """Ingest what is at `location` into folders named `into`."""
        variables = {
            **self.project.variables,
            "OPS_SOURCES": json.dumps({"data": {"location": str(location)}}),
            "OPS_SNAPSHOTS": str(copy / OURS / into / "snapshots"),
            "OPS_QUARANTINE": str(copy / OURS / into / "quarantine"),
        }
        project = replace(self.project, variables=variables)
        if wrapped:
            return project.lab.run(copy, *wrapped, variables=variables)
        return project.command(copy, "ingest")

    def snapshot(self, copy: Path, into: str) -> str | None:
        """Return the id of the newest snapshot; None without one whose manifest is what it says."""
        folder = copy / OURS / into / "snapshots"
        try:
            name = (folder / "head").read_text("utf-8").strip()
            content = (folder / f"manifests/{name}.json").read_bytes()
        except (OSError, ValueError):
            return None
        return name if hashlib.sha256(content).hexdigest() == name else None

    def result(self, copy: Path, into: str = "one", rows: Sequence[Any] = ()) -> dict[str, Any]:
        """Return what an ingestion left, see inside/ingested.py.

        Raises:
            UnrunnableError: that can't be read here.
        """
        names = [column.name for column in self.contract.columns]
        # What tells of a person is treated before it is kept, so it is not as it was sent.
        plain = [column.name for column in self.contract.columns if not column.personal]
        answer: dict[str, Any] = self.project.lab.script(
            "ingested",
            {
                "snapshots": str(copy / OURS / into / "snapshots"),
                "quarantine": str(copy / OURS / into / "quarantine"),
                "names": names,
                "columns": plain,
                "rows": list(rows),
            },
        )
        return answer


def ingestion(context: Context) -> Ingestion | Outcome:
    """Return what ingests here, with files to ingest; or why nothing can be shown.

    Raises:
        UnreadableError: the settings or the contract can't be read.
        UnrunnableError: there is no data, or it can't be read here.
    """
    contract = read_contract(context)
    if contract is None:
        return missing(f"{FILE} is not there", Location(FILE))
    project = candidates.project(context)
    if project is None:
        return candidates.no_package()
    if not context.tree.matching("/src/*/ops/commands/ingest.py"):
        return missing("there is no command `ingest`: nothing brings data in by rules")
    if project.data is None:
        raise UnrunnableError("the data is outside of the repository, so nothing can be ingested")
    found = project, contract
    return project.lab.once("ingestion", lambda: Ingestion(*found, _samples(*found)))


def _samples(project: Project, contract: DataContract) -> Samples:
    folder = project.lab.home / "samples"
    folder.mkdir()
    answer = project.lab.script(
        "corrupted",
        {
            "data": str(project.lab.pristine / str(project.data)),
            "folder": str(folder),
            "columns": [column._asdict() for column in contract.columns],
            "least": contract.least,
            "latency": contract.latency,
        },
    )
    if reason := answer.get("error"):
        raise UnrunnableError(f"no rows to ingest can be made of {project.data}: {reason}")
    return Samples(folder, **answer)
