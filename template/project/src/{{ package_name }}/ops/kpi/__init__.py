# Managed by poc2prod; extend in kpi-contract.yaml.
"""The KPI contract: read, judged by rules that a schema can't say, compared, exported.

Read in this order: types, quality, people, running, protection, model; then document, loading,
judging and rules. Only the shapes need pydantic, so they are imported by who asks for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .findings import ContractError
    from .loading import PATH, check, load
    from .model import KpiContract
    from .quality import Gate

__all__ = ["PATH", "ContractError", "Gate", "KpiContract", "check", "load"]

_HOMES = {"ContractError": "findings", "KpiContract": "model", "Gate": "quality"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES.get(name, 'loading')}", __name__), name)
