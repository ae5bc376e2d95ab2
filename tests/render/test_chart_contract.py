"""What the chart takes from the KPI contract: alerts, the steps of a canary, and what ends it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import promql_parser
import pytest
import yaml

from charts import of, template
from poc2prod.audit.running.rollouts import Phase, measured
from poc2prod.ops import kpi
from poc2prod.ops.errors import ProjectError
from poc2prod.ops.monitoring import compiled
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

    from charts import Rendered

CANARY = {"rollout": "canary"}
SEEN = {"args.namespace": "plant", "args.canary": "5f7c9"}
LABELS = 'job="demo-model", namespace="plant", route="/predict"'
NEW = f'{LABELS}, rollouts_pod_template_hash="5f7c9"'
OLD = f'{LABELS}, rollouts_pod_template_hash="4e6b8"'


def rendered_groups(project: Path) -> list[Any]:
    (rule,) = of(template(project), "PrometheusRule")
    groups: list[Any] = rule["spec"]["groups"]
    return groups


@pytest.mark.parametrize("answers", [{}, CANARY, {"availability": 0.999, "load": 400}], ids=str)
def test_the_alerts_are_those_of_monitoring(
    charted: Rendered, tmp_path: Path, answers: dict[str, Any]
) -> None:
    project = charted(answers)
    groups = rendered_groups(project)
    compiled = {
        group["name"]: group
        for path in project.glob("monitoring/rules/*.yaml")
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    }
    assert len(compiled) >= 4
    assert {group["name"]: group for group in groups} == compiled

    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": groups}), encoding="utf-8")
    promtool("check", "rules", "--lint=all", "--lint-fatal", path)


def promtool(*arguments: str | Path) -> None:
    command = [require_tool("promtool"), *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def analysis(project: Path, *options: str) -> dict[str, Any]:
    """The measurements that the chart's canary has to pass: name → metric."""
    (found,) = of(template(project, *options), "AnalysisTemplate")
    return {metric["name"]: metric for metric in found["spec"]["metrics"]}


def query(metric: dict[str, Any]) -> str:
    text: str = metric["provider"]["prometheus"]["query"]
    for name, value in SEEN.items():
        text = text.replace("{{" + name + "}}", value)
    assert "{{" not in text
    return text


@pytest.mark.parametrize("availability", [0.99, 0.995, 0.999])
def test_limits_are_those_of_the_contract(charted: Rendered, availability: float) -> None:
    project = charted({**CANARY, "availability": availability})
    contract = yaml.safe_load((project / "kpi-contract.yaml").read_text(encoding="utf-8"))
    objectives = {
        slo["id"].lower(): slo.get("objective", slo.get("quantile"))
        for slo in contract["nonfunctional"]["slos"]
    }
    metrics = analysis(project)
    assert metrics.keys() == {name.lower() for name in contract["rollout"]["abort_on"]}
    for name, metric in metrics.items():
        promql_parser.parse(query(metric))
        limit = 1 - objectives[name]
        assert measured(metric, [0.999 * limit]) is Phase.SUCCESSFUL
        assert measured(metric, [1.001 * limit]) is Phase.FAILED


def test_no_value_is_as_bad_as_a_bad_one(charted: Rendered) -> None:
    for metric in analysis(charted(CANARY)).values():
        assert measured(metric, [0.0]) is Phase.SUCCESSFUL
        for nothing in ([], [float("nan")], [float("inf")], [0.0, 0.0]):
            assert measured(metric, nothing) is Phase.FAILED
        assert metric["failureLimit"] == metric["inconclusiveLimit"] == 0
        assert metric["consecutiveErrorLimit"] <= 2


def test_its_steps_are_those_of_the_contract(charted: Rendered) -> None:
    (rollout,) = of(template(charted(CANARY)), "Rollout")
    steps = rollout["spec"]["strategy"]["canary"]["steps"]
    assert [step["setWeight"] for step in steps[::2]] == [5, 25, 100]
    names = {t["templateName"] for step in steps[1::2] for t in step["analysis"]["templates"]}
    assert names == {"demo-model"}
    arguments = steps[1]["analysis"]["args"]
    assert arguments == [
        {"name": "namespace", "value": "plant"},
        {"name": "canary", "valueFrom": {"podTemplateHashValue": "Latest"}},
    ]


def requests(labels: str, bad: int, slow: int) -> dict[str, str]:
    """Series of 100 requests a minute."""
    bucket = "http_request_duration_seconds"
    return {
        f'http_requests_total{{{labels}, status="200"}}': f"0+{100 - bad}x20",
        f'http_requests_total{{{labels}, status="500"}}': f"0+{bad}x20",
        f'{bucket}_bucket{{{labels}, le="0.1"}}': f"0+{100 - slow}x20",
        f"{bucket}_count{{{labels}}}": "0+100x20",
    }


WORSE = requests(OLD, 50, 50)
"""The others', which must not count."""
SIGHTS: dict[str, tuple[dict[str, str], dict[str, float | None]]] = {
    "good": (requests(NEW, 0, 0) | WORSE, {"nf-avail": 0, "nf-lat-p99": 0}),
    "bad": (requests(NEW, 3, 4) | WORSE, {"nf-avail": 0.03, "nf-lat-p99": 0.04}),
    "none": (WORSE, {"nf-avail": None, "nf-lat-p99": None}),
}


@pytest.mark.parametrize("sight", SIGHTS)
def test_prometheus_measures_the_canary_alone(
    charted: Rendered, tmp_path: Path, sight: str
) -> None:
    series, expected = SIGHTS[sight]
    tests = [
        {
            # No float is exactly a share, so compare with a neighbourhood.
            "expr": query(metric)
            if expected[name] is None
            else f"abs(({query(metric)}) - {expected[name]}) < bool 1e-9",
            "eval_time": "20m",
            "exp_samples": [] if expected[name] is None else [{"labels": "{}", "value": 1}],
        }
        for name, metric in analysis(charted(CANARY)).items()
    ]
    values = [{"series": name, "values": value} for name, value in series.items()]
    case = {"interval": "1m", "input_series": values, "promql_expr_test": tests}
    path = tmp_path / "test.yaml"
    path.write_text(yaml.safe_dump({"tests": [case]}), encoding="utf-8")
    promtool("test", "rules", path)


@pytest.fixture
def own(charted: Rendered, tmp_path: Path) -> Path:
    """A copy of a project with a canary, to change its contract."""
    root = tmp_path / "demo-model"
    shutil.copytree(charted(CANARY), root, ignore=shutil.ignore_patterns("docs"))
    return root


def rewritten(root: Path, old: str, new: str) -> kpi.KpiContract:
    path = root / "kpi-contract.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return kpi.load(path)


GUARDRAIL = """
guardrails:
  - {id: GR-ALARMS, name: Alarms, op: lte, value: 2, promql: "sum(alarms)", action: abort_rollout}
  - {id: GR-CAUGHT, name: Caught, op: gte, value: 0.5, promql: sum(caught)}
rollout:"""


def test_guardrails_end_a_canary_too(own: Path) -> None:
    contract = rewritten(own, "\nrollout:", GUARDRAIL)
    contract = rewritten(own, "NF-LAT-P99]", "NF-LAT-P99, GR-CAUGHT]")
    compiled.write(contract, own, "demo_model")
    metrics = analysis(own)
    assert list(metrics) == ["nf-avail", "nf-lat-p99", "gr-alarms", "gr-caught"]
    assert query(metrics["gr-alarms"]) == "guardrail:gr_alarms"
    assert measured(metrics["gr-alarms"], [2.0]) is Phase.SUCCESSFUL
    assert measured(metrics["gr-alarms"], [2.1]) is Phase.FAILED
    assert measured(metrics["gr-caught"], [0.4]) is Phase.FAILED
    assert {"GR-ALARMS", "GR-CAUGHT"} <= {group["name"].upper() for group in rendered_groups(own)}


WRONG = {
    "not the chart's": ("strategy: canary\n  steps: [5, 25, 100]", "strategy: rolling", "rolling"),
    "no end": ("abort_on: [NF-AVAIL, NF-LAT-P99]", "abort_on: []", "nothing ends a canary"),
    "unmeasured": ("\nrollout:", GUARDRAIL.replace('promql: "sum(alarms)", ', ""), "needs promql"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_rollout_that_can_not_be_carried_out_is_refused(own: Path, name: str) -> None:
    old, new, message = WRONG[name]
    contract = rewritten(own, old, new)
    with pytest.raises(ProjectError, match=message):
        compiled.check(contract, own, "demo_model")


def test_a_chart_that_was_edited_by_hand_is_noticed(own: Path) -> None:
    contract = kpi.load(own / "kpi-contract.yaml")
    compiled.check(contract, own, "demo_model")
    for name in ("rollout.yaml", "rules.yaml"):
        path = own / "deploy/helm/compiled" / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("0.005", "0.05"), encoding="utf-8")
        with pytest.raises(ProjectError, match=f"deploy/helm/compiled/{name}"):
            compiled.check(contract, own, "demo_model")
        path.write_text(text, encoding="utf-8")
