# Managed by poc2prod; extend in a module of your own beside it.
"""The package under test, whatever it is called.

No test names the package, so an update changes no import of yours, and neither does a new name.
"""

import importlib
import tomllib
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
NAME = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]


def load(module: str) -> ModuleType:
    """Import a module of the package: load("features"), load("ops.contract")."""
    return importlib.import_module(f"{NAME.replace('-', '_')}.{module}")
