# Managed by poc2prod; extend in kpi-contract.yaml.
"""How fast an error budget may burn."""

BURN_RATES = (14.4, 6.0, 1.0)
"""How fast the error budget may burn before an alert, from the shortest window to the longest."""


def can_fire(burn_rate: float, objective: float) -> bool:
    """Say whether errors can burn the budget that fast: no more than all requests can fail."""
    return burn_rate * (1 - objective) < 1
