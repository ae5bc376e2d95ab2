# Managed by poc2prod; extend in kpi-contract.yaml.
"""The kinds of value in a contract. YAML's own are taken as they are: "0.8" is no number."""

import re
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from .document import UNKNOWN

_PERIOD = r"^P(?=.)(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$"  # a month is 30 days


class Block(BaseModel):
    """A mapping of the contract. The docstrings of its fields are what an editor shows.

    Every command builds all of these, so they are built when first used, and none is read again for
    its docstrings: the schema has them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _knows_its_keys(cls, value: Any) -> Any:
        """Name the nearest key before a misspelt one is reported as missing too."""
        names = [field.alias or name for name, field in cls.model_fields.items()]
        for key in value if isinstance(value, dict) else ():
            if key not in names:
                near = get_close_matches(str(key), names, n=1)
                fix = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
                raise PydanticCustomError(
                    "unknown_key", "there is no key {key}; {fix}", {"key": key, "fix": fix}
                )
        return value


def _day(value: Any) -> Any:
    if type(value) is date:
        return value
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return date.fromisoformat(value)
    except (TypeError, ValueError):
        pass  # it is no text, or there is no such day
    raise ValueError("must be a day such as 2027-03-31")


def _period(value: Any) -> Any:
    if isinstance(value, timedelta) or (isinstance(value, str) and re.fullmatch(_PERIOD, value)):
        return value
    raise ValueError("must be a period such as P1M, P30D, PT5M or P1DT12H")


def _or_none(value: Any) -> Any:
    return None if value == UNKNOWN else value


class _OrUnknown:
    """In the file it is `unknown` where the model says None."""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(core), {"const": UNKNOWN}]}


T = TypeVar("T")
Known = Annotated[T | None, BeforeValidator(_or_none), _OrUnknown()]

Id = Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9-]+$")]
Text = Annotated[str, Field(pattern=r"\S")]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
Share = Annotated[Number, Field(gt=0, lt=1)]
Whole = Annotated[int, Strict(), Field(ge=0)]
Count = Annotated[int, Strict(), Field(ge=1)]
Flag = Annotated[bool, Strict()]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Period = Annotated[
    timedelta,
    BeforeValidator(_period),
    Field(gt=timedelta(0)),
    WithJsonSchema({"type": "string", "pattern": _PERIOD}),
]
