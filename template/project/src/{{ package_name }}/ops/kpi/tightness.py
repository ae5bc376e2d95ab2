# Managed by poc2prod; extend in kpi-contract.yaml.
"""Which way each key of the contract is tighter, where its name alone decides that."""

from typing import Literal

Order = Literal["more", "less", "words", "additions", "permission"] | tuple[str | bool, ...]
"""more, less: a greater or a smaller value is tighter. words: nobody is held to it. additions: a
list of demands. permission: what is there allows more. A tuple: from loose to tight. A key without
an order, such as a gate's metric, may be looser after any change."""


_BY_ORDER: dict[Order, str] = {
    "more": """
        objective quantile min_rows min_positives min_support minimum_maintainers vs_baseline
        vs_champion holdout_share below
    """,
    "less": """
        limit_ms max_gap max_drop max_age target.by cadence after_periods for rto rpo every
        max_duration critical high raw predictions logs
    """,
    "words": """
        name from to source ref description reason decider review_by stop_control label_lag
    """,
    "additions": "linked_gates abort_on",
    "permission": "purposes",
}
ORDERS: dict[str, Order] = {
    **{key: order for order, keys in _BY_ORDER.items() for key in keys.split()},
    "bound": ("estimate", "ci95_upper", "ci95_lower"),
    "severity": ("warning", "blocker"),
    "action": ("alert", "abort_rollout"),
    "risk_tier": ("low", "medium", "high"),
    "classification": ("public", "internal", "personal", "special_category"),
    "default": ("allow", "deny"),
    "applicable": (False, True),
    "personal_data": (False, True),
    "human_approval_required": (False, True),
    "authentication": ("none", "api_key", "oidc", "mtls"),
}
