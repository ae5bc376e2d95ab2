# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What nothing enforces is refused, and whatever is wrong is told in one line with the place."""

import copy

import pytest
from contracts import custom, full, properties, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from package import load

contract = load("ops.contract")
ProjectError = load("ops.errors").ProjectError


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
