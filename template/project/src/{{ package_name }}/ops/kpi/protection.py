# Managed by poc2prod; extend in kpi-contract.yaml.
"""What is protected: `contract check` refuses personal data that nobody accounts for."""

from typing import Literal

from .types import Block, Flag, Known, Period, Text


class PersonalColumn(Block):
    """A column that says something about a person."""

    column: Text
    """Its name in the data contract."""
    category: Literal["identifier", "contact", "behaviour", "location", "special"]
    treatment: Literal["drop", "pseudonymise", "generalise", "keep"]


class Retention(Block):
    """How long it is kept."""

    raw: Period | None = None
    """Need not be here: slaProperties of data-contract.yaml say it. What is here must agree."""
    predictions: Period | None = None
    logs: Period | None = None


class Privacy(Block):
    """Personal data needs purposes, a lawful basis and an impact assessment."""

    classification: Literal["public", "internal", "personal", "special_category"]
    personal_data: Flag
    columns: tuple[PersonalColumn, ...] = ()
    """Need not be here: data-contract.yaml says which they are. What is here must agree with it."""
    purposes: tuple[Text, ...] = ()
    lawful_basis: Known[
        Literal[
            "consent",
            "contract",
            "legal_obligation",
            "vital_interests",
            "public_task",
            "legitimate_interests",
        ]
    ] = None
    dpia: Known[Text] = None
    """Where the data protection impact assessment is."""
    retention: Retention | None = None


class Authorization(Block):
    """Who may do what."""

    model: Literal["rbac", "none"] = "rbac"
    default: Literal["deny", "allow"] = "deny"
    """What no rule mentions; only deny is accepted."""


class VulnerabilityPolicy(Block):
    """How soon a known hole is closed."""

    critical: Period
    high: Period


class Security(Block):
    """Who gets in."""

    authentication: Literal["none", "api_key", "oidc", "mtls"]
    authorization: Authorization = Authorization()
    vuln_policy: VulnerabilityPolicy | None = None
