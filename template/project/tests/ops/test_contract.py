# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""A broken contract gives one sentence that names the place and the fix."""

import copy
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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


def custom(**values):
    return [{"property": name, "value": value} for name, value in values.items()]


def full():
    """All that a contract can say."""
    table = document()
    table.update(
        apiVersion="v3.1.0",
        kind="DataContract",
        version="1.2.0",
        team={"name": "Data", "members": [{"username": "ada"}, {"username": "b", "role": "owner"}]},
        slaProperties=[
            {"property": "freshness", "value": 2, "unit": "d", "element": "rows.time"},
            {"property": "latency", "value": "6", "unit": "hours"},
            {"property": "retention", "value": 1, "unit": "y", "element": "time"},
        ],
    )
    table["schema"][0].update(
        name="rows",
        quality=[
            {"metric": "rowCount", "mustBeBetween": [2, 9]},
            {
                "metric": "duplicateValues",
                "unit": "percent",
                "mustBeLessThan": 5,
                "arguments": {"properties": ["x", "s"]},
            },
            {"type": "text", "description": "Readings are taken at rest."},
        ],
    )
    valid = {"validValues": ["a", "b"]}
    properties(table)[0].update(
        logicalTypeOptions={"minimum": 0, "exclusiveMaximum": 10.5},
        examples=[3],
        classification="internal",
        quality=[
            {"metric": "nullValues", "unit": "percent", "mustBeLessThan": 5},
            {"metric": "missingValues", "mustBeLessOrEqualTo": 3,
             "arguments": {"missingValues": ["n/a", -999, None]}},
        ],
        customProperties=custom(
            unit="degC", calibration=[{"source": "a", "unit": "degF", "scale": 1.5, "offset": -2}]
        ),
    )  # fmt: skip
    table["schema"][0]["properties"] += [
        {"name": "s", "logicalType": "string", "customProperties": custom(role="source"),
         "quality": [{"metric": "invalidValues", "arguments": valid, "mustBe": 0}]},
        {"name": "name", "logicalType": "string", "unique": True,
         "logicalTypeOptions": {"minLength": 2, "maxLength": 9, "pattern": "^[a-z]+$"},
         "customProperties": custom(role="context", personal={"category": "name",
                                                              "treatment": "pseudonymise"})},
        {"name": "code", "logicalType": "integer", "enum": [{"value": 1}, {"value": 2}],
         "customProperties": custom(role="context")},
        {"name": "machine", "logicalType": "string", "primaryKey": True, "primaryKeyPosition": 2,
         "customProperties": custom(role="entity")},
        {"name": "time", "logicalType": "timestamp", "primaryKey": True, "primaryKeyPosition": 1,
         "logicalTypeOptions": {"minimum": "2020-01-01", "maximum": "2030-01-01T00:00:00+01:00"},
         "customProperties": custom(role="time")},
    ]  # fmt: skip
    return table


def written(table, directory):
    path = directory / "data-contract.yaml"
    path.write_text(yaml.safe_dump(table, sort_keys=False), encoding="utf-8")
    return path


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
    assert (name.unique, name.min_length, name.max_length, name.pattern) == (True, 2, 9, "^[a-z]+$")
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


def first(table):
    return properties(table)[0]


REFUSED = {
    "a misspelt key": (lambda d: first(d).update(requird=True), "did you mean required"),
    "a misspelt word of ours": (
        lambda d: first(d).update(customProperties=custom(calibrations=[])),
        "did you mean calibration",
    ),
    "an option without code": (
        lambda d: first(d)["logicalTypeOptions"].update(multipleOf=5),
        "multipleOf: is not enforced for a number",
    ),
    "a bound of another type": (
        lambda d: properties(d)[3]["logicalTypeOptions"].update(maximum=5),
        "maximum: is not enforced for a string",
    ),
    "a rule in SQL": (
        lambda d: first(d)["quality"].append({"type": "sql", "query": "SELECT 1", "mustBe": 1}),
        "rule of type sql is not enforced",
    ),
    "a promise without code": (
        lambda d: d["slaProperties"].append({"property": "availability", "value": 99}),
        "'availability' is not enforced here",
    ),
    "a relationship": (
        lambda d: first(d).update(relationships=[{"to": "a.b"}]),
        "'relationships' is no key",
    ),
    "bounds that no value keeps": (
        lambda d: first(d)["logicalTypeOptions"].update(minimum=11),
        "no value is at least 11.0 and at most 10.5",
    ),
    "units that differ": (
        lambda d: first(d)["customProperties"][0].update(value="bar"),
        "calibration of a: degF and bar measure different things",
    ),
    "a calibration of nobody": (
        lambda d: first(d)["customProperties"][1]["value"][0].update(source="c"),
        "c is no value of s",
    ),
    "no source": (
        lambda d: properties(d)[2].update(customProperties=custom(role="context")),
        "needs a string column with the role source",
    ),
    "look-around": (
        lambda d: properties(d)[3]["logicalTypeOptions"].update(pattern="(?=a)"),
        "pattern: is no regular expression that works here",
    ),
    "YAML's own booleans": (
        lambda d: properties(d)[2]["quality"][0]["arguments"].update(validValues=[True]),
        "True is no string: quote it",
    ),
    "no limit": (
        lambda d: d["schema"][0]["quality"][0].pop("mustBeBetween"),
        "say once how many there may be",
    ),
    "two keys of one number": (
        lambda d: properties(d)[5].update(primaryKeyPosition=1),
        "two columns are number 1",
    ),
    "a duration without end": (
        lambda d: d["slaProperties"][0].update(unit="fortnight"),
        r"slaProperties\[0\]\.unit: must be one of second",
    ),
    "another column's promise": (
        lambda d: d["slaProperties"][0].update(element="rows.when"),
        "must be rows.time",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_nothing_enforces_is_refused(name, tmp_path):
    change, expected = REFUSED[name]
    refused = full()
    change(refused)
    with pytest.raises(ProjectError, match=expected):
        contract.load(written(refused, tmp_path))


def test_the_line_is_named_and_a_key_that_is_there_twice(tmp_path):
    path = written(full(), tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    number = lines.index("  - name: machine")
    lines[number + 1] = "    logicalType: machine"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ProjectError, match=rf"yaml:{number + 1}: schema\[0\].*\(machine\)"):
        contract.load(path)
    lines.insert(number + 2, "    logicalType: string")
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ProjectError, match=rf"yaml:{number + 3}: logicalType is there twice"):
        contract.load(path)


def places(value, place=()):
    yield place
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*place, key))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates()
    | st.sampled_from(["1e400", "percent", "degC", "string", "(", "2020", -1, 0, 10**400]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2)
    ),
    max_leaves=4,
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from([place for place in places(full()) if place]), JUNK, st.booleans())
def test_whatever_is_wrong_there_is_one_line_with_the_place(tmp_path, place, junk, delete):
    table = full()
    value = table
    for step in place[:-1]:
        value = value[step]
    if delete:
        del value[place[-1]]
    else:
        value[place[-1]] = copy.deepcopy(junk)
    path = written(table, tmp_path)
    try:
        contract.load(path)
    except ProjectError as error:
        said = str(error)
        assert said.startswith(f"{path}")
        assert "\n" not in said
        assert len(said) < len(str(path)) + 500
