# Managed by poc2prod; extend in data-contract.yaml.
"""What a data contract says of a personal column: its category, and what becomes of it."""

from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

if TYPE_CHECKING:
    from .columns import Column

_ALLOWED = {
    "input": ("generalise", "keep"),  # callers send no pseudonym, so the model could not use one
    "entity": ("pseudonymise", "keep"),
    "target": ("keep",),
    "time": ("keep",),
}
_SIZES = {
    "timestamp": "day, month or year",
    "number": "the width of bands, such as 10",
    "integer": "the width of bands, such as 10",
    "string": "so many first characters, such as 3",
}


class Personal(BaseModel):
    """What a column says of a person, and what becomes of it before anything is kept.

    Attributes:
        category: "none" once a person has looked at values that look personal, and are not.
        treatment: drop the column; pseudonymise: a keyed digest instead; generalise: as `to` says;
            keep it as it is.
        to: "day", "month" or "year" of a timestamp, the width of a number's bands, or so many
            first characters of a text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Literal["identifier", "contact", "behaviour", "location", "special", "none"]
    treatment: Literal["drop", "pseudonymise", "generalise", "keep"] | None = None
    to: Literal["day", "month", "year"] | int | float | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.category == "none" and (self.treatment or self.to):
            raise ValueError("category none needs no treatment: nothing personal is left")
        if self.category != "none" and self.treatment is None:
            raise ValueError("give it a treatment: drop, pseudonymise, generalise or keep")
        if (self.treatment == "generalise") != (self.to is not None):
            raise ValueError("generalise, and nothing else, needs `to`: what to generalise to")
        return self


def refusal(column: "Column", role: str) -> str | None:
    """Say what is wrong with a personal column: its type, its classification, or its role."""
    said, problem = column.personal, None
    if not column.is_personal or said is None:
        return None
    allowed = _ALLOWED.get(role, (said.treatment or "",))
    if column.classification in ("public", "internal"):
        problem = f"it is personal, so its classification is more than {column.classification}"
    elif said.treatment == "pseudonymise" and column.kind not in ("string", "integer"):
        problem = "only text and integers have pseudonyms: drop or generalise it"
    elif said.to is not None and not _fits(column.kind, said.to):
        problem = f"a {column.kind} is generalised to {_SIZES.get(column.kind, 'nothing: drop it')}"
    elif said.treatment not in allowed:
        problem = f"the treatment of a personal {role} is {' or '.join(allowed)}"
    elif said.treatment == "drop" and column.key is not None:
        problem = "it is part of the primary key, so it can't be dropped: pseudonymise it"
    elif role == "input" and said.treatment == "keep" and column.example is None:
        problem = "a personal input that is kept needs examples, which stand for it in models"
    return problem


def _fits(kind: str, to: str | float) -> bool:
    if isinstance(to, str):
        return kind == "timestamp"
    return to > 0 and (kind == "number" or (kind in ("integer", "string") and to == int(to)))


def countable(column: "Column", metric: str) -> bool:
    """Whether what a rule for the whole table counts is still there in treated rows."""
    if column.treatment == "drop":
        return False
    return metric != "invalidValues" or column.treatment in (None, "keep")
