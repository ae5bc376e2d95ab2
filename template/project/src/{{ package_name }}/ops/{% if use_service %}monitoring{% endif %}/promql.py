# Managed by poc2prod; extend in kpi-contract.yaml.
"""Parts of PromQL, and numbers as Prometheus writes them."""


def rate(metric: str, window: str, by: str = "") -> str:
    """Per second, over all instances."""
    return f"sum{f' by ({by}) ' if by else ''}(rate({metric}[{window}]))"


def number(value: float) -> str:
    """Write a number as short as it can be compared.

    >>> number(14.4 * (1 - 0.99)), number(86400.0)
    ('0.144', '86400')
    """
    return f"{value:.10g}"


def minutes(window: str) -> int:
    """Read a window of whole minutes."""
    return int(window[:-1]) * {"m": 1, "h": 60, "d": 1_440}[window[-1]]
