# Managed by poc2prod; extend in kpi-contract.yaml.
"""What is said of a contract: where, why, and what to do about it."""

from pathlib import Path
from typing import Literal, NamedTuple

from ..errors import ProjectError

Place = tuple[str | int, ...]
"""Keys and indices from the document's root."""


class Finding(NamedTuple):
    """What is wrong in a contract, where, and what to do about it."""

    file: Path
    line: int
    place: Place
    message: str
    fix: str
    kind: Literal["error", "warning", "incomplete"] = "error"

    def __str__(self) -> str:
        """Give one line that an editor can follow."""
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.place)
        parts = (f"{self.file}:{self.line}", path.removeprefix("."), f"{self.message}; {self.fix}")
        return ": ".join(part for part in parts if part)


class ContractError(ProjectError):
    """A contract that can't be used."""

    def __init__(self, *findings: Finding) -> None:
        """Tell of the first finding, and how many more there are."""
        self.findings = findings
        more = f" (and {len(findings) - 1} more: contract check lists them)" if findings[1:] else ""
        super().__init__(f"{findings[0]}{more}")


class Issue(NamedTuple):
    """A rule that is broken, before anybody has looked up the line."""

    place: Place
    message: str
    fix: str
    kind: Literal["error", "warning"] = "error"
