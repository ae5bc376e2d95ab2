# Managed by poc2prod; extend in kpi-contract.yaml.
"""How the service's own metrics, see serving/telemetry.py, measure an objective."""

from .running import Availability, Latency

_PREDICTIONS = 'route="/predict"'


def good_and_total(slo: Availability | Latency) -> tuple[str, str]:
    """Name the counters of good and of all events, as selectors of Prometheus."""
    if slo.kind == "availability":
        total = f"http_requests_total{{{_PREDICTIONS}}}"
        return f'http_requests_total{{{_PREDICTIONS},status!~"5.."}}', total
    seconds = "http_request_duration_seconds"
    within = f'{seconds}_bucket{{{_PREDICTIONS},le="{slo.limit_ms / 1000}"}}'
    return within, f"{seconds}_count{{{_PREDICTIONS}}}"
