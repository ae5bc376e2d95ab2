# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What looks personal is flagged for a person, unless one has decided already."""

import polars as pl
import pytest
from package import load

scanner = load("ops.data.scanner")
Column = load("ops.columns").Column


def flagged(texts, **declared):
    column = Column(name="note", kind="string", **declared)
    return list(scanner.suspicions(pl.LazyFrame({"note": texts}), [column]))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("e-mail addresses", ["ask ada@example.com", "b.c+d@mail.example.org"]),
        ("telephone numbers", ["+41 44 668 18 00", "(030) 1234 5678", "call 0171-555 1234"]),
        ("bank account numbers", ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"]),
        (
            "national identity numbers",
            ["078-05-1120", "AB 12 34 56 C", "2 55 08 14 168 025 38"],
        ),
    ],
)
def test_each_kind_is_flagged_and_nothing_quoted(kind, values):
    for value in values:
        (found,) = flagged([value, None])
        assert found.kind == kind
        assert value not in str(found)
        assert "note" in str(found)


@pytest.mark.parametrize(
    "value",
    [
        "P-1200-33",
        "2026-01-01T00:00:00Z",
        "DE89 3704 0044 0532 0130 01",
        "000-12-3456",
        "10.0.17.240",
        "3.14159265358979",
        "user@host",
        "v1.22.333-44",
        "a" * 64,
        "4711",
    ],
)
def test_what_only_looks_a_little_like_it_is_not(value):
    assert flagged([value]) == []


def test_one_value_among_many_is_chance_and_one_in_a_hundred_is_not():
    parts = [f"part {number}" for number in range(300)]

    assert not flagged([*parts, "ada@example.com"])
    assert not flagged([*parts, "a@example.com", "b@example.com"])
    assert flagged([*parts, *(f"{name}@example.com" for name in "abcd")])


def test_what_somebody_has_decided_is_not_flagged_again():
    values = ["ada@example.com"]

    assert flagged(values)
    assert not flagged(values, personal={"category": "none"})
    assert not flagged(values, personal={"category": "contact", "treatment": "drop"})
    assert not flagged(values, values=tuple(values))
