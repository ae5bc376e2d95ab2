# Managed by poc2prod; extend in kpi-contract.yaml.
"""The KPI contract: read, judged by rules that a schema can't say, compared, exported.

Read in this order: types, quality, people, running, protection, model; then document, loading and
rules.
"""

from .findings import ContractError
from .loading import PATH, check, load
from .model import KpiContract
from .quality import Gate

__all__ = ["PATH", "ContractError", "Gate", "KpiContract", "check", "load"]
