"""A contract that its owners approved, and what the audit's checks say of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from audited import ADA, EVE, catalogue, context
from poc2prod.audit.contract.texts import Text

if TYPE_CHECKING:
    from poc2prod.audit.outcome import Outcome

WHOLE = Path(__file__).with_name("whole_contract.yaml").read_text("utf-8")
ZOE = "zoe@plant.eu"
SIGNED = (
    ("business", ADA, "2026-11-05"),
    ("operations", EVE, "2026-11-06"),
    ("compliance", ZOE, "2026-11-07"),
)
RECALL = "id: MQ-RECALL, metric: recall, op: gte, value: 0.8"


def approved(text: str, *approvals: tuple[str, str, str]) -> str:
    """Return a contract with approvals of its text."""
    digest = Text(text.encode()).digest
    entries = [
        {"role": role, "email": person, "date": day, "contract_sha256": digest}
        for role, person, day in approvals
    ]
    return text + yaml.safe_dump({"approvals": entries})


def judged(root: Path, name: str = "KPI-05", **known: Any) -> Outcome:
    """Return what a check of the catalogue says of the contract in `root`."""
    with context(root, on=date(2026, 11, 23)) as found:
        found._known.update(known)
        check = catalogue()[name]
        return check.run()(found.about(check), **check.arguments)
