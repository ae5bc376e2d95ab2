"""The canonical report."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# JSON allows them as they are, and a terminal acts on them.
_ACTING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def write(report: Mapping[str, Any]) -> str:
    """Return the report as JSON; report.schema.json describes it."""
    text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False)
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
