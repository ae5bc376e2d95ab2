# Managed by poc2prod; extend in data-contract.yaml.
"""Checks rows of JSON against the model's inputs: nothing missing, nothing unknown, no NaN."""

from functools import partial
from typing import Annotated, Any, Literal, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import from_json

from .columns import LARGEST_INTEGER, LARGEST_NUMBER, Column
from .errors import ProjectError

_LONGEST_TEXT = 1_000


class RowError(ProjectError):
    """A request that is wrong.

    Attributes:
        problems: one {"field", "reason"} each; at most ten.
    """

    def __init__(self, problems: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{p['field']}: {p['reason']}" for p in problems))
        self.problems = problems


class RowReader:
    """Reads one row or a list of rows, as the model's inputs want them."""

    def __init__(self, inputs: tuple[Column, ...], max_rows: int) -> None:
        """Compile the checks, once per model."""
        fields: dict[str, Any] = {
            # Columns may have names that are no Python identifier, so the alias has the name.
            f"input_{number}": _field(column)
            for number, column in enumerate(inputs)
        }
        self.row = create_model("Row", __config__=ConfigDict(extra="forbid", title="Row"), **fields)
        self._names = {f"input_{i}": column.name for i, column in enumerate(inputs)}
        self._rows = TypeAdapter(list[self.row])  # type: ignore[name-defined]
        self._max_rows = max_rows

    def read(self, body: bytes | str) -> list[dict[str, Any]]:
        """Parse and check a body: one row, or a list of rows.

        Raises:
            RowError: says which field of which row is wrong, and why.
        """
        try:
            document = from_json(body)
        except ValueError as error:
            raise RowError([_problem("body", f"not valid JSON: {error}")]) from None
        single = isinstance(document, dict)
        rows = [document] if single else document
        if not isinstance(rows, list):
            raise RowError([_problem("body", "must be one row (an object) or a list of rows")])
        if not 1 <= len(rows) <= self._max_rows:
            raise RowError(
                [_problem("body", f"must have 1 to {self._max_rows} rows, not {len(rows)}")]
            )
        try:
            checked = cast("list[BaseModel]", self._rows.validate_python(rows))
        except ValidationError as error:
            problems = [
                _problem(self._where(item["loc"], single), item["msg"])
                for item in error.errors(include_url=False, include_input=False)[:10]
            ]
            raise RowError(problems) from None
        names = self._names
        return [{names[key]: value for key, value in row} for row in checked]

    def _where(self, location: tuple[int | str, ...], single: bool) -> str:
        row, *field = location
        name = str(field[0])[:100] if field else ""
        if single:
            return name or "body"
        return f"rows[{row}].{name}" if name else f"rows[{row}]"


def _field(column: Column) -> tuple[Any, Any]:
    low = -LARGEST_NUMBER if column.minimum is None else column.minimum
    high = LARGEST_NUMBER if column.maximum is None else column.maximum
    beyond: dict[str, Any] = {"gt": column.exclusive_minimum, "lt": column.exclusive_maximum}
    kind: Any
    match column.kind:
        case "number":
            bounds = Field(strict=True, ge=low, le=high, allow_inf_nan=False, **beyond)
            kind = Annotated[float, bounds]
        case "integer":
            low, high = max(low, -LARGEST_INTEGER), min(high, LARGEST_INTEGER)
            kind = Annotated[StrictInt, Field(ge=low, le=high, **beyond)]
            if column.values:
                kind = Annotated[kind, AfterValidator(partial(_known, column.values))]
        case "boolean":
            kind = StrictBool
        case "string" if column.values:
            kind = Literal[column.values]
        case _:
            longest = _LONGEST_TEXT if column.max_length is None else column.max_length
            kind = Annotated[
                StrictStr,
                Field(
                    min_length=column.min_length,
                    max_length=min(longest, _LONGEST_TEXT),
                    pattern=column.pattern,
                ),
            ]
    about: dict[str, Any] = {
        "alias": column.name,
        "title": column.name,
        "description": ", ".join(filter(None, (column.description, column.unit))) or None,
        "examples": None if column.example is None else [column.example],
    }
    if column.required:
        return kind, Field(**about)
    return kind | None, Field(default=None, **about)


def _known(values: tuple[int | str, ...], value: int) -> int:
    if value not in values:
        raise ValueError(f"Input should be one of {', '.join(map(str, values))}")
    return value


def _problem(field: str, reason: str) -> dict[str, str]:
    return {"field": field, "reason": reason}
