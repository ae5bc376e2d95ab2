"""What a change of the KPI contract is, and which version and approvals it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_schema import load
from rendering import ROOT

if TYPE_CHECKING:
    from pathlib import Path

kpi: Any = load("ops.kpi")
compare: Any = load("ops.kpi.difference").compare
TEXT = (ROOT / "tests/whole_contract.yaml").read_text(encoding="utf-8")
RB = "    - {id: RB-DROPOUT, perturbation: sensor_dropout_10pct, gate: MQ-RECALL, max_drop: 0.05}\n"


VERSIONS = {
    **dict.fromkeys(("loosened", "removed", "changed"), ("major", "2.0.0")),
    **dict.fromkeys(("tightened", "added"), ("minor", "1.3.0")),
    "worded": ("patch", "1.2.1"),
}


def change(tmp_path: Path, old: str, new: str, version: str = "1.2.0") -> Any:
    assert old in TEXT
    before, after = tmp_path / "before.yaml", tmp_path / "after.yaml"
    before.write_text(TEXT, encoding="utf-8")
    text = TEXT.replace(old, new, 1).replace("version: 1.2.0", f"version: {version}")
    after.write_text(text, encoding="utf-8")
    return compare(kpi.load(before), kpi.load(after))


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ("value: 0.8,", "value: 0.9,", "tightened", "MQ-RECALL.value: 0.8 → 0.9"),
        ("value: 0.8,", "value: 0.75,", "loosened", "MQ-RECALL.value"),
        ("lte, value: 0.2", "lte, value: 0.1", "tightened", "MQ-ALARMS.value"),
        ("lte, value: 0.2", "lte, value: 0.3", "loosened", "MQ-ALARMS.value"),
        (", vs_baseline: 0.05", "", "removed", "MQ-RECALL.vs_baseline: 0.05 → nothing"),
        (", severity: blocker", ", severity: warning", "loosened", "MQ-RECALL.severity"),
        ("bound: ci95_lower, ", "", "loosened", "MQ-RECALL.bound: ci95_lower → estimate"),
        ("metric: alarm_rate", "metric: brier", "changed", "MQ-ALARMS.metric"),
        ("value: 0.7,", "value: 0.6,", "loosened", "SL-SITE.value"),
        ("  robustness:\n" + RB, "", "removed", "RB-DROPOUT"),
        (RB, RB + RB.replace("RB-DROPOUT", "RB-NOISE"), "added", "RB-NOISE"),
        ("value: 4.8", "value: 4.5", "tightened", "target.value"),
        ("value: 4.8", "value: 5", "loosened", "target.value"),
        ("by: 2027-03-31", "by: 2027-06-30", "loosened", "target.by: 2027-03-31 → 2027-06-30"),
        ("by: 2027-03-31", "by: 2027-01-31", "tightened", "target.by"),
        ("floor: 5.8", "floor: unknown", "removed", "floor"),
        ("floor: 5.8", "floor: 6", "loosened", "floor"),
        ("risk_tier: high", "risk_tier: medium", "loosened", "metadata.risk_tier: high → medium"),
        ("objective: 0.995", "objective: 0.99", "loosened", "NF-AVAIL.objective"),
        ("limit_ms: 100", "limit_ms: 50", "tightened", "NF-LAT-P99.limit_ms"),
        ("throughput_rps, value: 50", "throughput_rps, value: 40", "loosened", "NF-LOAD.value"),
        ("rto: PT30M", "rto: PT1H", "loosened", "recovery.rto: PT30M → PT1H"),
        ("for: PT1H", "for: PT2H", "loosened", "GR-FALSEALARM.for"),
        ("action: abort_rollout", "action: alert", "loosened", "GR-FALSEALARM.action"),
        ("action: pause_rollout", "action: retire", "changed", "if_missed.action"),
        (", GR-FALSEALARM]}", "]}", "removed", "rollout.abort_on"),
        (
            "purposes: [maintenance planning]",
            "purposes: [maintenance planning, ads]",
            "loosened",
            "privacy.purposes",
        ),
        (
            "minimum_maintainers: 2",
            "minimum_maintainers: 3",
            "tightened",
            "ownership.after_project.minimum_maintainers",
        ),
        ("unit: hour", "unit: minute", "changed", "unit"),
        ("eve@plant.eu", "kim@plant.eu", "worded", "ownership.responsible."),
        ("CMMS report 17", "CMMS report 18", "worded", "baseline.source"),
    ],
)
def test_a_change_is_classed_and_its_version_is_missed(
    tmp_path: Path, old: str, new: str, kind: str, said: str
) -> None:
    part, version = VERSIONS[kind]
    difference = change(tmp_path, old, new)
    shown = [str(line) for line in difference.changes]

    assert said in shown[0]
    assert {line.partition(":")[0] for line in shown} == {f"{kind} ({part})"}
    assert difference.missing_version == version
    assert difference.needs_approval == version.startswith("2")
    assert change(tmp_path, old, new, version).missing_version is None


def test_the_greatest_change_decides(tmp_path: Path) -> None:
    difference = change(tmp_path, "floor: 5.8", "floor: 5.9", "1.9.0")
    assert difference.missing_version == "2.0.0"
    assert change(tmp_path, "unit: hour", "unit:   hour").changes == ()
    assert change(tmp_path, "value: 0.8,", "value: 0.9,", "1.1.0").missing_version == "1.3.0"


def test_approvals_status_and_version_are_no_change(tmp_path: Path) -> None:
    assert change(tmp_path, "status: draft", "status: retired", "1.2.1").changes == ()


def test_a_version_may_be_raised_by_more_than_it_must(tmp_path: Path) -> None:
    assert change(tmp_path, "eve@plant.eu", "kim@plant.eu", "3.0.0").missing_version is None
