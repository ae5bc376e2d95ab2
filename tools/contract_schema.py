"""Write the schema of the KPI contract that a project gets; a test keeps it current."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from poc2prod.effects import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from pydantic import BaseModel
    from pydantic_core import core_schema

ROOT = Path(__file__).parents[1]
NAME = ".poc2prod/kpi-contract.schema.json"


class _Terse(GenerateJsonSchema):
    """No titles, which hide descriptions in an editor, and no nulls: a key is left out."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
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


def load(module: str) -> ModuleType:
    """Import a module of the template's package as it is, under the name it has before rendering.

    It may need what poc2prod itself has, pydantic and PyYAML, and nothing else.
    """
    folder = str(ROOT / PROJECT / "src")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(f"{{{{ package_name }}}}.{module}")


def _described(model: type[BaseModel], inherited: Mapping[str, str]) -> None:
    """Give the fields of all models below `model` the docstrings below them as descriptions."""
    for each in model.__subclasses__():
        said = {**inherited, **dict(_docstrings(each))}
        for name, field in each.model_fields.items():
            field.description = said.get(name)
        each.model_rebuild(force=True)
        _described(each, said)


def _docstrings(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for statement in ast.parse(inspect.getsource(model)).body:
        for field, text in pairwise(getattr(statement, "body", ())):
            match field, text:
                case ast.AnnAssign(ast.Name(name)), ast.Expr(ast.Constant(str(description))):
                    yield name, inspect.cleandoc(description)


def page() -> str:
    """Return the schema as the template must have it."""
    contract = load("ops.kpi.model").KpiContract
    _described(load("ops.kpi.types").Block, {})
    schema = {
        "$comment": "Managed by poc2prod; extend in kpi-contract.yaml.",
        "$schema": GenerateJsonSchema.schema_dialect,
        **contract.model_json_schema(schema_generator=_Terse),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (ROOT / PROJECT / NAME).write_text(page(), encoding="utf-8", newline="\n")
