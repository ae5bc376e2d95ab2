# Managed by poc2prod; extend with a command of your own beside it.
"""`drill`: shows that a backup comes back, and how fast."""

from dataclasses import asdict


def run() -> None:
    """Restore the newest backup aside, try its model, and compare the time with the contract."""
    from datetime import UTC, datetime

    from .. import evidence
    from ..console import step
    from ..data.store import store
    from ..errors import ProjectError
    from ..recovery import drill
    from ..settings import settings

    begun = evidence.begin("drill")
    with step("Restore the newest backup aside"):
        measured = drill.rehearse(store(settings().backups), datetime.now(UTC))
    missed = drill.missed(measured)
    begun.record(
        "drill",
        ["INF-08"],
        inputs=[],
        subject={},
        values={**asdict(measured), "missed": missed},
    )
    print(
        f"{measured.backup[:12]} came back: {measured.rows:,} rows, model"
        f" {(measured.model or 'none')[:12]}, after {measured.rto_seconds:,.1f} s; the longest"
        f" time without a backup was {measured.rpo_seconds:,.0f} s"
    )
    if missed:
        raise ProjectError(f"kpi-contract.yaml asks for less: {'; '.join(missed)}")
