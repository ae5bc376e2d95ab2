"""A broken KPI contract gives one message, with its line, its path and the fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from contract_schema import NAME, load, page
from poc2prod.effects import PROJECT
from rendering import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

kpi: Any = load("ops.kpi")
TEXT = (ROOT / "tests/whole_contract.yaml").read_text(encoding="utf-8")
SCHEMA = json.loads(page())


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], Any]:
    """Write a contract and return its path."""
    monkeypatch.chdir(tmp_path)
    path = Path("kpi-contract.yaml")

    def write(text: str | bytes) -> Path:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def line_of(text: str) -> int:
    return TEXT[: TEXT.index(text)].count("\n") + 1


def approved(text: str, *roles: str, digest: str | None = None) -> str:
    """Approve a contract as it is, or as another text."""
    text = text.replace("status: draft", "status: approved")
    path = Path("approved.yaml")
    path.write_text(text, encoding="utf-8")
    digest = digest or load("ops.kpi.document").read(path).digest
    of = f"date: 2026-07-01, contract_sha256: {digest}"
    lines = [f"  - {{role: {role}, email: {role}@plant.eu, {of}}}\n" for role in roles]
    return text + "approvals:\n" + "".join(lines) if lines else text


def test_a_contract_with_every_block_is_valid(written: Callable[[str], Path]) -> None:
    assert kpi.check(written(TEXT)) == []
    jsonschema.Draft202012Validator(SCHEMA).validate(
        yaml.load(TEXT, load("ops.kpi.document")._Loader)
    )
    contract = kpi.load(written(TEXT))
    assert contract.ownership.after_project.handover.isoformat() == "2026-01-31"
    assert contract.model_quality.evaluation.max_age.days == 180
    assert [slo.objective for slo in contract.nonfunctional.slos] == [0.995, 0.99]


def test_the_schema_is_valid_and_current() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    written = (ROOT / PROJECT / NAME).read_text(encoding="utf-8")
    assert written == page(), "run make ownership"


WARNINGS = {"an infeasible burn rate", "a review that is overdue"}
BROKEN: dict[str, dict[str, str]] = yaml.safe_load(
    (ROOT / "tests/broken_contracts.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_gives_one_message(written: Callable[[str], Path], name: str) -> None:
    case = BROKEN[name]
    assert case["old"] in TEXT
    text = TEXT.replace(case["old"], case["new"], 1)
    (finding,) = kpi.check(written(text))

    shown = str(finding)
    assert "\n" not in shown
    assert shown.startswith(f"kpi-contract.yaml:{finding.line}: {case['path']}")
    assert case["says"] in shown
    key = case["path"].rpartition(".")[2].partition("[")[0]
    assert key in text.splitlines()[finding.line - 1] or case["says"].startswith(("add", "write"))
    assert finding.kind == ("warning" if name in WARNINGS else "error")


BOTH = ("business", "operations")
BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "is empty"),
        (b"# nothing\n", 1, "is empty"),
        (b"- a\n", 1, "holds no mapping"),
        (b"a: b\nc: \xe9\n", 2, "not UTF-8 text; save it as UTF-8"),
        (BOMB.encode(), 2, "an alias"),
        (b"[" * 60_000, 1, "nested too deeply"),
        (b"{a: " * 15_000, 1, "nested too deeply"),
        (b"a: " + b"x" * 70_000, 1, "larger than 65,536 bytes"),
        (b"a: " + b"9" * 5_000, 1, "not valid YAML"),
        (b"? [a]\n: b\n", 1, "a key that is no text"),
    ],
)
def test_what_is_no_contract_is_refused(
    written: Callable[[bytes], Path], content: bytes, line: int, said: str
) -> None:
    (finding,) = kpi.check(written(content))
    assert finding.line == line
    assert said in str(finding)
    with pytest.raises(kpi.ContractError, match="kpi-contract"):
        kpi.load(written(content))


def test_an_approval_is_of_this_text_alone(written: Callable[[str], Path]) -> None:
    good = approved(TEXT, *BOTH)
    assert kpi.check(written(good)) == []
    relaid = good.replace("unit: hour", "unit:   'hour' # of standstill")
    assert kpi.check(written(relaid)) == [], "layout and comments are nobody's business"

    edited = good.replace("value: 0.8,", "value: 0.7,")
    found = kpi.check(written(edited))
    assert [".".join(map(str, finding.place)) for finding in found] == [
        "approvals.0.contract_sha256",
        "approvals.1.contract_sha256",
    ]
    assert "the contract was edited since; approve it anew, as " in str(found[0])
    with pytest.raises(kpi.ContractError, match=r"and 1 more: contract check lists them"):
        kpi.load(written(edited))


@pytest.mark.parametrize(
    ("change", "roles", "path", "said"),
    [
        (None, (), "metadata.status", "no approval by business and operations"),
        (None, ("business",), "metadata.status", "no approval by operations"),
        (("promql: sum(false_alarms), ", ""), BOTH, "guardrails[0].promql", "add promql"),
        (("ada@plant.eu", "a@example.com"), BOTH, "ownership.accountable.email", "only people"),
        (("floor: 5.8", "floor: unknown"), BOTH, "business_kpis[0].floor", "only people know"),
    ],
)
def test_what_is_approved_lacks_nothing(
    written: Callable[[str], Path],
    change: tuple[str, str] | None,
    roles: tuple[str, ...],
    path: str,
    said: str,
) -> None:
    text = TEXT.replace(*change) if change else TEXT
    assert {finding.kind for finding in kpi.check(written(text))} <= {"incomplete"}
    (finding,) = kpi.check(written(approved(text, *roles)))
    assert f": {path}: " in str(finding)
    assert said in str(finding)
    assert finding.kind == "error"


def test_what_nobody_knows_yet_stops_nothing(written: Callable[[str], Path]) -> None:
    text = TEXT.replace("value: 4.8, by: 2027-03-31", "value: unknown, by: unknown")
    path = written(text.replace("ada@plant.eu", "owner@example.com"))

    assert [finding.kind for finding in kpi.check(path)] == ["incomplete"] * 3
    assert kpi.load(path).business_kpis[0].target.value is None


def test_a_day_that_has_come_stops_no_training(written: Callable[[str], Path]) -> None:
    path = written(TEXT.replace("    - {role: SRE, email: eve@plant.eu}\n", ""))
    assert kpi.load(path)
    assert [finding.kind for finding in kpi.check(path)] == ["error"]


def test_a_contract_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(load("ops.errors").ProjectError, match="is not here"):
        kpi.load(tmp_path / "kpi-contract.yaml")
