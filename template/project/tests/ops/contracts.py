# Managed by poc2prod; extend in a module of your own beside it.
"""Data contracts to break: a short one, and one that says all that can be said."""

import yaml


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
         "logicalTypeOptions": {"minLength": 2, "maxLength": 9, "pattern": "^[a-z]{2,9}$"},
         "customProperties": custom(role="context", personal={"category": "identifier",
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
