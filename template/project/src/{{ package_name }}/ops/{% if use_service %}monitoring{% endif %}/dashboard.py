# Managed by poc2prod; extend with a dashboard of your own beside monitoring/dashboard.json.
"""The dashboard for Grafana. A panel is there once its metric is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from ..kpi.indicators import PREDICT, REQUESTS, duration, selector
from . import bounds, burn
from .promql import number, rate

if TYPE_CHECKING:
    from ..kpi.model import KpiContract

SCHEMA = 39
"""Of Grafana 10 and 11; newer ones read it."""

_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 24
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


class Panel(NamedTuple):
    """Figures over time, or as they are now.

    Attributes:
        queries: what each line is called → PromQL; <name> stands for the label's value.
        lines: bounds that are drawn in.
    """

    title: str
    unit: str
    queries: dict[str, str]
    lines: tuple[float, ...] = ()
    below: bool = False


def panels(contract: KpiContract) -> Iterator[tuple[str, list[Panel]]]:
    """Yield each row's title and panels."""
    job = contract.metadata.name
    slos = contract.nonfunctional.slos
    yield "Service", list(_service(contract, job))
    yield "Model", list(_model(contract, job))
    if slos:
        yield (
            "Error budget left",
            [
                Panel(
                    f"{slo.id}: {number(slo.objective * 100)} % over {duration(slo.window)}",
                    "percentunit",
                    {
                        "left": f"1 - ({burn.of(slo, job).over(duration(slo.window))})"
                        f" / {number(1 - slo.objective)}"
                    },
                    (0,),
                    below=True,
                )
                for slo in slos
            ],
        )
    guarded = [guardrail for guardrail in contract.guardrails if guardrail.promql]
    if guarded:
        yield (
            "Guardrails",
            [
                Panel(
                    f"{guardrail.id}: {guardrail.name}",
                    "none",
                    {guardrail.id: bounds.record(guardrail)},
                    (guardrail.value,),
                    below=guardrail.op == "gte",
                )
                for guardrail in guarded
            ],
        )


def _service(contract: KpiContract, job: str) -> Iterator[Panel]:
    slos, limits = contract.nonfunctional.slos, contract.nonfunctional.limits
    requests = selector(REQUESTS, job, route=PREDICT)
    buckets = selector("http_request_duration_seconds_bucket", job, route=PREDICT)
    by_status = rate(requests, "5m", by="status")
    promised = tuple(limit.value for limit in limits if limit.kind == "throughput_rps")
    yield Panel("Predictions asked for", "reqps", {"<status>": by_status}, promised)
    failed = burn.availability(job).over("5m")
    budgets = tuple(round(1 - slo.objective, 10) for slo in slos if slo.kind == "availability")
    yield Panel("Share that fails", "percentunit", {"failed": failed}, budgets)
    late = [slo for slo in slos if slo.kind == "latency"]
    shares = sorted({0.5, 0.9, 0.99, *(slo.quantile for slo in late)})
    yield Panel(
        "Time to answer",
        "s",
        {
            f"{number(share * 100)} %": f"histogram_quantile({number(share)},"
            f" {rate(buckets, '5m', by='le')})"
            for share in shares
        },
        tuple(sorted({slo.limit_ms / 1000 for slo in late})),
    )
    instances = {
        "up": f"sum({selector('up', job)})",
        "ready": f"sum({selector('service_ready', job)})",
    }
    yield Panel("Instances", "none", instances)
    now = {
        "in flight": f"sum({selector('http_requests_in_flight', job)})",
        "refused per second": rate(selector("requests_refused_total", job), "5m"),
    }
    yield Panel("At work, and refused", "none", now)
    memory = f"max({selector('process_resident_memory_bytes', job)})"
    yield Panel("Memory of the largest instance", "bytes", {"memory": memory})


def _model(contract: KpiContract, job: str) -> Iterator[Panel]:
    ages = (limit for limit in contract.nonfunctional.limits if limit.kind == "model_age_seconds")
    outcomes = rate(selector("predictions_total", job), "5m", by="outcome")
    yield Panel("Rows predicted, by outcome", "none", {"<outcome>": outcomes})
    scores = rate(selector("prediction_score_bucket", job), "5m", by="le")
    yield Panel(
        "Scores: probabilities, or values",
        "none",
        {
            f"{number(share * 100)} %": f"histogram_quantile({share}, {scores})"
            for share in (0.1, 0.5, 0.9)
        },
    )
    trained = f"time() - max({selector('model_trained_timestamp_seconds', job)})"
    yield Panel("Age of the model", "s", {"age": trained}, tuple(limit.value for limit in ages))
    version = f"count by (version) ({selector('model_info', job)})"
    yield Panel("Instances by model version", "none", {"<version>": version})


def dashboard(contract: KpiContract) -> dict[str, Any]:
    """Build the dashboard's JSON."""
    name = contract.metadata.name
    return {
        "title": name,
        "uid": name,
        "tags": ["poc2prod"],
        "schemaVersion": SCHEMA,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": list(_laid_out(panels(contract))),
    }


def _laid_out(rows: Iterable[tuple[str, list[Panel]]]) -> Iterator[dict[str, Any]]:
    number_, top = 0, 0
    for title, row in rows:
        number_ += 1
        position = {"h": 1, "w": _COLUMNS, "x": 0, "y": top}
        yield {"id": number_, "type": "row", "title": title, "gridPos": position, "panels": []}
        top += 1
        for place, panel in enumerate(row):
            number_ += 1
            across = _COLUMNS // _WIDTH
            yield {
                "id": number_,
                **_drawn(panel),
                "gridPos": {
                    "h": _HEIGHT,
                    "w": _WIDTH,
                    "x": place % across * _WIDTH,
                    "y": top + place // across * _HEIGHT,
                },
            }
        top += -(-len(row) // (_COLUMNS // _WIDTH)) * _HEIGHT


def _legend(name: str) -> str:
    """Write a label's name as Grafana replaces it."""
    return name.replace("<", "{" * 2).replace(">", "}" * 2)


def _drawn(panel: Panel) -> dict[str, Any]:
    good, bad = ("red", "green") if panel.below else ("green", "red")
    steps: list[dict[str, Any]] = [{"color": good, "value": None}]
    steps += [{"color": bad, "value": line} for line in sorted(panel.lines)]
    style = "line" if panel.lines else "off"
    return {
        "type": "timeseries",
        "title": panel.title,
        "datasource": _SOURCE,
        "targets": [
            {"refId": chr(ord("A") + index), "expr": expr, "legendFormat": _legend(legend)}
            for index, (legend, expr) in enumerate(panel.queries.items())
        ],
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": {"mode": style}},
            },
            "overrides": [],
        },
    }
