"""What values.schema.json and the templates refuse, each with the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import charts

if TYPE_CHECKING:
    from charts import Rendered

WRONG = [  # value, where the refusal must say it is
    ("replicas=3", "replicas"),
    ("image.repository=UPPER", "/image/repository"),
    ("image.tag=latest", "/image/tag"),
    ("image.digest=sha256:short", "/image/digest"),
    ("imagePullPolicy=Sometimes", "/imagePullPolicy"),
    ("settings.SEED=8", "SEED does not match pattern ^OPS_"),
    ("secrets.jobs.OPS_KPI_DATABASE=a b", "/secrets/jobs/OPS_KPI_DATABASE"),
    ("secrets.external.refreshInterval=1h", "/secrets/external"),
    ("resources.limits.cpu=-1", "/resources/limits/cpu"),
    ("resources.limits.memory=512M", "/resources/limits/memory"),
    ("resources.limits=null", "/resources"),
    ("drainSeconds=-1", "/drainSeconds"),
    ("drainSeconds=soon", "/drainSeconds"),
    ("spread.zone=Perhaps", "/spread/zone"),
    ("autoscaling.minReplicas=0", "/autoscaling/minReplicas"),
    ("autoscaling.signal=memory", "/autoscaling/signal"),
    ("autoscaling.cpuPercent=100", "/autoscaling/cpuPercent"),
    ("autoscaling.requestsPerSecond=0", "/autoscaling/requestsPerSecond"),
    ("rollout.trafficRouting=mesh", "/rollout/trafficRouting"),
    ("rollout.analysis.count=0", "/rollout/analysis/count"),
    ("rollout.analysis.interval=1 minute", "/rollout/analysis/interval"),
    ("route.kind=ingress", "/route"),
    ("route.kind=nodeport", "/route/kind"),
    ("route.paths={/metrics}", "/route/paths/0"),
    ("monitoring.interval=15", "/monitoring/interval"),
    ("monitoring.prometheus=prometheus:9090", "/monitoring/prometheus"),
    ("monitoring.operator=maybe", "/monitoring/operator"),
    ("network.callers[0].podSelector.labels=x", "/network/callers/0/podSelector"),
    ("network.jobs[0].ports[0].port=443", "/network/jobs/0"),
    ("models.version=3", "/models/version"),
    ("models.source=objectStore", "/models/objectStore"),
    ("models.claim.accessModes={ReadMany}", "/models/claim/accessModes/0"),
    ("data.claim.size=20", "/data/claim/size"),
    ("scheduling.tolerations[0].effect=Never", "/scheduling/tolerations/0/effect"),
    ("jobs.retraining.schedule=daily", "/jobs/retraining"),
    ("jobs.Upper.schedule=0 0 * * *", "/jobs"),
    ("jobDefaults.models=admin", "/jobDefaults/models"),
    ("jobDefaults.retries=11", "/jobDefaults/retries"),
]


@pytest.mark.parametrize(("value", "place"), WRONG, ids=[value for value, _ in WRONG])
def test_a_wrong_value_is_refused_where_it_is(charted: Rendered, value: str, place: str) -> None:
    flag = "--set-string" if value.startswith("models.version") else "--set"
    done = charts.run(charted({"rollout": "canary"}), "helm", "template", "x", ".", flag, value)
    assert done.returncode != 0
    assert place in done.stderr.replace("'", ""), done.stderr


def test_helm_3_refuses_too(charted: Rendered) -> None:
    done = charts.run(charted({}), "helm3", "template", "x", ".", "--set", "drainSeconds=-1")
    assert done.returncode != 0
    assert "drainSeconds" in done.stderr


@pytest.mark.parametrize(
    ("answers", "options", "message"),
    [
        ({"rollout": "canary"}, ("rollout.trafficRouting=nginx",), "needs route.kind: ingress"),
        ({"rollout": "canary"}, ("rollout.trafficRouting=gateway",), "needs route.kind: gateway"),
        ({}, ("models.source=objectStore",), "needs network.service"),
        (
            {"latency": "batch"},
            ("models.source=objectStore",),
            "writes models, so it needs models.source: claim",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    charted: Rendered, answers: dict[str, Any], options: tuple[str, ...], message: str
) -> None:
    store = ("models.objectStore.image=rclone", "models.objectStore.args={copy}")
    flags = [part for option in (*options, *store) for part in ("--set", option)]
    done = charts.run(charted(answers), "helm", "template", "x", ".", *flags)
    assert done.returncode != 0
    assert message in done.stderr
