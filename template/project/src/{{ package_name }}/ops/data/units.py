# Managed by poc2prod; extend in data-contract.yaml.
"""Units as contracts write them, and how to get from one to another: value * scale + offset."""

import re
from functools import cache
from typing import Any

# As UCUM and engineers write them, m3/h or s-1; pint wants m**3/h. No arithmetic beyond that.
_PLAIN = re.compile(r"(?:[A-Za-zµΩ_]+(?:(?:\*\*|\^)?[-+]?\d{1,2})?|1|[*/. ()])*")
_EXPONENT = re.compile(r"([A-Za-zµΩ_])(?:\^|(?<!\*))([-+]?\d{1,2})")
_WORDS = {
    "%": "percent",
    "°C": "degC",
    "°F": "degF",
    "Cel": "degC",
    "gpm": "US_liquid_gallon/minute",
    # Pint has a revolution be 2 pi, but whoever writes 1/min beside rpm counts revolutions.
    "rpm": "1/min",
    "U/min": "1/min",
}
_CHECKED = (0.0, 1.0, 1_000.0)


def affine(sent: str, wanted: str) -> tuple[float, float]:
    """How to convert a value: multiply by the first, then add the second.

    Args:
        sent: the unit that the value has.
        wanted: the unit that it shall have.

    Raises:
        ValueError: says why it can't be: a unit is unknown, both measure different things, or the
            scale is not a straight line, as decibels are not.
    """
    if sent == wanted:
        return 1.0, 0.0
    quantity = _registry().Quantity
    one, other = _unit(sent), _unit(wanted)
    if _angle(one) != _angle(other):
        raise ValueError(f"one of {sent} and {wanted} is of an angle: is a turn 1 or 2 pi?")
    try:
        zero, first, far = (float(quantity(x, one).to(other).magnitude) for x in _CHECKED)
    except Exception as error:  # pint's own, and what arithmetic raises on scales such as dB
        kind = type(error).__name__
        if kind == "DimensionalityError":
            raise ValueError(f"{sent} and {wanted} measure different things") from None
        raise ValueError(f"{sent} can't be converted to {wanted}: {kind}") from None
    scale = first - zero
    if not scale or abs(zero + scale * _CHECKED[2] - far) > 1e-6 * max(abs(far), abs(zero)):
        raise ValueError(f"{sent} to {wanted} is no straight line: convert it at the source")
    # Of two scales that share their zero it is exactly 0, not what is lost in rounding.
    return (far - zero) / _CHECKED[2], zero


def why_not(sent: str, wanted: str) -> str | None:
    """Say why one unit can't be converted to another; None if it can."""
    try:
        affine(sent, wanted)
    except ValueError as error:
        return str(error)
    return None


@cache
def _registry() -> Any:
    from pint import UnitRegistry

    # "autoconvert" only decides what degC means in products; a value of its own converts anyway.
    return UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)


def _angle(unit: Any) -> Any:
    """The power of the angle in a unit, which for pint is no dimension."""
    return _registry().get_root_units(unit)[1]._units["radian"]


def _unit(text: str) -> Any:
    spelled = _WORDS.get(text.strip(), text.strip())
    for word, plain in (("³", "3"), ("²", "2"), ("·", "*"), ("⁻", "-"), ("¹", "1"), ("μ", "µ")):
        spelled = spelled.replace(word, plain)
    try:
        if not _PLAIN.fullmatch(spelled):
            raise ValueError("it is no product of powers")
        return _registry().Unit(_EXPONENT.sub(r"\1**\2", spelled))
    except Exception as error:  # a dozen kinds, some of the tokenizer
        raise ValueError(
            f"{text[:60]!r} is no unit that is known ({type(error).__name__})"
        ) from None
