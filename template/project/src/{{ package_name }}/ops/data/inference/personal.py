# Managed by poc2prod; extend in data-contract.yaml, where a person confirms what is personal.
"""Suspects columns that say something of a person, by name and by value. A person decides."""

import re
from dataclasses import dataclass

from .facts import Facts

_NAMES = {
    "contact": r"e_?mail|mail|phone|telephone|tel|mobile|fax|telefon|handy",
    "identifier": (
        r"(first|last|middle|given|family|sur|full|user|maiden|customer|patient|client|employee)_?name"
        r"|vorname|nachname|nom|prenom|name|ssn|social_security(_number)?|passport(_(no|number))?"
        r"|iban|tax_id|national_id|license_plate|credit_card(_number)?|ip(_?addr(ess)?)?"
    ),
    "location": (
        r"(home|street|postal|mail(ing)?)?_?address|street|adresse|strasse|zip(_?code)?|post(al)?_?code|plz"
    ),
    "behaviour": r"(date_of_)?birth(_?(day|date))?|dob|born|geburtsdatum|date_naissance",
    "special": (
        r"religion|race|ethnicity|ethnic_group|sexual_orientation|political_party|trade_union"
        r"|diagnosis|disability|health_status"
    ),
}
_GROUPS = re.compile(r"sex|gender|age|geschlecht|alter|nationality|marital_status", re.IGNORECASE)
_VALUES = {
    "contact": (
        r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$",
        r"^\+?\d{0,3}[ (./-]{1,2}\d{2,5}[) ./-]{1,2}\d{2,}([ ./-]?\d+)*$",
    ),
    "identifier": (
        r"^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)$",
        r"^[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?$",
        r"^\d{3}-\d{2}-\d{4}$",
        r"\b(Mr|Mrs|Miss|Ms|Dr|Herr|Frau|Mme)\b\.?",
    ),
    "location": (r"^\d+[a-z]?,? +\p{L}.* (St|Street|Ave|Avenue|Rd|Road|Lane|Ln|Blvd|Drive|Dr)\b",
                 r"\p{L}+(straße|strasse|str\.) +\d+"),
}  # fmt: skip
_MOST = 0.5


@dataclass(frozen=True)
class Suspicion:
    """That a column may be personal.

    Attributes:
        category: of the contract's property `personal`.
        because: what it was recognised by.
    """

    category: str
    because: str


def suspicion(found: Facts) -> Suspicion | None:
    """Say why a column may say something of a person."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", found.name)
    plain = re.sub(r"[\W_]+", "_", plain).strip("_").casefold()
    for category, pattern in _NAMES.items():
        if re.fullmatch(pattern, plain) and not (plain == "name" and not _like_names(found)):
            return Suspicion(category, "its name")
    if found.kind != "string":
        return None
    texts = found.values.drop_nulls().head(2_000)
    for category, patterns in _VALUES.items():
        for pattern in patterns:
            if texts.str.contains(pattern).mean() > _MOST:  # type: ignore[operator]
                return Suspicion(category, "its values")
    return None


def tells_groups(name: str) -> bool:
    """Whether a column says which group a person belongs to, such as sex or age."""
    return _GROUPS.fullmatch(name.strip()) is not None


def _like_names(found: Facts) -> bool:
    """Whether texts in a column called name, of which things have some too, look like people's."""
    if found.kind != "string":
        return False
    texts = found.values.drop_nulls().head(2_000)
    capital = texts.str.contains(r"^\p{Lu}[\p{L}.'-]+,?( \(?\p{Lu}[\p{L}.'-]*\)?)+").mean()
    return bool(capital is not None and capital > _MOST)  # type: ignore[operator]
