# Managed by poc2prod; extend in kpi-contract.yaml, by security.vuln_policy.
"""Known holes in packages, as the OSV database has them, and whether they are open for too long.

What the database was not asked about, or did not answer, is an error: never a package without
holes. A hole's age counts from the day on which it was published, so no ledger has to be kept.
"""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ..errors import ProjectError
from .parts import Part

SECONDS = 30
AT_ONCE = 500
POLICY = {"critical": 7, "high": 30}
"""Days within which a hole must be closed, where the contract says nothing. One whose severity the
database does not rate counts as high, and a moderate or low one is only listed."""

_SEVERITIES = ("critical", "high", "moderate", "low")


@dataclass(frozen=True)
class Hole:
    """A known hole in a package.

    Attributes:
        id: the database's, such as GHSA-… or PYSEC-….
        package: its name.
        version: the one that is used.
        severity: critical, high, moderate or low.
        published: the day, ISO 8601.
        fixed: the versions that close it; nothing can be done before there is one.
    """

    id: str
    package: str
    version: str
    severity: str
    published: str
    fixed: tuple[str, ...]

    def overdue(self, today: date, policy: Mapping[str, int]) -> bool:
        """Tell whether it should have been closed by now."""
        days = policy.get(self.severity)
        age = (today - date.fromisoformat(self.published)).days
        return bool(self.fixed) and days is not None and age > days

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**asdict(self), "fixed": list(self.fixed)}


def known(parts: Sequence[Part], database: str) -> list[Hole]:
    """Ask the database about each package.

    Args:
        parts: the packages.
        database: its address, without a path.

    Raises:
        ProjectError: it can't be reached, or leaves a question open.
    """
    found: list[Hole] = []
    for start in range(0, len(parts), AT_ONCE):
        asked = parts[start : start + AT_ONCE]
        queries = [
            {"package": {"name": p.name, "ecosystem": p.ecosystem}, "version": p.version}
            for p in asked
        ]
        answers = _ask(f"{database}/v1/querybatch", {"queries": queries}).get("results")
        if not isinstance(answers, list) or len(answers) != len(asked):
            raise ProjectError(f"{database} did not answer for each of {len(asked)} packages")
        for part, answer in zip(asked, answers, strict=True):
            if answer.get("next_page_token"):
                raise ProjectError(
                    f"{database} has more holes of {part.name} than it lists at once"
                )
            found += _holes(part, [one["id"] for one in answer.get("vulns", ())], database)
    return found


def _holes(part: Part, ids: Sequence[str], database: str) -> list[Hole]:
    """Describe each hole once, whatever it is called elsewhere."""
    entries = [_ask(f"{database}/v1/vulns/{id_}") for id_ in ids]
    found: dict[str, Hole] = {}
    for entry in entries:
        if entry.get("withdrawn"):
            continue
        same = [other for other in entries if _names(other) & _names(entry)]
        first = min(e["id"] for e in same)
        ratings = [rating for e in same if (rating := _rated(e))]
        found[first] = Hole(
            id=first,
            package=part.name,
            version=part.version,
            severity=min(ratings, key=_SEVERITIES.index) if ratings else "high",
            published=min(str(e["published"])[:10] for e in same),
            fixed=tuple(sorted({version for e in same for version in _fixes(e, part)})),
        )
    return list(found.values())


def _names(entry: Mapping[str, Any]) -> set[str]:
    return {entry["id"], *entry.get("aliases", ())}


def _rated(entry: Mapping[str, Any]) -> str | None:
    said = str(entry.get("database_specific", {}).get("severity", "")).lower()
    said = "moderate" if said == "medium" else said
    return said if said in _SEVERITIES else None


def _fixes(entry: Mapping[str, Any], part: Part) -> list[str]:
    return [
        str(event["fixed"])
        for affected in entry.get("affected", ())
        if _same(affected.get("package", {}), part)
        for ranged in affected.get("ranges", ())
        if ranged.get("type") == "ECOSYSTEM"
        for event in ranged.get("events", ())
        if "fixed" in event
    ]


def _same(package: Mapping[str, Any], part: Part) -> bool:
    """Whether an entry, which may be of several packages, speaks of this one."""
    names = (re.sub("[-_.]+", "-", str(name)).lower() for name in (package.get("name"), part.name))
    return package.get("ecosystem") == part.ecosystem and len({*names}) == 1


def _ask(url: str, document: Mapping[str, Any] | None = None) -> Any:
    if not url.startswith(("https://", "http://")):  # urllib would open files too
        raise ProjectError(f"vulnerabilities: {url} is no address of a database")
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as reply:  # noqa: S310
            return json.load(reply)
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise ProjectError(
            f"{url} does not say which holes are known: {error}; nothing was scanned"
        ) from None
