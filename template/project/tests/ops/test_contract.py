# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""A broken contract gives one sentence that names the place and the fix."""

import pytest
import yaml
from package import ROOT, load

contract = load("ops.contract")
ProjectError = load("ops.errors").ProjectError


def document():
    return {
        "schema": [
            {
                "properties": [
                    {"name": "x", "logicalType": "number"},
                    {
                        "name": "y",
                        "logicalType": "boolean",
                        "customProperties": [
                            {"property": "role", "value": "target"},
                            {"property": "problem", "value": "binary"},
                        ],
                    },
                ]
            }
        ]
    }


def properties(changed):
    return changed["schema"][0]["properties"]


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
        r"\(x\): customProperties\[0\]: Input should be",
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
        r"\(x\): logicalTypeOptions\.minimum: Input should be a valid number",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_is_named(name, tmp_path):
    change, expected = BROKEN[name]
    broken = document()
    change(broken)
    path = tmp_path / "data-contract.yaml"
    path.write_text(yaml.safe_dump(broken), encoding="utf-8")
    with pytest.raises(ProjectError, match=expected) as error:
        contract.load(path)
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
