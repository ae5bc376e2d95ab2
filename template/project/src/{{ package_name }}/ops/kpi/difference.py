# Managed by poc2prod; extend in kpi-contract.yaml.
"""Compares two contracts: is the new one tighter or looser, and does its version say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_core import to_jsonable_python

from .model import KpiContract

Class = Literal["tightened", "added", "loosened", "removed", "changed", "worded"]
Path = tuple[str, ...]
"""Keys from the contract's root; an item of a list goes by its id."""

Order = Literal["more", "less", "words", "additions", "permission"] | tuple[str | bool, ...]
"""more, less: a greater or a smaller value is tighter. words: nobody is held to it. additions: a
list of demands. permission: what is there allows more. A tuple: from loose to tight. A key without
an order, such as a gate's metric, may be looser after any change."""

_BY_ORDER: dict[Order, str] = {
    "more": """
        objective quantile min_rows min_positives min_support minimum_maintainers vs_baseline
        vs_champion holdout_share below
    """,
    "less": """
        limit_ms max_gap max_drop max_age target.by cadence after_periods for rto rpo every
        max_duration critical high raw predictions logs
    """,
    "words": """
        name from to source ref description reason decider review_by stop_control label_lag
    """,
    "additions": "linked_gates abort_on",
    "permission": "purposes",
}
_ORDERS: dict[str, Order] = {
    **{key: order for order, keys in _BY_ORDER.items() for key in keys.split()},
    "bound": ("estimate", "ci95_upper", "ci95_lower"),
    "severity": ("warning", "blocker"),
    "action": ("alert", "abort_rollout"),
    "risk_tier": ("low", "medium", "high"),
    "classification": ("public", "internal", "personal", "special_category"),
    "default": ("allow", "deny"),
    "applicable": (False, True),
    "personal_data": (False, True),
    "human_approval_required": (False, True),
    "authentication": ("none", "api_key", "oidc", "mtls"),
}

_PARTS: dict[Class, int] = {  # of the version, that it raises
    "loosened": 0,
    "removed": 0,
    "changed": 0,
    "added": 1,
    "tightened": 1,
    "worded": 2,
}
_PART_NAMES = ("major", "minor", "patch")


@dataclass(frozen=True)
class Change:
    """One value that differs."""

    path: Path
    kind: Class
    old: Any
    new: Any

    def __str__(self) -> str:
        """Give one line."""
        part = _PART_NAMES[_PARTS[self.kind]]
        return (
            f"{self.kind} ({part}): {'.'.join(self.path)}: {_shown(self.old)} → {_shown(self.new)}"
        )


@dataclass(frozen=True)
class Difference:
    """What changed, and what that asks for.

    Attributes:
        missing_version: the lowest version that would do; None if the new one does.
    """

    changes: tuple[Change, ...]
    missing_version: str | None

    @property
    def needs_approval(self) -> bool:
        """Say whether those who approved the old contract must be asked again."""
        return any(_PARTS[change.kind] == 0 for change in self.changes)


def compare(old: KpiContract, new: KpiContract) -> Difference:
    """Class every change between two contracts; approvals and the version itself are none."""
    before, after = _flat(old), _flat(new)
    orders = {**_orders(old), **_orders(new)}
    paths = [*before, *(path for path in after if path not in before)]
    # Of an item that is new or gone, its id says enough.
    whole = {path[:-1] for path in before.keys() ^ after.keys() if path[-1] == "id"}
    paths = [path for path in paths if path[:-1] not in whole or path[-1] == "id"]
    changes = tuple(
        Change(path, _class(path, before.get(path), after.get(path), orders), *values)
        for path in paths
        if (values := (before.get(path), after.get(path))) and values[0] != values[1]
    )
    return Difference(
        changes, _missing_version(old.metadata.version, new.metadata.version, changes)
    )


def _flat(contract: KpiContract) -> dict[Path, Any]:
    document = contract.model_dump(by_alias=True, exclude={"approvals"})
    for key in ("version", "status"):
        del document["metadata"][key]
    return dict(_leaves(document, ()))


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, tuple) and any(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            name = item.get("id") or item.get("column") or item.get("email") or str(number)
            yield from _leaves(item, (*path, name))
    elif value not in (None, ()):
        yield path, value


def _class(path: Path, old: Any, new: Any, orders: dict[Path, Order]) -> Class:
    order = orders.get(path) or _ORDERS.get(".".join(path[-2:])) or _ORDERS.get(path[-1])
    people = path[0] == "ownership" and path[-1] != "minimum_maintainers"
    if people or order == "words":
        return "worded"
    if order == "permission":
        return "loosened" if set(new or ()) - set(old or ()) else "tightened"
    if old is None or new is None:
        return "added" if old is None else "removed"
    if order == "additions":
        lost, won = set(old) - set(new), set(new) - set(old)
        return "removed" if lost else "added" if won else "worded"
    if isinstance(order, tuple) and {old, new} <= set(order):
        return "tightened" if order.index(new) > order.index(old) else "loosened"
    if order in ("more", "less"):
        return "tightened" if (new > old) == (order == "more") else "loosened"
    return "changed"


def _orders(contract: KpiContract) -> dict[Path, Order]:
    """Find what is tighter where another key of the contract decides it."""
    quality, promised = contract.model_quality, contract.nonfunctional
    rises = {gate.id: gate.op == "gte" for gate in quality.gates}
    kpis = [(kpi.id, kpi.direction == "increase") for kpi in contract.business_kpis]
    limits = [(limit.id, limit.kind == "throughput_rps") for limit in promised.limits]
    bounds: list[tuple[Path, bool]] = [
        *((("business_kpis", name, "target", "value"), up) for name, up in kpis),
        *((("business_kpis", name, "floor"), up) for name, up in kpis),
        *((("model_quality", "gates", name, "value"), up) for name, up in rises.items()),
        *((("model_quality", "slices", s.id, "value"), rises[s.gate]) for s in quality.slices),
        *((("guardrails", g.id, "value"), g.op == "gte") for g in contract.guardrails),
        *((("nonfunctional", "limits", name, "value"), up) for name, up in limits),
    ]
    return {path: "more" if up else "less" for path, up in bounds}


def _missing_version(old: str, new: str, changes: tuple[Change, ...]) -> str | None:
    if not changes:
        return None
    before, after = (tuple(map(int, version.split("."))) for version in (old, new))
    part = min(_PARTS[change.kind] for change in changes)
    needed = (*before[:part], before[part] + 1, *[0] * (2 - part))
    return None if after >= needed else ".".join(map(str, needed))


def _shown(value: Any) -> str:
    plain = to_jsonable_python(value)
    if plain is None:
        return "nothing"
    return ", ".join(map(str, plain)) if isinstance(plain, list) else str(plain)
