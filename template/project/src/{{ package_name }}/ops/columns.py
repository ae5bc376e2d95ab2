# Managed by poc2prod; extend in data-contract.yaml.
"""A column as the data contract declares it, and as the model's metadata repeats it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .personal import Personal

Kind = Literal["number", "integer", "boolean", "string", "timestamp"]
Problem = Literal["binary", "multiclass", "regression"]
Finite = Annotated[float, Field(allow_inf_nan=False)]

# Features are float32: a larger number would silently turn into infinity.
LARGEST_NUMBER = 3.0e38
LARGEST_INTEGER = 2**53


class Calibration(BaseModel):
    """How what a source sends becomes the column's value: scale * value in its unit + offset.

    Attributes:
        source: the value of the contract's source column.
        unit: that the source sends; None: the column's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    unit: str | None = None
    scale: Finite = 1.0
    offset: Finite = 0.0


class Column(BaseModel):
    """One column: its type, what may be in it, and an example.

    Attributes:
        exclusive_minimum: values must be above it.
        exclusive_maximum: values must be below it.
        earliest: of a timestamp.
        latest: of a timestamp.
        pattern: a regular expression that must match somewhere in the text.
        unique: no value may be there twice.
        key: the column's place in the table's primary key, from 1 on.
        missing: what stands for a missing value in the source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    required: bool = False
    minimum: Finite | None = None
    maximum: Finite | None = None
    exclusive_minimum: Finite | None = None
    exclusive_maximum: Finite | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    values: tuple[int, ...] | tuple[str, ...] | None = None
    missing: tuple[str, ...] | None = None
    unique: bool | None = None
    key: int | None = None
    unit: str | None = None
    calibration: tuple[Calibration, ...] | None = None
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
