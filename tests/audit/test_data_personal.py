"""DAT-08: forbidden attributes of people are in no model, no input and no code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.outcome import Status
from small import write
from small_audits import answered, judged

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
schema:
  - name: readings
    properties:
      - {name: flow, logicalType: number, required: true}
      - name: fitter
        logicalType: string
        customProperties:
          - {property: role, value: context}
          - {property: personal, value: {category: identifier, treatment: drop}}
      - name: shift
        logicalType: string
        customProperties:
          - {property: personal, value: {category: behaviour, treatment: generalise}}
"""
FILES = {
    "data-contract.yaml": CONTRACT,
    "src/pump/features.py": 'def build(inputs):\n    return {"flow": inputs["flow"]}\n',
    "models/v1/model.json": json.dumps({"inputs": [{"name": "flow"}], "features": {"flow": "f"}}),
}
KPI = """\
apiVersion: poc2prod/kpi-contract/v1
kind: KpiContract
metadata: {name: toy, version: 0.1.0, status: draft}
ownership: {accountable: {email: ada@plant.eu}}
business_kpis:
  - {id: BK-1, name: N, unit: h, direction: decrease, baseline: {value: 2}, target: {value: 1}}
model_quality:
  gates: [{id: MQ-1, metric: recall, op: gte, value: 0.9}]
privacy:
  classification: personal
  personal_data: true
  columns: [{column: flow, category: identifier, treatment: drop}]
  purposes: [repair]
  lawful_basis: contract
  dpia: D-1
"""


def good(root: Path, **answers: object) -> Path:
    write(root, FILES)
    answered(root, **(answers or {"privacy": "personal"}))
    return root


def test_treated_columns_that_no_model_sees_pass(tmp_path: Path) -> None:
    found = judged(good(tmp_path), "DAT-08")
    assert found.status is Status.PASS, found.message
    assert found.message.startswith("2 columns about people have a treatment")
    assert found.value == 1


def test_it_does_not_apply_where_nobody_is_concerned(tmp_path: Path) -> None:
    assert judged(good(tmp_path, privacy="internal"), "DAT-08").status is Status.NA
    assert judged(good(tmp_path, persons_affected="true"), "DAT-08").status is Status.PASS


def test_no_marked_column_is_missing(tmp_path: Path) -> None:
    good(tmp_path)
    write(tmp_path, {"data-contract.yaml": CONTRACT.replace("property: personal", "property: x")})
    assert judged(tmp_path, "DAT-08").status is Status.MISSING


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("data-contract.yaml", "treatment: drop", "treatment: TODO", "fitter is personal and has"),
        ("data-contract.yaml", "role, value: context", "role, value: input", "a request must hold"),
        ("data-contract.yaml", "category: behaviour", "category: special", "shift is forbidden"),
        ("src/pump/features.py", '["flow"]', '["fitter"]', "features.py:2: fitter is forbidden"),
        ("models/v1/model.json", '"name": "flow"', '"name": "fitter"', "the model takes it"),
        ("models/v1/model.json", '{"flow": "f"}', '{"fitter": "f"}', "the model takes it"),
    ],
)
def test_a_forbidden_attribute_is_found(
    tmp_path: Path, path: str, old: str, new: str, said: str
) -> None:
    assert old in FILES[path]
    good(tmp_path)
    write(tmp_path, {path: FILES[path].replace(old, new, 1)})
    found = judged(tmp_path, "DAT-08")
    assert found.status is Status.FAIL, found.message
    assert said in found.message


def test_what_the_kpi_contract_drops_is_forbidden_too(tmp_path: Path) -> None:
    good(tmp_path)
    write(tmp_path, {"kpi-contract.yaml": KPI})
    found = judged(tmp_path, "DAT-08")
    assert found.status is Status.FAIL, found.message
    assert "flow is forbidden" in found.message
