# Managed by poc2prod; extend in data-contract.yaml.
"""Treats personal columns as the data contract says, before anything is kept.

Valid and rejected rows are treated alike, once, on their way from a source: `treat` is the step
between `prepare` and whatever writes. Rows that were kept have the columns of `stored`.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from .. import table
from ..columns import Column
from ..errors import ProjectError

if TYPE_CHECKING:
    from ..contract import DataContract  # which needs PyYAML, and scoring can do without

_SIZES = {"day": "1d", "month": "1mo", "year": "1y"}
_BY = "pseudonymise by "
_KEPT = ("name", "kind", "required", "key", "unit", "classification", "personal", "description")


@dataclass(frozen=True)
class Key:
    """What pseudonyms are made with: who has it can find the pseudonym of a value that they know.

    Attributes:
        id: tells one key from the next; part of each pseudonym.
    """

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Eight characters that do not tell the key."""
        return hmac.digest(self.secret, b"id of this key", "sha256").hex()[:8]

    def pseudonym(self, value: object) -> str:
        """The same for the same text, such as "1f0c22a9:7b…": the key's id, and 128 bits."""
        digest = hmac.digest(self.secret, str(value).strip().encode(), "sha256")
        return f"{self.id}:{digest.hex()[:32]}"


def personal(columns: Iterable[Column]) -> list[Column]:
    """The columns that say something of a person."""
    return [column for column in columns if column.is_personal]


def treatments(columns: Iterable[Column], key: Key | None) -> dict[str, str]:
    """What is done to which column, such as "drop" or "generalise to month"."""
    said = {}
    for column in personal(columns):
        to = column.personal.to if column.personal else None
        if column.treatment == "pseudonymise":
            said[column.name] = f"{_BY}{key.id if key else ''}"
        else:
            said[column.name] = f"{column.treatment}{'' if to is None else f' to {to}'}"
    return said


def made_by(parts: Iterable[Any]) -> str | None:
    """The id of the key that made the pseudonyms of the last of these parts; None without any."""
    said = [text for part in parts for text in part.treated.values()]
    ids = [text.removeprefix(_BY) for text in said if text.startswith(_BY)]
    return ids[-1] if ids else None


def treat(
    frame: pl.DataFrame, columns: Iterable[Column], key: Key | None, *, rejected: bool = False
) -> pl.DataFrame:
    """Treat the personal columns of rows that come from a source.

    Args:
        frame: rows, cast or as they were read; other columns are left alone.
        columns: the declared ones.
        key: for pseudonyms.
        rejected: whether they go to quarantine. Where there is data of a special category, no
            personal value is kept there as it is.

    Raises:
        ProjectError: there is no key, and a column needs one.
    """
    declared = personal(columns)
    strict = rejected and any(c.personal and c.personal.category == "special" for c in declared)
    for column in declared:
        if column.name not in frame.columns:
            continue
        if column.treatment == "drop":
            frame = frame.drop(column.name)
        elif column.treatment == "pseudonymise":
            frame = frame.with_columns(_pseudonyms(frame[column.name], key))
        elif column.treatment == "generalise":
            frame = frame.with_columns(_generalised(column, frame[column.name]))
        elif strict:
            frame = frame.with_columns(pl.lit(None, frame.schema[column.name]).alias(column.name))
    return frame


def stored(contract: "DataContract") -> "DataContract":
    """The contract that treated rows keep to: of snapshots, and of quarantine once mended."""
    changed: dict[str, Any] = {}
    for item in fields(contract):
        value = getattr(contract, item.name)
        if isinstance(value, Column):
            changed[item.name] = _stored(value)
        elif isinstance(value, tuple) and value and all(isinstance(v, Column) for v in value):
            changed[item.name] = tuple(filter(None, map(_stored, value)))
    return replace(contract, **changed)


def require_treated(columns: Iterable[Column], treated: Mapping[str, str], where: object) -> None:
    """Refuse rows that were kept without the treatment that their contract asks for now.

    Args:
        columns: the declared ones.
        treated: `treatments`, as they were when the rows were kept.
        where: the rows, for the message.

    Raises:
        ProjectError: names the column and the fix.
    """
    for name, wanted in treatments(columns, None).items():
        done = treated.get(name, "")
        # Another key makes other pseudonyms, but pseudonyms none the less.
        if done != wanted and not (wanted == _BY and done.startswith(_BY)):
            raise ProjectError(
                f"{where} holds the personal column {name} untreated, and data-contract.yaml says"
                f" {wanted.removesuffix(' by ')}: run ingest again where its source is still there"
            )


def _pseudonyms(values: pl.Series, key: Key | None) -> pl.Series:
    if key is None:
        raise ProjectError(
            f"{values.name} needs a key for its pseudonyms: put one into OPS_PSEUDONYM_KEY, or into"
            " the file that settings.toml names as pseudonym_key_file; `privacy key` makes one"
        )
    text = values.cast(pl.String)
    unique = text.drop_nulls().unique().to_list()
    known = {value: key.pseudonym(value) for value in unique}
    return text.replace_strict(known, default=None, return_dtype=pl.String)


def _generalised(column: Column, values: pl.Series) -> pl.Series:
    """What cannot be read as the column's kind, in a rejected row, is left out."""
    value = table.cast(values.to_frame(), [column])[0][column.name]
    to = column.personal.to if column.personal else None
    if column.kind == "timestamp":
        return value.dt.truncate(_SIZES[str(to)])
    if column.kind == "string":
        return value.str.head(int(to or 0))
    bands = value.cast(pl.Float64) // float(to or 1) * float(to or 1)
    return bands.cast(value.dtype, strict=False)


def _stored(column: Column) -> Column | None:
    """A treated column, without the rules that its new values need not keep to."""
    if not column.is_personal or column.treatment == "keep":
        return column
    if column.treatment == "drop":
        return None
    kept = {name: value for name, value in column if name in _KEPT}
    if column.treatment == "pseudonymise":
        return Column(**{**kept, "kind": "string", "unit": None})
    width = column.personal.to if column.personal else None
    if column.minimum is not None and isinstance(width, int | float):
        kept["minimum"] = column.minimum // width * width
    return Column(**kept)
