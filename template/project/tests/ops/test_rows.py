# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Rows of JSON: what is accepted, and how the rest is refused."""

import pytest
from package import load

Column = load("ops.columns").Column
rows = load("ops.rows")

READER = rows.RowReader(
    (
        Column(name="Speed [rpm]", kind="number", required=True, minimum=0, maximum=4000),
        Column(name="count", kind="integer"),
        Column(name="on", kind="boolean"),
        Column(name="type", kind="string", values=("L", "M")),
    ),
    max_rows=3,
)


def test_one_row_and_many():
    row = {"Speed [rpm]": 1480, "count": 3, "on": True, "type": "L"}
    assert READER.read('{"Speed [rpm]": 1480, "count": 3, "on": true, "type": "L"}') == [row]
    filled = {"Speed [rpm]": 1.0, "count": None, "on": None, "type": None}
    assert READER.read('[{"Speed [rpm]": 1}]') == [filled]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "body"),
        ("{", "body"),
        ("1", "body"),
        ("null", "body"),
        ("[]", "body"),
        ("[[[[" * 10_000, "body"),
        ('[{"Speed [rpm]": 1}, 5]', "rows[1]"),
        ('[{"Speed [rpm]": 1},{"Speed [rpm]": 1},{"Speed [rpm]": 1},{"Speed [rpm]": 1}]', "body"),
        ("{}", "Speed [rpm]"),
        ('{"Speed [rpm]": null}', "Speed [rpm]"),
        ('{"Speed [rpm]": "1480"}', "Speed [rpm]"),
        ('{"Speed [rpm]": true}', "Speed [rpm]"),
        ('{"Speed [rpm]": NaN}', "Speed [rpm]"),
        ('{"Speed [rpm]": -Infinity}', "Speed [rpm]"),
        ('{"Speed [rpm]": 1e999}', "Speed [rpm]"),
        ('{"Speed [rpm]": 1' + "0" * 400 + "}", "Speed [rpm]"),
        ('{"Speed [rpm]": -1}', "Speed [rpm]"),
        ('{"Speed [rpm]": 1, "count": 1.5}', "count"),
        ('{"Speed [rpm]": 1, "count": 1' + "0" * 400 + "}", "count"),
        ('{"Speed [rpm]": 1, "on": 1}', "on"),
        ('{"Speed [rpm]": 1, "type": "X"}', "type"),
        ('{"Speed [rpm]": 1, "speed": 1}', "speed"),
        ('[{"Speed [rpm]": 1}, {"Speed [rpm]": []}]', "rows[1].Speed [rpm]"),
        (b'{"Speed [rpm]": "\xff"}', "body"),
    ],
)
def test_what_is_wrong_is_named(body, field):
    with pytest.raises(rows.RowError) as error:
        READER.read(body)
    assert error.value.problems[0]["field"] == field
    assert error.value.problems[0]["reason"]


def test_the_bounds_themselves_are_accepted():
    READER.read('[{"Speed [rpm]": 0}, {"Speed [rpm]": 4000}]')
    with pytest.raises(rows.RowError):
        READER.read('{"Speed [rpm]": 4001}')


def test_text_and_integers_keep_their_bounds():
    integer = Column(name="n", kind="integer", minimum=0, maximum=9)
    reader = rows.RowReader((Column(name="t", kind="string"), integer), max_rows=1)
    reader.read('{"t": "a", "n": 9}')
    for field, value in (("t", '"' + "a" * 1_001 + '"'), ("n", "-1"), ("n", "10")):
        with pytest.raises(rows.RowError) as error:
            reader.read(f'{{"{field}": {value}}}')
        assert error.value.problems[0]["field"] == field
