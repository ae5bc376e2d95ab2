# Managed by poc2prod; extend in kpi-contract.yaml.
"""The contract's shape as JSON Schema, by which editors complete keys and explain them."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from .model import KpiContract


class _Terse(GenerateJsonSchema):
    """No titles, which hide descriptions in an editor, and no nulls: a key is left out."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        del found["title"]
        return found

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def text() -> str:
    """Write the schema as .poc2prod/kpi-contract.schema.json has it."""
    schema = {
        "$comment": "Managed by poc2prod; extend in kpi-contract.yaml.",
        "$schema": GenerateJsonSchema.schema_dialect,
        **KpiContract.model_json_schema(schema_generator=_Terse),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
