# Managed by poc2prod; extend in data-contract.yaml.
"""A column as the data contract declares it, and as the model's metadata repeats it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from .personal import Personal

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
    classification: str | None = None
    personal: Personal | None = None
    description: str | None = None
    example: bool | int | float | str | None = None

    @property
    def is_personal(self) -> bool:
        """Whether it says something of a person."""
        return self.personal is not None and self.personal.category != "none"

    @property
    def treatment(self) -> str | None:
        """What becomes of it before anything is kept; None where it is not personal."""
        return self.personal.treatment if self.personal else None
