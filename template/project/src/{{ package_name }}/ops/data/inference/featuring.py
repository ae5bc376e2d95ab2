# Managed by poc2prod; extend in what it writes, which is yours.
"""Writes features.py, which says what the model sees, and tests of it."""

from .code import assigned
from .judgement import Judged

_FEATURES = '''"""Yours: turns the inputs of the data contract into what the model sees.

`data infer` wrote it. The same function runs in training, in batch scoring and in the service, so
it is plain NumPy on whole columns: no table library, no state, no look at other rows.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# As they are.
{numbers}{values}

def build(inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Compute the model's features.

    Args:
        inputs: one array of shape (rows,) per input of data-contract.yaml; numbers, integers and
            booleans as float64 with NaN for a missing value, text as str objects.

    Returns:
        One numeric array of shape (rows,) per feature. Their order is the model's column order.
    """
    features = {{name: np.asarray(inputs[name], np.float64) for name in NUMBERS}}
{loop}    return features
'''
_VALUES = """
# A feature for each of these values, 1 where it is the row's; any other value, and a missing one,
# has 0 in all of them.
"""
_LOOP = """\
    for name, values in VALUES.items():
        for value in values:
            features[f"{name} is {value}"] = np.asarray(inputs[name] == value, np.float64)
"""
_TESTS = '''"""Yours: what features.py promises."""

import numpy as np
from package import load

features = load("features")
{row}

def built(**changes):
    inputs = {{
        name: np.array([value], dtype=object if isinstance(value, str) else float)
        for name, value in {{**ROW, **changes}}.items()
    }}
    return {{name: column.item() for name, column in features.build(inputs).items()}}


def test_no_input_is_forgotten():
    assert set(ROW) == {{*features.NUMBERS{all_values}}}
'''
_NUMBER_TEST = """

def test_numbers_are_passed_on_and_a_missing_one_leaves_only_itself_empty():
    name = features.NUMBERS[0]
    assert built()[name] == float(ROW[name])
    empty = [feature for feature, value in built(**{name: np.nan}).items() if np.isnan(value)]
    assert empty == [name]
"""
_VALUE_TEST = """

def test_a_value_sets_its_own_feature_alone_and_an_unknown_one_none():
    for name, values in features.VALUES.items():
        for value in values:
            row = built(**{name: value})
            found = {each: row[f"{name} is {each}"] for each in values}
            assert found == {each: float(each == value) for each in values}
        row = built(**{name: "no value of this table"})
        assert not any(row[f"{name} is {each}"] for each in values)
"""


def features(judged: list[Judged]) -> str:
    """The text of features.py."""
    numbers, values = _inputs(judged)
    return _FEATURES.format(
        numbers=assigned("NUMBERS", numbers),
        values=_VALUES + assigned("VALUES", values) if values else "",
        loop=_LOOP if values else "",
    )


def tests(judged: list[Judged]) -> str:
    """The text of tests/test_features.py."""
    numbers, values = _inputs(judged)
    row = {each.name: each.facts.example for each in judged if each.role == "input"}
    return (
        _TESTS.format(row=assigned("ROW", row), all_values=", *features.VALUES" if values else "")
        + (_NUMBER_TEST if numbers else "")
        + (_VALUE_TEST if values else "")
    )


def _inputs(judged: list[Judged]) -> tuple[list[str], dict[str, list[str]]]:
    inputs = [each for each in judged if each.role == "input"]
    numbers = [each.name for each in inputs if each.facts.kind != "string"]
    values = {each.name: list(each.shown) for each in inputs if each.facts.kind == "string"}
    return numbers, values
