"""The catalogue: what is checked, why, how badly it matters, and how to mend it.

It is `catalogue/*.yaml` in this package, and in those with an entry point of `poc2prod.checks`.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from poc2prod.audit.conditions import parse
from poc2prod.errors import CommandError, UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from poc2prod.audit.outcome import Outcome

Severity = Literal["off", "minor", "major", "blocker"]
Tier = Literal["low", "medium", "high"]
Kind = Literal["static", "executed", "measured", "attested"]
Profile = Literal["fast", "pr", "release"]

TIERS: tuple[Tier, ...] = get_args(Tier)
PROFILES: tuple[Profile, ...] = get_args(Profile)
GROUP = "poc2prod.checks"
OWN = "poc2prod.audit"
COMPILED = Path(__file__).parent / "catalogue/compiled.json"
STEPS = {
    1: "Success criteria",
    2: "Data foundations",
    3: "Scalable infrastructure",
    4: "MLOps",
    5: "Governance and security",
    6: "People and organisation",
    7: "Measure and iterate",
    0: "Audit integrity",
}
"""The guide's seven steps; the audit's own checks have no step and so no score."""


class Check(NamedTuple):
    """One check.

    Attributes:
        id: such as KPI-01; it never changes its meaning, see `version` and `replaced_by`.
        title: what holds when it passes.
        step: the guide's step, 0 for the audit's own integrity.
        why: what goes wrong without it.
        fix: what to do when it fails.
        role: who does that.
        kinds: how it is known; the first is how a PASS scores.
        profile: the cheapest profile that runs it.
        executes: whether it runs code of the repository, which needs --allow-exec.
        severity: by tier.
        when: the condition under which it applies; None for always.
        probe: the probe, as module.function in the package's `probes`.
        arguments: what the probe is called with.
        documents: patterns of what people write for it; as generated, it is a STUB.
        paths: patterns of what it is about; a change there makes its evidence STALE.
        max_age: days that its evidence lasts; None for ever.
        maps: framework → the ids of its requirements that this informs.
        waivable: whether a waiver may accept its failure, at tiers below `high` or at all.
        since: the release of poc2prod that brought it.
        effective_from: until then it advises only; None for at once.
        version: rises when its definition is tightened, which voids waivers.
        tightened: each version after the first → the release of poc2prod that brought it.
        replaced_by: the check that took over; it no longer runs then.
        package: where its probe is.
    """

    id: str
    title: str
    step: int
    why: str
    fix: str
    role: str
    kinds: tuple[Kind, ...]
    profile: Profile
    severity: Mapping[Tier, Severity]
    probe: str
    since: str
    arguments: Mapping[str, Any]
    maps: Mapping[str, tuple[str, ...]]
    package: str
    executes: bool = False
    when: str | None = None
    documents: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    max_age: int | None = None
    waivable: bool | Literal["below high"] = True
    effective_from: date | None = None
    version: int = 1
    tightened: Mapping[int, str] = {}
    replaced_by: str | None = None

    def may_be_waived(self, tier: Tier) -> bool:
        """Tell whether a waiver may accept its failure at `tier`."""
        return self.waivable is True or (self.waivable == "below high" and tier != "high")

    def run(self) -> Callable[..., Outcome]:
        """Import and return the probe."""
        module, _, function = self.probe.rpartition(".")
        probes = importlib.import_module(f"{self.package}.probes.{module}")
        return getattr(probes, function)  # type: ignore[no-any-return]


class Catalogue:
    """All checks by id, in the order of the steps, and the digest of their definitions."""

    def __init__(self, checks: Mapping[str, Check], sha256: str) -> None:
        self.checks = checks
        self.sha256 = sha256

    def __getitem__(self, name: str) -> Check:
        """Return a check.

        Raises:
            UsageError: there is none of that name.
        """
        if name not in self.checks:
            raise UsageError(f"there is no check {name}{nearest(name, self.checks)}")
        return self.checks[name]


@cache
def load() -> Catalogue:
    """Read poc2prod's own catalogue and those that are installed beside it.

    Raises:
        CommandError: one can't be read, or defines what another has; names the check and the key.
    """
    digest = hashlib.sha256()
    checks: dict[str, Check] = {}
    for package, name, text in _files():
        digest.update(text)
        for check in _parsed(package, name, text):
            if other := checks.get(check.id):
                raise CommandError(f"{package}: {name}: {other.package} has a check {check.id} too")
            checks[check.id] = check
    ordered = sorted(checks.values(), key=lambda check: (check.step or 8, check.id))
    return Catalogue({check.id: check for check in ordered}, digest.hexdigest())


def _files() -> Iterator[tuple[str, str, bytes]]:
    """Yield the package, the name and the content of each file of a catalogue."""
    for own in sorted((Path(__file__).parent / "catalogue").glob("*.yaml")):
        yield OWN, own.name, own.read_bytes()
    if not _added():
        return
    from importlib import metadata, resources  # noqa: PLC0415  # as slow as all static checks

    for package in sorted(entry.value for entry in metadata.entry_points(group=GROUP)):
        try:
            folder = resources.files(package) / "catalogue"
            files = sorted(folder.iterdir(), key=lambda file: file.name)
        except Exception as error:
            # Importing a package runs its code, which can fail in any way.
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise CommandError(f"the checks of {package} can't be read: {reason}") from error
        for file in files:
            if file.name.endswith(".yaml"):
                yield package, file.name, file.read_bytes()


def _added() -> bool:
    """Tell whether anything that is installed may have checks; what can't be told, may."""
    for place in map(Path, dict.fromkeys(sys.path)):
        if place.is_file():
            return True  # an archive
        for pattern in ("*.dist-info/entry_points.txt", "*.egg-info/entry_points.txt"):
            if any(GROUP.encode() in found.read_bytes() for found in place.glob(pattern)):
                return True
    return False


def _document(package: str, file: str, text: bytes) -> Any:
    if package == OWN and (known := _compiled().get(hashlib.sha256(text).hexdigest())):
        return known
    import yaml  # noqa: PLC0415  # `--help` needs none

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast
        return yaml.load(text, loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise CommandError(f"{package}: {file}: {' '.join(str(error).split())}") from error


@cache
def _compiled() -> dict[str, Any]:
    """Return what `make docs` made of our own YAML, by its digest: reading that takes a while."""
    return json.loads(COMPILED.read_bytes()) if COMPILED.is_file() else {}


def _parsed(package: str, file: str, text: bytes) -> Iterator[Check]:
    document = _document(package, file, text)
    if not isinstance(document, dict):
        raise CommandError(f"{package}: {file}: expected a mapping of ids to checks")
    for name, fields in document.items():
        try:
            yield _check(package, name, dict(fields))
        except KeyError as error:
            raise CommandError(f"{package}: {file}: {name}: {error} is missing") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise CommandError(f"{package}: {file}: {name}: {error}") from error


def _check(package: str, name: str, fields: dict[str, Any]) -> Check:
    if not isinstance(name, str):
        raise TypeError("an id is text, such as KPI-01")
    severity = dict(zip(TIERS, _list(fields.pop("severity")), strict=True))
    check = Check(
        id=name,
        package=package,
        severity=severity,
        kinds=_list(fields.pop("kinds")),
        documents=_list(fields.pop("documents", ())),
        paths=_list(fields.pop("paths", ())),
        maps={key: _list(value) for key, value in fields.pop("maps", {}).items()},
        arguments=fields.pop("with", {}),
        **fields,
    )
    _require("step", [check.step], STEPS)
    _require("kinds", check.kinds, get_args(Kind))
    _require("profile", [check.profile], PROFILES)
    _require("severity", severity.values(), get_args(Severity))
    if list(check.tightened) != list(range(2, check.version + 1)):
        raise ValueError(f"tightened: name the release of each version from 2 to {check.version}")
    if check.when is not None:
        parse(check.when)
    return check


def _list(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _require(key: str, values: Iterable[Any], allowed: Iterable[Any]) -> None:
    for value in values:
        if value not in allowed:
            raise ValueError(f"{key}: {value!r} is none of {', '.join(map(str, allowed))}")
