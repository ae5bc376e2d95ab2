"""INF-02: a cluster accepts what the chart renders to, and it keeps what the contract promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, unknown
from poc2prod.audit.running import charts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.context import Context
    from poc2prod.audit.running.charts import Manifest, Renders
    from poc2prod.ops.kpi import KpiContract

VERSION = "1.33"
"""Of Kubernetes, whose schemas manifests must keep to."""

OPERATORS = (".io", ".sh", ".com")
"""Ends of the API groups of what operators bring, whose kinds no Kubernetes knows. None of its own
ends so but those with k8s.io, which it does know."""

HEADROOM = 1.3
STEADY = 0.995
"""From this availability on, no single pod may be all there is."""

START = "from {package}.ops.settings import settings; settings()"
NOBODY = "OPS_POC2PROD_AUDIT"
"""A variable that no setting reads."""


def agrees(context: Context) -> Outcome:
    """Every environment renders to valid manifests that keep the contract's promises."""
    contract = context.contract
    if contract is None:
        return missing(f"without a usable {CONTRACT} there is nothing to agree with: see KPI-01")
    renders = charts.rendered(context, lint=True)
    if isinstance(renders, Outcome):
        return renders
    if problem := context.unwritten((f"/{charts.CHART}/values-production.yaml",)):
        return problem
    for name, manifests in renders.items():
        place = Location(f"{charts.CHART}/{name}")
        if not manifests:
            return missing(f"{place} renders to nothing", place)
        invalid = _invalid(manifests)
        if isinstance(invalid, Outcome):
            return invalid
        for wrong in (*invalid, *_unbounded(manifests), *_probes(manifests)):
            return failed(f"{place}: {wrong}", place)
        if small := _too_small(contract, manifests, _per_pod(context, name)):
            return failed(f"{place}: {small}", place)
    if refused := _environment(context, renders):
        return failed(refused, Location(charts.CHART))
    number = sum(map(len, renders.values()))
    return passed(f"{len(renders)} environments render to {number} valid manifests", number)


def _invalid(manifests: list[Manifest]) -> list[str] | Outcome:
    try:
        import kubernetes_validate as schemas  # noqa: PLC0415  # 100 MB, so an extra
    except ImportError:
        return unknown("it needs Kubernetes' schemas: pip install 'poc2prod[audit]'")
    found = []
    for manifest in manifests:
        try:
            schemas.validate(charts.known(manifest), VERSION, strict=True)
        except schemas.ValidationError as error:
            found.append(f"{charts.named(manifest)} is invalid: {error.message[:200]}")
        except (schemas.SchemaNotFoundError, schemas.InvalidSchemaError):
            group = str(manifest.get("apiVersion")).partition("/")[0]
            if not group.endswith(OPERATORS) or (
                group.endswith(".k8s.io") and "gateway" not in group
            ):
                found.append(f"Kubernetes {VERSION} has no {charts.named(manifest)} of {group}")
    return found


def _unbounded(manifests: list[Manifest]) -> Iterator[str]:
    for name, spec in charts.pods(manifests):
        for container in (*spec["containers"], *(spec.get("initContainers") or ())):
            resources = container.get("resources") or {}
            for kind in ("requests", "limits"):
                for what in ("cpu", "memory"):
                    if not (resources.get(kind) or {}).get(what):
                        yield f"{name}, container {container['name']} has no {kind}.{what}"


def _probes(manifests: list[Manifest]) -> Iterator[str]:
    for workload in charts.of(manifests, "Deployment", "Rollout", "StatefulSet"):
        for name, spec in charts.pods([workload]):
            for container in spec["containers"]:
                asked = {
                    probe: ((container.get(f"{probe}Probe") or {}).get("httpGet") or {}).get("path")
                    for probe in ("startup", "readiness", "liveness")
                }
                lacking = [probe for probe, path in asked.items() if not path]
                if lacking:
                    yield f"{name} has no {lacking[0]}Probe that asks over HTTP"
                elif asked["readiness"] == asked["liveness"]:
                    yield (
                        f"{name} is restarted for what readiness is about: both probes ask"
                        f" {asked['liveness']}"
                    )


def _per_pod(context: Context, name: str) -> float:
    """Return what one pod stands, as the values of an environment say."""
    stands = 0.0
    for file in ("values.yaml", name):
        values = context.yaml(f"{charts.CHART}/{file}") or {}
        said = (values.get("autoscaling") or {}).get("requestsPerSecond")
        stands = float(said) if isinstance(said, int | float) else stands
    return stands


def _too_small(contract: KpiContract, manifests: list[Manifest], per_pod: float) -> str | None:
    if not charts.of(manifests, "Deployment", "Rollout", "StatefulSet"):
        return None
    scalers = charts.of(manifests, "HorizontalPodAutoscaler", "ScaledObject")
    if len(scalers) != 1:
        return f"{len(scalers)} autoscalers for one service"
    (spec,) = (scaler["spec"] for scaler in scalers)
    least = spec.get("minReplicas", spec.get("minReplicaCount", 1))
    most = spec.get("maxReplicas", spec.get("maxReplicaCount", 0))
    required = contract.nonfunctional
    steadiest = max((s.objective for s in required.slos if s.kind == "availability"), default=0)
    if steadiest >= STEADY:
        if least < 2:
            return f"{least} pod at least can't keep an availability of {steadiest:g}: 2 or more"
        if not charts.of(manifests, "PodDisruptionBudget"):
            return f"an availability of {steadiest:g} needs a PodDisruptionBudget"
    loads = [limit for limit in required.limits if limit.kind == "throughput_rps"]
    for limit in loads:
        if most * per_pod < limit.value * HEADROOM:
            return (
                f"{most} pods of {per_pod:g} requests a second are less than {HEADROOM:g} times"
                f" {limit.id}, {limit.value:g}: raise autoscaling.maxReplicas"
            )
    return None


def _environment(context: Context, renders: Renders) -> str | None:
    """Start the settings with the variables of each container, and with one that is unknown."""
    assert context.lab is not None
    packages = context.tree.matching("/src/*/ops/settings.py")
    if len(packages) != 1:
        return "there is no src/*/ops/settings.py that could refuse an unknown variable"
    code = START.format(package=packages[0].split("/")[1])
    copy = context.lab.pristine
    for variables in _variables(renders):
        done = context.lab.run(copy, "-c", code, seconds=60, variables=variables)
        if not done.ok:
            return f"with the chart's variables {sorted(variables)} nothing starts: {done.reason}"
    done = context.lab.run(copy, "-c", code, seconds=60, variables={NOBODY: "1"})
    if done.ok:
        return f"an unknown variable, {NOBODY}, does not stop the start: a mistyped one is ignored"
    if NOBODY not in done.output:
        return f"with an unknown variable it fails without naming it: {done.reason}"
    return None


def _variables(renders: Renders) -> list[dict[str, str]]:
    """Return the distinct sets of the containers' own variables, those of secrets left out."""
    found: list[dict[str, str]] = []
    for manifests in renders.values():
        for _, spec in charts.pods(manifests):
            for container in spec["containers"]:
                given: Mapping[str, Any] = {
                    item["name"]: item.get("value") for item in container.get("env") or ()
                }
                ours = {
                    n: str(v) for n, v in given.items() if n.startswith("OPS_") and v is not None
                }
                if ours and ours not in found:
                    found.append(ours)
    return found
