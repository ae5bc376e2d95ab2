"""REL-03: a canary goes by the contract's steps, and ends by itself when a promise is not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed
from poc2prod.audit.running import charts
from poc2prod.audit.running.rollouts import End, end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poc2prod.audit.context import Context
    from poc2prod.audit.running.charts import Manifest
    from poc2prod.ops.kpi import KpiContract

NOTHING: tuple[tuple[str, list[float]], ...] = (("no value", []), ("NaN", [float("nan")]))
"""What a metric that is missing looks like."""


def ends_by_itself(context: Context) -> Outcome:
    """In every environment the rollout has the contract's steps, and an analysis that ends it."""
    contract = context.contract
    if contract is None:
        return missing(f"without a usable {CONTRACT} there are no steps: see KPI-01")
    if contract.rollout is None or contract.rollout.strategy != "canary":
        line = context.line(CONTRACT, "rollout:")
        place = Location(CONTRACT, line)
        return failed(f"{place}: the answer is canary, and rollout.strategy is not", place)
    renders = charts.rendered(context)
    if isinstance(renders, Outcome):
        return renders
    measured = 0
    for name, manifests in renders.items():
        place = Location(f"{charts.CHART}/{name}")
        found = _judged(contract, manifests)
        if isinstance(found, str):
            return failed(f"{place}: {found}", place)
        measured += found
    steps = ", ".join(f"{step} %" for step in contract.rollout.steps)
    return passed(
        f"{steps}: each of {measured} measurements ends it on a bad value and on none", measured
    )


def _judged(contract: KpiContract, manifests: list[Manifest]) -> int | str:
    """Return how many measurements are right, or what is wrong."""
    rollouts = charts.of(manifests, "Rollout")
    if len(rollouts) != 1:
        return f"it renders to {len(rollouts)} Rollouts, not one"
    steps = rollouts[0]["spec"].get("strategy", {}).get("canary", {}).get("steps") or []
    assert contract.rollout is not None
    wanted = list(contract.rollout.steps)
    weights = [step["setWeight"] for step in steps if "setWeight" in step]
    if weights != wanted:
        return f"its steps are {weights}, and the contract's {wanted}"
    templates = {
        each["metadata"]["name"]: each["spec"] for each in charts.of(manifests, "AnalysisTemplate")
    }
    metrics: dict[str, Any] = {}
    for step, following in zip(steps, [*steps[1:], {}], strict=True):
        if "setWeight" not in step:
            continue
        names = [t.get("templateName") for t in following.get("analysis", {}).get("templates", ())]
        if not names:
            return f"after {step['setWeight']} % nothing is analysed"
        for name in names:
            if name not in templates:
                return f"after {step['setWeight']} % it asks for an analysis {name}: there is none"
            if templates[name].get("dryRun"):
                return f"the analysis {name} has metrics in dryRun, which end nothing"
            metrics |= {metric["name"]: metric for metric in templates[name].get("metrics") or ()}
    return _metrics(contract, metrics)


def _metrics(contract: KpiContract, metrics: Mapping[str, Any]) -> int | str:
    from poc2prod.ops.errors import ProjectError  # noqa: PLC0415
    from poc2prod.ops.monitoring import chart  # noqa: PLC0415

    try:
        compiled = chart.rollout(contract)
    except ProjectError as error:
        return str(error)
    assert compiled is not None
    for wanted in compiled["metrics"]:
        of = wanted["contract"]
        metric = metrics.get(wanted["name"])
        if metric is None:
            return f"{of} ends a rollout, and no analysis measures it"
        query = metric.get("provider", {}).get("prometheus", {}).get("query", "")
        if query.split() != wanted["query"].split():
            return f"{of} is measured by another query than {CONTRACT} compiles to"
        good, bad = _sides(wanted["condition"])
        for said, result in (("a bad value", [bad]), *NOTHING):
            if (what := end(metric, result)) is not End.ABORTS:
                return f"{of}: {said} {what} the rollout instead of ending it"
        if (what := end(metric, [good])) is not End.PROMOTES:
            return f"{of}: a good value {what} the rollout"
    return len(compiled["metrics"])


def _sides(condition: str) -> tuple[float, float]:
    """Return a value just within the bound and one just beyond it."""
    sign, limit = condition.split()[-2:]
    bound = float(limit)
    step = max(abs(bound), 1e-6) * 1e-3
    return (bound - step, bound + step) if sign == "<=" else (bound + step, bound - step)
