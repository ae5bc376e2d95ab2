"""Write the schema of the KPI contract that a project gets; a test keeps it current."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from poc2prod.effects import PROJECT

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[1]
NAME = ".poc2prod/kpi-contract.schema.json"


def load(module: str) -> ModuleType:
    """Import a module of the template's package as it is, under the name it has before rendering.

    It may need what poc2prod itself has, pydantic and PyYAML, and nothing else.
    """
    folder = str(ROOT / PROJECT / "src")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(f"{{{{ package_name }}}}.{module}")


def page() -> str:
    """Return the schema as the template must have it."""
    text: str = load("ops.kpi.schema").text()
    return text


if __name__ == "__main__":
    (ROOT / PROJECT / NAME).write_text(page(), encoding="utf-8", newline="\n")
