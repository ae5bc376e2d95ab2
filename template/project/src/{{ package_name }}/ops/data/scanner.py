# Managed by poc2prod; extend in data-contract.yaml.
"""Finds text that looks personal in columns that are not declared so, for a person to look at.

A pattern proves nothing: a part number can look like a telephone number. So it flags, and a person
decides: a treatment, or `category: none` once they have looked. No message quotes what was found.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from ..columns import Column
from ..contract import DataContract
from ..settings import Settings
from .snapshots import snapshots

LOOKED_AT = 20_000
"""Distinct values of a column that are looked at."""

FEWEST, SHARE = 3, 0.01
"""So many values, and such a share of them, make a column suspicious; of a few values, one does."""


@dataclass(frozen=True)
class Suspicion:
    """A column that looks personal.

    Attributes:
        kind: what its values look like.
        values: how many of `of` distinct values do.
    """

    column: str
    kind: str
    values: int
    of: int

    def __str__(self) -> str:
        """Say what a person has to do."""
        return (
            f"{self.column}: {self.values:,} of {self.of:,} values look like {self.kind}: give the"
            " column the custom property personal in data-contract.yaml, with a treatment, or"
            " {category: none} if you have looked and they are not"
        )


def scan(contract: DataContract, settings: Settings) -> list[Suspicion]:
    """Look at the newest snapshot; without one there is nothing to look at."""
    kept = snapshots(settings.snapshots, settings.quarantine)
    head = kept.head()
    rows = kept.frame(kept.read(head).parts) if head else None
    return [] if rows is None else list(suspicions(rows, contract.columns))


def suspicions(rows: pl.LazyFrame, columns: Iterable[Column]) -> Iterator[Suspicion]:
    """Look at the text columns of which nobody has said whether they are personal."""
    there = rows.collect_schema()
    for column in columns:
        if column.personal or column.values or there.get(column.name) != pl.String():
            continue
        distinct = rows.select(pl.col(column.name).drop_nulls().unique()).head(LOOKED_AT)
        values = distinct.collect()[column.name].to_list()
        for kind, looks in _KINDS.items():
            found = sum(map(looks, values))
            if found and found >= min(len(values), max(FEWEST, SHARE * len(values))):
                yield Suspicion(column.name, kind, found, len(values))
                break


def _email(text: str) -> bool:
    return bool(re.search(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", text))


def _iban(text: str) -> bool:
    """Two letters, two check digits, up to 30 more; the whole is 1 modulo 97."""
    for found in re.findall(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b", text):
        compact = found.replace(" ", "")
        digits = "".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])
        if int(digits) % 97 == 1:
            return True
    return False


def _phone(text: str) -> bool:
    """In international form, or with the separators that people write and machines don't."""
    found = re.search(
        r"(?<![\w.])(?<!\d )"
        r"((?:\+|00)[1-9][\d ()/-]{6,18}\d|\(?0[1-9]\d{0,3}\)?[ /-]\d[\d -]{4,12}\d)(?![\w.])",
        text,
    )
    return bool(found) and 8 <= sum(sign.isdigit() for sign in found[0]) <= 15  # type: ignore[index]


def _national(text: str) -> bool:
    """As social security and national insurance numbers are written in several countries."""
    shapes = (
        r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}",  # United States
        r"[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]",  # United Kingdom
        r"[12] ?\d{2} ?(0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} ?\d{2}",  # France
        r"\d{6}[-+]\d{4}",  # Sweden
        r"\d{8}-?[A-HJ-NP-TV-Z]",  # Spain
    )
    return any(re.fullmatch(shape, text.strip()) for shape in shapes)


_KINDS = {
    "e-mail addresses": _email,
    "bank account numbers": _iban,
    "national identity numbers": _national,
    "telephone numbers": _phone,
}
