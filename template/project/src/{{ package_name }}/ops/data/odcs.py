# Managed by poc2prod; extend in data-contract.yaml.
"""The shape of the Open Data Contract Standard 3.1, as far as code goes by it.

What is listed in `said` is for people and catalogues, and no code looks at it. Any other key that
is no field is a mistake, as a misspelt rule would be a rule that nobody keeps.
"""

from difflib import get_close_matches
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

_EVERYWHERE = frozenset(
    {"id", "tags", "description", "customProperties", "authoritativeDefinitions"}
)


class Shape(BaseModel):
    """A mapping of the standard."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="ignore", alias_generator=to_camel, allow_inf_nan=False
    )
    said: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        if isinstance(value, dict):
            known = {str(f.alias) for f in cls.model_fields.values()} | cls.said | _EVERYWHERE
            for key in value:
                if key not in known:
                    raise PydanticCustomError("unknown", "{said}", {"said": unknown(key, known)})
        return value


class Custom(Shape):
    """What the standard has no word for."""

    said = frozenset({"vendor"})
    property: str
    value: Any


class Rule(Shape):
    """A rule of quality."""

    said = frozenset(
        {"name", "dimension", "severity", "businessImpact", "schedule", "scheduler", "method"}
    )
    type: Literal["text", "library", "sql", "custom"] = "library"
    metric: str | None = None
    arguments: dict[str, Any] | None = None
    unit: str | None = None
    must_be: Any = None
    must_not_be: Any = None
    must_be_greater_than: Any = None
    must_be_greater_or_equal_to: Any = None
    must_be_less_than: Any = None
    must_be_less_or_equal_to: Any = None
    must_be_between: Any = None
    must_not_be_between: Any = None
    # Of sql and custom, which are refused.
    query: Any = None
    engine: Any = None
    implementation: Any = None
    rule: Any = None


class Allowed(Shape):
    """A value of an enumeration."""

    said = frozenset({"label"})
    value: Any


class Property(Shape):
    """A column."""

    said = frozenset(
        {"physicalType", "physicalName", "businessName", "semanticType", "criticalDataElement"}
        | {"partitioned", "partitionKeyPosition", "encryptedName", "deprecated", "synonyms"}
        | {"transformSourceObjects", "transformLogic", "transformDescription"}
    )
    name: str = Field(min_length=1)
    logical_type: str | None = None
    logical_type_options: dict[str, Any] | None = None
    required: bool | None = None
    unique: bool | None = None
    primary_key: bool | None = None
    primary_key_position: int | None = None
    classification: str | int | None = None
    description: str | None = None
    examples: list[Any] | None = None
    enum: list[Allowed] | None = None
    quality: list[Rule] | None = None
    custom_properties: list[Custom] | None = None


class Table(Shape):
    """The table that the model learns from."""

    said = frozenset(
        {"logicalType", "physicalName", "physicalType", "businessName", "deprecated", "synonyms"}
        | {"dataGranularityDescription", "context"}
    )
    name: str | None = None
    properties: list[Property] = Field(min_length=1)
    quality: list[Rule] | None = None


class Promise(Shape):
    """What is promised of the data: freshness, latency, retention."""

    said = frozenset({"driver", "scheduler", "schedule", "valueExt"})
    property: str
    value: Any
    unit: str | None = None
    element: str | None = None


class Member(Shape):
    """Somebody who knows the data."""

    said = frozenset({"name", "dateIn", "dateOut", "replacedByUsername"})
    username: str
    role: str | None = None


class Team(Shape):
    """Who answers for the data."""

    name: str | None = None
    members: list[Member] | None = None


class Contract(Shape):
    """The whole document."""

    said = frozenset(
        {"kind", "apiVersion", "name", "tenant", "status", "servers", "dataProduct", "domain"}
        | {"context", "support", "price", "roles", "contractCreatedTs"}
    )
    version: str | int | float | None = None
    team: Team | list[Member] | None = None
    tables: list[Table] = Field(alias="schema")
    sla_default_element: str | None = None
    sla_properties: list[Promise] | None = None


def unknown(key: object, known: set[str]) -> str:
    """Say that a key is unknown, and which one may have been meant."""
    close = get_close_matches(str(key), sorted(known), 1, 0.75)
    hint = f"did you mean {close[0]}?" if close else "take it out, or say it in customProperties"
    return f"{str(key)[:60]!r} is no key of the Open Data Contract Standard: {hint}"
