# Managed by poc2prod; extend in sources.py, where infer writes what it found.
"""How a column of text spells what it means: numbers, booleans, times, what is missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from ...columns import LARGEST_INTEGER, Kind

Numerals = Literal["plain", "comma", "thousands"]

# Also where text is meant; the others only beside numbers, booleans and times.
_BLANKS = {"", "na", "n/a", "#n/a", "nan", "null", "?", "<na>"}
_GAPS = _BLANKS | {"none", "nil", "-", "--", ".", "missing", "unknown", "nat"}
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d+")
_CODE = re.compile(r"[+-]?0\d+")  # a number would lose its zeros
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_PAIRS = (
    ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off"), ("ja", "nein"),
    ("oui", "non"), ("si", "no"), ("sí", "no"), ("wahr", "falsch"), ("vrai", "faux"),
)  # fmt: skip
_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%b %d, %Y",
    "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip
_CLOCKS = ("", " %H:%M:%S", " %H:%M:%S%.f", " %H:%M", "T%H:%M:%S", "T%H:%M:%S%.f", " %I:%M %p")
_ZONED = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z")
_MOST_ODD = 5
_LOOKED_AT = 5_000


@dataclass(frozen=True)
class Spelling:
    """What a column's texts mean.

    Attributes:
        missing: texts that stand for a missing value.
        numerals: of a number: 1234.5, 1.234,5 or 1,234.5.
        words: of a boolean, what its words mean.
        time: of a timestamp, its format; None where it is ISO 8601.
        padded: whether there is white space around the values.
        remarks: what a person should know.
    """

    kind: Kind
    missing: tuple[str, ...] = ()
    numerals: Numerals = "plain"
    words: Mapping[str, str] = field(default_factory=dict)
    time: str | None = None
    padded: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether nothing has to be rewritten."""
        usual = self.numerals == "plain" and not self.words and self.time is None
        return usual and not self.missing and not self.padded


def spelling(column: pl.Series) -> Spelling:
    """Find out what a column of text means.

    A column of which a few words alone are no numbers is one of numbers, and these words are
    missing values.
    """
    counts = column.drop_nulls().value_counts(name="rows of this value")
    texts: dict[str, int] = dict(counts.iter_rows())
    stripped = {text: text.strip() for text in texts}
    padded = any(text != short for text, short in stripped.items())
    gaps = {short for short in stripped.values() if short.casefold() in _GAPS}
    values = sorted({short for short in stripped.values() if short not in gaps})
    found = _meaning(values)
    if found.kind == "string":
        odd = {value for value in values if not _PLAIN.fullmatch(value)}
        rows = sum(texts[text] for text, short in stripped.items() if short in odd)
        rest = [value for value in values if value not in odd]
        if odd and len(rest) > len(odd) and rows <= 0.05 * sum(texts.values()):
            mixed = _meaning(rest)
            if len(odd) <= _MOST_ODD and mixed.kind != "string":
                said = ", ".join(repr(text) for text in sorted(odd))
                remark = f"{said} among numbers, in {rows} rows: read as missing"
                found = Spelling(mixed.kind, remarks=(remark,))
                gaps |= odd
    if found.kind == "string":
        gaps = {gap for gap in gaps if gap.casefold() in _BLANKS}
    return Spelling(
        found.kind,
        tuple(sorted(gaps)),
        found.numerals,
        found.words,
        found.time,
        padded,
        found.remarks,
    )


def _meaning(values: list[str]) -> Spelling:
    """What all of these texts are, at best."""
    if not values:
        return Spelling("string")
    if any(_CODE.fullmatch(value) for value in values):
        return _time(values) or Spelling(
            "string", remarks=("digits that begin with 0: kept as text",)
        )
    if all(_PLAIN.fullmatch(value) for value in values):
        if not all(_WHOLE.fullmatch(value) for value in values):
            return Spelling("number")
        if any(abs(int(value)) > LARGEST_INTEGER for value in values):
            return Spelling("string", remarks=("integers above 2**53: kept as text",))
        return Spelling("integer")
    lower = {value.casefold() for value in values}
    for pair in _PAIRS:
        if lower <= set(pair) and (len(lower) == 2 or pair == _PAIRS[0]):
            words = {value: "true" if value.casefold() == pair[0] else "false" for value in values}
            return Spelling("boolean", words={} if pair == _PAIRS[0] else words)
    if all(_THOUSANDS.fullmatch(value) or _PLAIN.fullmatch(value) for value in values):
        fraction = any("." in value for value in values)
        return Spelling(
            "number" if fraction else "integer",
            numerals="thousands",
            remarks=("the comma is read as a separator of thousands",),
        )
    if all(_COMMA.fullmatch(value) for value in values):
        return Spelling("number", numerals="comma", remarks=("the comma is read as decimal",))
    return _time(values) or Spelling("string")


def _time(values: list[str]) -> Spelling | None:
    if not any(character.isdigit() for character in values[0]):
        return None
    sample = pl.Series(values[:_LOOKED_AT])
    likely = pl.Series([values[0], values[len(values) // 2], values[-1]])
    formats = [*_ZONED, *(day + clock for day in _DAYS for clock in _CLOCKS)]
    fitting = [form for form in formats if _reads(likely, form) and _reads(sample, form)]
    if not fitting:
        return None
    form = fitting[0]
    remarks: tuple[str, ...] = ()
    if "%d/%m" in form or "%d-%m" in form:
        swapped = form.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
        if swapped in fitting:
            remarks = (f"read as {form}, but {swapped} would fit too: look",)
    iso = form in _ZONED or form.startswith("%Y-%m-%d")
    return Spelling("timestamp", time=None if iso else form, remarks=remarks)


def _reads(texts: pl.Series, form: str) -> bool:
    try:
        if "%H" in form or "%I" in form:
            read = texts.str.to_datetime(form, time_unit="us", strict=False)
        else:
            read = texts.str.to_date(form, strict=False)
    except pl.exceptions.PolarsError:
        return False
    years = read.dt.year()
    return read.null_count() == 0 and bool(years.is_between(1000, 2500).all())
