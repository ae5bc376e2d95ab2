"""The canonical report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def write(report: Mapping[str, Any]) -> str:
    """Return the report as JSON; report.schema.json describes it."""
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
