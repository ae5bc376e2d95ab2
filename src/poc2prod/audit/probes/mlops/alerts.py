"""Step 4: alerts follow from the contract, all of them and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stub

if TYPE_CHECKING:
    from poc2prod.audit.context import Context
    from poc2prod.audit.files.alert_rules import Alert
    from poc2prod.ops.kpi import KpiContract

_COMPILED = ("/monitoring/rules/*.yaml", "/monitoring/tests/*.yaml")


def closed(context: Context) -> Outcome:
    """monitoring/ is what the contract compiles to, without gaps, and without alerts beside it."""
    contract = context.contract
    if contract is None:
        return missing(f"without a usable {CONTRACT} no alert can follow from it: see KPI-01")
    if not context.tree.matching("/monitoring"):
        return missing("there is nothing in monitoring/", Location("monitoring"))
    found = context.alerts
    problem = (
        _drifted(context, contract)
        or _unwatched(context, contract, found)
        or _orphan(contract, found)
        or _unlabelled(found)
    )
    if problem:
        return problem
    from poc2prod.ops.monitoring.compiled import unmeasured  # noqa: PLC0415

    blind = "; ".join(unmeasured(contract))
    said = f", and what has none is known: {blind}" if blind else ""
    return passed(f"all {len(found)} alerts follow from {CONTRACT}{said}", len(found))


def _drifted(context: Context, contract: KpiContract) -> Outcome | None:
    """Compare what is there with what poc2prod's own compiler makes of the contract."""
    from poc2prod.ops.monitoring.compiled import compiled  # noqa: PLC0415

    files = {path.as_posix(): text for path, text in compiled(contract, _package(context)).items()}
    for path, text in sorted(files.items()):
        held = context.tree.text(path)
        if held is None:
            return failed(f"{path} is not there, and {CONTRACT} compiles to it", Location(path))
        if not held.strip():
            return stub(f"{path} is empty", Location(path))
        lines, wanted = held.splitlines(), text.splitlines()
        if lines != wanted:
            pairs = zip([*lines, None], [*wanted, None], strict=False)
            line = next(number for number, (a, b) in enumerate(pairs, 1) if a != b)
            place = Location(path, line)
            message = f"{place} is not as {CONTRACT} compiles: run `make monitoring`"
            return failed(message, place, examined=len(files))
    for path in context.tree.matching(*_COMPILED):
        if path not in files:
            return failed(f"{path} is of nothing that {CONTRACT} has", Location(path))
    return None


def _package(context: Context) -> str:
    """Return the package whose limits are compiled: the one that has ops/."""
    name = str(context.answers.get("project_name") or context.tree.root.name).replace("-", "_")
    found = context.tree.matching("/src/*/ops/__init__.py")
    return found[0].split("/")[1] if len(found) == 1 else name


def _unwatched(context: Context, contract: KpiContract, found: list[Alert]) -> Outcome | None:
    from poc2prod.ops.monitoring.compiled import unmeasured  # noqa: PLC0415

    known = {line.partition(":")[0] for line in unmeasured(contract)}
    known |= {alert.contract for alert in found}
    for promise in _ids(contract):
        if promise not in known:
            place = Location(CONTRACT, context.line(CONTRACT, promise))
            return failed(f"{place}: {promise} has no alert", place)
    return None


def _orphan(contract: KpiContract, found: list[Alert]) -> Outcome | None:
    from poc2prod.ops.monitoring.compiled import groups  # noqa: PLC0415

    names = {alert.name for group in groups(contract) for alert in group.alerts}
    ids = set(_ids(contract))
    for alert in found:
        if alert.name not in names and alert.contract not in ids:
            message = f"{alert.place}: {alert.name} is of nothing that {CONTRACT} has"
            return failed(message, alert.place, examined=len(found))
    return None


def _unlabelled(found: list[Alert]) -> Outcome | None:
    for alert in found:
        lacking = [
            what
            for what, value in (
                ("label severity", alert.severity),
                ("label owner", alert.owner),
                ("annotation runbook", alert.runbook),
            )
            if not value
        ]
        if lacking:
            message = f"{alert.place}: {alert.name} has no {' and no '.join(lacking)}"
            return failed(message, alert.place, examined=len(found))
    return None


def _ids(contract: KpiContract) -> list[str]:
    required = contract.nonfunctional
    return [item.id for item in (*required.slos, *required.limits, *contract.guardrails)]
