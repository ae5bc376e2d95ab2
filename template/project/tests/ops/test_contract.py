# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""A broken contract gives one sentence that names the place and the fix."""

from datetime import UTC, datetime, timedelta

import pytest
from contracts import document, full, properties, written
from package import ROOT, load

contract = load("ops.contract")
ProjectError = load("ops.errors").ProjectError


BROKEN = {
    "no schema": (lambda d: d.clear(), "schema must list exactly one table"),
    "no columns": (lambda d: properties(d).clear(), r"schema\[0\]\.properties: must list"),
    "no name": (lambda d: properties(d)[0].pop("name"), r"properties\[0\]: needs a name"),
    "twice": (lambda d: properties(d)[0].update(name="y"), r"\(y\): this name is declared twice"),
    "no type": (
        lambda d: properties(d)[0].pop("logicalType"),
        r"\(x\): logicalType must be one of",
    ),
    "unknown type": (lambda d: properties(d)[0].update(logicalType="float"), "logicalType"),
    "no target": (lambda d: properties(d)[1].pop("customProperties"), "give one column the role"),
    "unknown role": (
        lambda d: properties(d)[0].update(customProperties=[{"property": "role", "value": "id"}]),
        "role 'id' is not one of input, target",
    ),
    "malformed custom properties": (
        lambda d: properties(d)[0].update(customProperties=["role"]),
        r"\(x\): customProperties\[0\]: must be",
    ),
    "two targets": (
        lambda d: properties(d)[0].update(customProperties=properties(d)[1]["customProperties"]),
        "only one column can have the role target, not x, y",
    ),
    "no inputs": (lambda d: properties(d).pop(0), "no column is an input"),
    "a timestamp as input": (
        lambda d: properties(d)[0].update(logicalType="timestamp"),
        "x is a timestamp",
    ),
    "unknown problem": (
        lambda d: properties(d)[1]["customProperties"].pop(),
        "needs the custom property problem, one of binary, multiclass, regression",
    ),
    "wrong bound": (
        lambda d: properties(d)[0].update(logicalTypeOptions={"minimum": "low"}),
        r"\(x\): logicalTypeOptions\.minimum: must be a valid number",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_is_named(name, tmp_path):
    change, expected = BROKEN[name]
    broken = document()
    change(broken)
    with pytest.raises(ProjectError, match=expected) as error:
        contract.load(written(broken, tmp_path))
    assert "\n" not in str(error.value)


def test_bad_yaml_is_named_with_its_line(tmp_path):
    path = tmp_path / "data-contract.yaml"
    path.write_text("schema:\n  - [\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="line 3"):
        contract.load(path)


def test_the_contract_of_this_project_is_read():
    loaded = contract.load(ROOT / "data-contract.yaml")
    assert loaded.target in loaded.columns
    assert {column.name for column in loaded.inputs}.isdisjoint({loaded.target.name})


def test_everything_that_can_be_said_is_understood(tmp_path):
    loaded = contract.load(written(full(), tmp_path))
    x, code, name = loaded.inputs[0], *loaded.context[2:0:-1]
    assert (x.minimum, x.exclusive_maximum, x.missing, x.unit) == (0, 10.5, ("n/a", "-999"), "degC")
    assert (x.calibration[0].scale, x.calibration[0].offset, x.classification) == (
        1.5,
        -2,
        "internal",
    )
    assert code.values == (1, 2)
    assert (name.unique, name.min_length, name.max_length, name.pattern) == (
        True,
        2,
        9,
        "^[a-z]{2,9}$",
    )
    assert name.personal.treatment == "pseudonymise"
    assert loaded.source.values == ("a", "b")
    assert [column.name for column in loaded.identity] == ["time", "machine"]
    assert loaded.time.required
    assert loaded.time.earliest == datetime(2020, 1, 1, tzinfo=UTC)
    assert loaded.time.latest == datetime(2029, 12, 31, 23, tzinfo=UTC)
    assert [rule.said for rule in loaded.quality] == [
        "null values of x must be less than 5 %",
        "missing values of x must be at most 3",
        "rows must be between 2 and 9",
        "duplicate values of x, s must be less than 5 %",
    ]
    assert loaded.freshness == timedelta(days=2)
    assert loaded.latency == timedelta(hours=6)
    assert loaded.retention == timedelta(days=365)
    assert (loaded.version, loaded.owner) == ("1.2.0", "b")
