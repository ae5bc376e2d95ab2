"""DAT-01: what code reads is described, bounded and owned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.outcome import Status
from probing import outcome

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: r
version: 1.0.0
status: active
team: {members: [{username: ada@plant.eu, role: owner}]}
schema:
  - name: readings
    quality: [{metric: rowCount, mustBeGreaterThan: 10}]
    properties:
      - {name: pump, logicalType: string, required: true}
      - {name: flow, logicalType: number, required: true, logicalTypeOptions: {minimum: 0}}
      - name: fails
        logicalType: boolean
        required: true
        customProperties: [{property: role, value: target}]
"""
CODE = """\
import polars as pl
from pathlib import Path


def read(path):
    Path("notes.txt").read_text("utf-8")
    return pl.read_csv(path)
"""
PUMP, FLOW = (
    "{name: pump, logicalType: string, required: true}",
    ", logicalTypeOptions: {minimum: 0}",
)


def judged(root: Path, contract: str = CONTRACT, code: str = CODE) -> tuple[Status, str]:
    files = {"data-contract.yaml": contract, "src/pump/sources.py": code}
    found = outcome(root, "DAT-01", files)
    return found.status, found.message


def test_a_contract_with_rules_and_an_owner_passes(tmp_path: Path) -> None:
    assert judged(tmp_path) == (
        Status.PASS,
        "data-contract.yaml bounds 3 columns, and the code reads no other table",
    )


def test_no_contract_is_missing(tmp_path: Path) -> None:
    assert outcome(tmp_path, "DAT-01", {"src/pump/sources.py": CODE}).status is Status.MISSING


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        ("ada@plant.eu", "owner@example.com", Status.STUB, "owner@example.com is nobody"),
        ("ada@plant.eu", "''", Status.STUB, "a member of team is nobody"),
        ("ada@plant.eu", "TODO", Status.STUB, "TODO is nobody"),
        ("[{username: ada@plant.eu, role: owner}]", "[]", Status.FAIL, "nobody answers"),
        (FLOW, "", Status.FAIL, ":12: flow is a number without a range"),
        (PUMP, PUMP.replace(", required: true", ""), Status.FAIL, ":11: pump may hold anything"),
        (PUMP, PUMP.replace("string", "text"), Status.FAIL, "pump has no logicalType"),
        ("    quality:", "    tags:", Status.FAIL, "neither a rule of quality nor a primary key"),
        ("kind: DataContract", "kind: Contract", Status.FAIL, "is no DataContract"),
        ("    properties:", "    fields:", Status.FAIL, "one table with properties"),
        ("name: flow", "name: pump", Status.FAIL, "a name of its own"),
    ],
)
def test_what_is_loose_or_nobodys_is_named(
    tmp_path: Path, old: str, new: str, status: Status, said: str
) -> None:
    assert old in CONTRACT
    found, message = judged(tmp_path, CONTRACT.replace(old, new, 1))
    assert found is status, message
    assert said in message


@pytest.mark.parametrize(
    "call",
    [
        'pl.scan_parquet("data/other.parquet")',
        'pd.read_csv(Path("other.csv"))',
        'pl.read_database_uri("select 1", uri)',
        'np.loadtxt("x")',
    ],
)
def test_a_table_that_code_names_by_itself_is_found(tmp_path: Path, call: str) -> None:
    status, message = judged(tmp_path, code=f"{CODE}\n\ndef more():\n    return {call}\n")
    assert status is Status.FAIL
    assert message.startswith("src/pump/sources.py:11: it reads ")


def test_code_that_is_no_python_reads_nothing(tmp_path: Path) -> None:
    assert judged(tmp_path, code="def (")[0] is Status.PASS
