# Managed by poc2prod; extend in kpi-contract.yaml.
"""Parts of PromQL, and periods and numbers as Prometheus writes them."""

from datetime import timedelta


def rate(metric: str, window: str, by: str = "") -> str:
    """Per second, over all instances."""
    return f"sum{f' by ({by}) ' if by else ''}(rate({metric}[{window}]))"


def number(value: float) -> str:
    """Write a number as short as it can be compared.

    >>> number(14.4 * (1 - 0.99)), number(86400.0)
    ('0.144', '86400')
    """
    return f"{value:.10g}"


def duration(period: timedelta) -> str:
    """Write a period as Prometheus does.

    >>> duration(timedelta(days=30)), duration(timedelta(minutes=90))
    ('30d', '90m')
    """
    left = round(period.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if left % size == 0:
            return f"{left // size}{unit}"
    return f"{left}s"


def minutes(window: str) -> int:
    """Read a window of whole minutes."""
    return int(window[:-1]) * {"m": 1, "h": 60, "d": 1_440}[window[-1]]
