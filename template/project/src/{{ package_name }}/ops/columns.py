# Managed by poc2prod; extend in data-contract.yaml.
"""A column as the data contract declares it, and as the model's metadata repeats it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["number", "integer", "boolean", "string", "timestamp"]
Problem = Literal["binary", "multiclass", "regression"]

# Features are float32: a larger number would silently turn into infinity.
LARGEST_NUMBER = 3.0e38
LARGEST_INTEGER = 2**53


class Column(BaseModel):
    """One column: its type, what may be in it, and an example."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] | None = None
    unit: str | None = None
    description: str | None = None
    example: bool | int | float | str | None = None
