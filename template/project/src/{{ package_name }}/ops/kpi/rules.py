# Managed by poc2prod; extend in kpi-contract.yaml.
"""The rules that a schema can't say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from .findings import Issue, Place
from .rates import BURN_RATES, can_fire
from .standing import approved, due

if TYPE_CHECKING:
    from .model import KpiContract


def judge(contract: KpiContract, digest: str, today: date | None = None) -> Iterator[Issue]:
    """Yield what breaks a rule; with a day, what is overdue by then too.

    Args:
        contract: what was written.
        digest: of its document, which approvals must name.
        today: left out where a model must be trained whatever the day.
    """
    for rule in _RULES:
        yield from rule(contract)
    yield from approved(contract, digest)
    if today is not None:
        yield from due(contract, today)


def _ids(contract: KpiContract) -> Iterator[tuple[Place, str]]:
    quality, promised = contract.model_quality, contract.nonfunctional
    for place, items in (
        (("business_kpis",), contract.business_kpis),
        (("model_quality", "gates"), quality.gates),
        (("model_quality", "slices"), quality.slices),
        (("model_quality", "robustness"), quality.robustness),
        (("guardrails",), contract.guardrails),
        (("nonfunctional", "slos"), promised.slos),
        (("nonfunctional", "limits"), promised.limits),
    ):
        for number, item in enumerate(items):
            yield (*place, number, "id"), item.id


def _unique(contract: KpiContract) -> Iterator[Issue]:
    seen: set[str] = set()
    for place, name in _ids(contract):
        if name in seen:
            yield Issue(place, f"{name} is the id of something above", "choose another")
        seen.add(name)


def _references(contract: KpiContract) -> Iterator[Issue]:
    quality = contract.model_quality
    gates = [gate.id for gate in quality.gates]
    stops = [item.id for item in (*contract.nonfunctional.slos, *contract.guardrails)]
    found: list[tuple[Place, str, list[str]]] = []
    for number, kpi in enumerate(contract.business_kpis):
        for at, name in enumerate(kpi.linked_gates):
            found.append((("business_kpis", number, "linked_gates", at), name, gates))
    place = ("model_quality",)
    for number, part in enumerate(quality.slices):
        found.append(((*place, "slices", number, "gate"), part.gate, gates))
    for number, test in enumerate(quality.robustness):
        found.append(((*place, "robustness", number, "gate"), test.gate, gates))
    if quality.fairness and quality.fairness.gate:
        found.append(((*place, "fairness", "gate"), quality.fairness.gate, gates))
    for number, trigger in enumerate(contract.retraining.triggers if contract.retraining else ()):
        if trigger.kind == "quality":
            found.append((("retraining", "triggers", number, "gate"), trigger.gate, gates))
    for at, name in enumerate(contract.rollout.abort_on if contract.rollout else ()):
        found.append((("rollout", "abort_on", at), name, stops))
    for where, name, known in found:
        if name not in known:
            yield Issue(where, f"{name} is declared nowhere", f"use {' or '.join(known) or 'none'}")


def _directions(contract: KpiContract) -> Iterator[Issue]:
    for number, kpi in enumerate(contract.business_kpis):
        sign = 1 if kpi.direction == "increase" else -1
        better = "above" if sign > 0 else "below"
        place: Place = ("business_kpis", number)
        start, end, floor = kpi.baseline.value, kpi.target.value, kpi.floor
        if start is not None and end is not None and sign * (end - start) <= 0:
            fix = f"write a value {better} it, or change direction"
            yield Issue((*place, "target", "value"), f"no better than the baseline {start:g}", fix)
        elif floor is not None and start is not None and sign * (floor - start) < 0:
            fix = "write one between baseline and target"
            yield Issue((*place, "floor"), f"worse than the baseline {start:g}", fix)
        elif floor is not None and end is not None and sign * (end - floor) < 0:
            fix = "write one between baseline and target"
            yield Issue((*place, "floor"), f"better than the target {end:g}", fix)
        first, last = kpi.baseline.from_, kpi.baseline.to
        if first and last and last < first:
            yield Issue((*place, "baseline", "to"), f"before from, {first}", "swap them")
    for number, gate in enumerate(contract.model_quality.gates):
        worse = "ci95_lower" if gate.op == "gte" else "ci95_upper"
        if gate.bound not in ("estimate", worse):
            message = f"{gate.bound} is the better end of the interval of a gate with {gate.op}"
            yield Issue(("model_quality", "gates", number, "bound"), message, f"use {worse}")


def _rollout(contract: KpiContract) -> Iterator[Issue]:
    rollout = contract.rollout
    if rollout is None:
        return
    steps = rollout.steps
    if rollout.strategy == "rolling" and steps:
        fix = "delete them, or make strategy canary"
        yield Issue(("rollout", "steps"), "a rolling rollout has no steps", fix)
    if rollout.strategy == "canary" and (
        not steps or steps[-1] != 100 or any(a >= b for a, b in pairwise(steps))
    ):
        fix = "write steps such as [5, 25, 100]"
        yield Issue(("rollout", "steps"), "a canary's steps must rise and end at 100", fix)


def _people(contract: KpiContract) -> Iterator[Issue]:
    on_call, fairness = contract.ownership.on_call, contract.model_quality.fairness
    if on_call and any(a >= b for a, b in pairwise(on_call.escalation_minutes)):
        place: Place = ("ownership", "on_call", "escalation_minutes")
        yield Issue(place, "each step must be later than the one before", "sort them")
    if contract.metadata.risk_tier == "high" and contract.human_oversight is None:
        fix = "add human_oversight: {mode: …, stop_control: …}"
        yield Issue(("metadata", "risk_tier"), "a high tier needs human_oversight", fix)
    if fairness is None:
        return
    needed = ("by", "gate", "max_gap") if fairness.applicable else ("reason",)
    missing = [name for name in needed if not getattr(fairness, name)]
    if missing:
        said = f"fairness that {'applies' if fairness.applicable else 'does not apply'}"
        message = f"{said} needs {', '.join(missing)}"
        yield Issue(("model_quality", "fairness"), message, f"add {', '.join(missing)}")


def _protection(contract: KpiContract) -> Iterator[Issue]:
    privacy, security = contract.privacy, contract.security
    if privacy and privacy.personal_data:
        missing = [] if privacy.purposes else ["purposes"]
        said = privacy.model_fields_set  # unknown is said, too
        missing += [name for name in ("lawful_basis", "dpia") if name not in said]
        if missing:
            message = f"personal data needs {', '.join(missing)}"
            yield Issue(("privacy", "personal_data"), message, f"add {', '.join(missing)}")
    elif privacy and privacy.classification in ("personal", "special_category"):
        message = f"{privacy.classification} data is personal data"
        yield Issue(("privacy", "personal_data"), message, "write true")
    if security and security.authorization.default == "allow":
        message = "what no rule mentions must be denied"
        yield Issue(("security", "authorization", "default"), message, "write deny")


def _burn_rates(contract: KpiContract) -> Iterator[Issue]:
    for number, slo in enumerate(contract.nonfunctional.slos):
        lost = [f"{rate:g}" for rate in BURN_RATES if not can_fire(rate, slo.objective)]
        if lost:
            name = "objective" if slo.kind == "availability" else "quantile"
            yield Issue(
                ("nonfunctional", "slos", number, name),
                f"errors can't burn the budget of {slo.objective:g} at {', '.join(lost)} times the"
                " allowed rate, so an alert compares their share with it directly",
                f"raise it above {1 - 1 / max(BURN_RATES):.3f} for alerts at every rate",
                "warning",
            )


_RULES: tuple[Callable[[KpiContract], Iterator[Issue]], ...] = (
    _unique,
    _references,
    _directions,
    _rollout,
    _people,
    _protection,
    _burn_rates,
)
