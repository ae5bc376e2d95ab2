"""The alerts in a repository's Prometheus rules, whoever wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from poc2prod.audit.outcome import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.context import Context

FILES = ("/monitoring/**/*.yaml", "/monitoring/**/*.yml", "/monitoring/**/*.rules")
TESTS = "monitoring/tests/"
"""Of promtool, which have no rules; MON-01 compares them as they are."""


class Alert(NamedTuple):
    """An alert as a rule file has it; what it lacks, or what is no text there, is empty."""

    name: str
    place: Location
    severity: str
    owner: str
    runbook: str
    contract: str
    """The id in the KPI contract that it watches."""


def alerts(context: Context) -> list[Alert]:
    """Return the alerts of all rule files below monitoring/.

    Raises:
        UnreadableError: a file there is no YAML.
    """
    return [
        alert
        for path in context.tree.matching(*FILES)
        if not path.startswith(TESTS)
        for alert in _alerts(context, path, context.yaml(path) or {})
    ]


def _alerts(context: Context, path: str, document: dict[Any, Any]) -> Iterator[Alert]:
    for group in _dicts(document.get("groups")):
        for rule in _dicts(group.get("rules")):
            if "alert" not in rule:
                continue
            name = str(rule["alert"])[:200]
            labels, notes = _dict(rule.get("labels")), _dict(rule.get("annotations"))
            yield Alert(
                name,
                Location(path, context.line(path, f"alert: {name}")),
                severity=_text(labels.get("severity")),
                owner=_text(labels.get("owner")) or _text(labels.get("team")),
                runbook=_text(notes.get("runbook")) or _text(notes.get("runbook_url")),
                contract=_text(labels.get("contract")),
            )


def _dicts(value: Any) -> list[dict[Any, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _dict(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
