# Managed by poc2prod; extend in kpi-contract.yaml.
"""An alert, a test of it, and the files that hold both."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Severity = Literal["page", "ticket", "none"]


class Alert(NamedTuple):
    """A condition that somebody must know of.

    Attributes:
        runbook: the page in docs/runbooks/ that says what to do.
        of: the contract's id, where there is one.
        lasting: how long the condition must hold, as Prometheus writes it; 0m: not at all.
        labels: what its series carry into the alert.
    """

    name: str
    expr: str
    severity: Severity
    summary: str
    runbook: str
    of: str | None = None
    lasting: str = "0m"
    labels: Mapping[str, str] = {}

    def rule(self, owner: str) -> dict[str, Any]:
        """Give the alert as a Prometheus rule."""
        lasting = {} if self.lasting == "0m" else {"for": self.lasting}
        shown = {"labels": self._labels(owner), "annotations": self._annotations()}
        return {"alert": self.name, "expr": self.expr, **lasting, **shown}

    def expected(self, owner: str) -> dict[str, Any]:
        """Give the alert as a test must find it when it fires."""
        labels = {**self.labels, **self._labels(owner)}
        return {"exp_labels": labels, "exp_annotations": self._annotations()}

    def _labels(self, owner: str) -> dict[str, str]:
        of = {"contract": self.of} if self.of else {}
        return {"severity": self.severity, "owner": Quoted(owner), **of}

    def _annotations(self) -> dict[str, str]:
        return {"summary": self.summary, "runbook": f"docs/runbooks/{self.runbook}.md"}


class Quoted(str):
    """Text that somebody wrote: in quotes whatever it says."""

    __slots__ = ()


class Case(NamedTuple):
    """What Prometheus saw, and whether the alert fires at the end of it.

    Attributes:
        series: selector → values in promtool's notation, one a minute.
        at: the minute to look at.
    """

    name: str
    alert: Alert
    series: Mapping[str, str]
    at: int
    fires: bool

    def test(self, owner: str) -> dict[str, Any]:
        """Give the case as promtool reads it."""
        expected = [self.alert.expected(owner)] if self.fires else []
        look = {"eval_time": f"{self.at}m", "alertname": self.alert.name, "exp_alerts": expected}
        return {
            "name": f"{self.alert.name}: {self.name}",
            "interval": "1m",
            "input_series": [{"series": s, "values": v} for s, v in self.series.items()],
            "alert_rule_test": [look],
        }


class Group(NamedTuple):
    """The rules of one SLO, of one bound or of the service, with their tests.

    Attributes:
        name: of both files.
        every: how often the tests evaluate the rules: as seldom as they can, because that takes
            the time.
        records: metric → PromQL of what is measured anew.
    """

    name: str
    alerts: tuple[Alert, ...]
    cases: tuple[Case, ...]
    every: str = "1m"
    records: Mapping[str, str] = {}

    def rules(self, owner: str) -> dict[str, Any]:
        """Give the file of rules."""
        records = [{"record": name, "expr": expr} for name, expr in self.records.items()]
        rules = [*records, *(alert.rule(owner) for alert in self.alerts)]
        return {"groups": [{"name": self.name, "rules": rules}]}

    def tests(self, owner: str) -> dict[str, Any]:
        """Give the file of tests."""
        return {
            "rule_files": [f"../rules/{self.name}.yaml"],
            "evaluation_interval": self.every,
            "tests": [case.test(owner) for case in self.cases],
        }
