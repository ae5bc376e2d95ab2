# Managed by poc2prod; extend in kpi-contract.yaml.
"""The files that are compiled from the contract: written, or compared with what is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ..errors import ProjectError
from ..files import to_json, write_text
from . import bounds, burn, chart, service
from .alerts import Group, Quoted
from .dashboard import dashboard

if TYPE_CHECKING:
    from ..kpi import KpiContract

DIRECTORY = Path("monitoring")
CHART = Path("deploy/helm")
PACKAGE = __name__.partition(".")[0]
HEADER = "# Compiled from kpi-contract.yaml by `contract compile`; never edit.\n"


def compiled(
    contract: KpiContract, package: str = PACKAGE, *, charted: bool = False
) -> dict[Path, str]:
    """Compile a contract: path in the project → text. `package` is the project's, this one's own.

    It reads nothing else, and imports no more of `ops` than `kpi` needs. `charted`: it has a chart.
    """
    owner = owned_by(contract)
    files = {Path("src", package, "ops/serving/limits.json"): to_json(_limits(contract))}
    for group in groups(contract):
        name = f"{group.name}.yaml"
        files[DIRECTORY / "rules" / name] = _yaml(group.rules(owner))
        files[DIRECTORY / "tests" / name] = _yaml(group.tests(owner))
    files[DIRECTORY / "dashboard.json"] = to_json(dashboard(contract))
    if charted:
        rollout = chart.rollout(contract)
        files[CHART / "compiled/rules.yaml"] = _yaml(chart.rules(list(groups(contract)), owner))
        if rollout:
            files[CHART / "compiled/rollout.yaml"] = _yaml(rollout)
    return files


def groups(contract: KpiContract) -> Iterator[Group]:
    """Compile what has a metric."""
    job, required = contract.metadata.name, contract.nonfunctional
    slis = [burn.of(slo, job) for slo in required.slos]
    yield service.group(job, [sli.good for sli in slis])
    for slo in required.slos:
        yield burn.group(slo, job)
    yield from filter(None, (bounds.limited(limit, job) for limit in required.limits))
    for guardrail in contract.guardrails:
        if guardrail.promql:
            yield bounds.guarded(guardrail, guardrail.promql)


def unmeasured(contract: KpiContract) -> list[str]:
    """Say what has no alert, because nothing measures it."""
    job = contract.metadata.name
    limits = [
        f"{limit.id}: nothing measures {limit.kind} yet"
        for limit in contract.nonfunctional.limits
        if not bounds.measured(limit.kind, job)
    ]
    guardrails = [f"{rail.id}: it has no promql" for rail in contract.guardrails if not rail.promql]
    return limits + guardrails


def owned_by(contract: KpiContract) -> str:
    """Say who gets the alerts: who is on call, the team, who is accountable, as far as known."""
    people = contract.ownership
    rotation = people.on_call and people.on_call.rotation
    return rotation or people.team or people.accountable.email or contract.metadata.name


def write(contract: KpiContract, root: Path = Path(), package: str = PACKAGE) -> list[Path]:
    """Write what differs from what is there, delete what the contract no longer has.

    Returns:
        The files that were written or deleted, as paths in the project.
    """
    files = compiled(contract, package, charted=_charted(contract, root))
    changed = drifted(contract, root, package)
    for path in changed:
        if path in files:
            write_text(root / path, files[path])
        else:
            (root / path).unlink()
    return changed


def drifted(contract: KpiContract, root: Path = Path(), package: str = PACKAGE) -> list[Path]:
    """Find the files that are missing, edited, or of what the contract no longer has."""
    files = compiled(contract, package, charted=_charted(contract, root))
    folders = [root / DIRECTORY / kind for kind in ("rules", "tests")] + [root / CHART / "compiled"]
    there = {path.relative_to(root) for folder in folders for path in folder.glob("*.yaml")}
    differ = {path for path, text in files.items() if _read(root / path) != text}
    return sorted(differ | (there - files.keys()))


def check(contract: KpiContract, root: Path = Path(), package: str = PACKAGE) -> None:
    """Require that all is as compiled.

    Raises:
        ProjectError: a file is not; names it and the fix.
    """
    changed = drifted(contract, root, package)
    if changed:
        names = ", ".join(map(str, changed))
        raise ProjectError(f"not as compiled from kpi-contract.yaml: {names}; make monitoring")


def _charted(contract: KpiContract, root: Path) -> bool:
    """Say whether there is a chart.

    Raises:
        ProjectError: it rolls out otherwise than the contract says.
    """
    templates = root / CHART / "templates"
    if not (root / CHART / "Chart.yaml").exists():
        return False
    has = "canary" if (templates / "rollout.yaml").exists() else "rolling"
    wanted = contract.rollout.strategy if contract.rollout else "rolling"
    if has != wanted:
        raise ProjectError(
            f"kpi-contract.yaml: rollout.strategy is {wanted}, and {CHART} is made for {has}:"
            f" change it, or poc2prod update -d rollout={wanted}"
        )
    return True


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _limits(contract: KpiContract) -> dict[str, Any]:
    """Give the service the limits that its histogram must be able to tell."""
    slos = contract.nonfunctional.slos
    limits = sorted({slo.limit_ms for slo in slos if slo.kind == "latency"})
    shown = [int(limit) if limit.is_integer() else limit for limit in limits]
    return {"compiled_from": "kpi-contract.yaml", "latency_ms": shown}


class _Dumper(yaml.SafeDumper):
    """Blocks for what has lines, quotes for what people wrote."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


class _Fast(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """The same by libyaml, five times as fast; beyond ASCII it escapes more."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else '"' if isinstance(text, Quoted) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", "".join(text), style=style)


for _kind in (_Dumper, _Fast):
    _kind.add_representer(str, _text)
    _kind.add_representer(Quoted, _text)


def _yaml(document: dict[str, Any]) -> str:
    dumper = _Fast if json.dumps(document, ensure_ascii=False).isascii() else _Dumper
    text: str = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, width=2**16)
    return HEADER + text
