"""The contract that the answers give: short, valid for every reader, and true to the answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from referencing import Registry, Resource

from contract_schema import NAME, load
from pairs import all_pairs, axes
from poc2prod import questions, releases
from rendering import ROOT, render

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

kpi: Any = load("ops.kpi")
QUESTIONS = questions.load(ROOT)
ROWS = all_pairs(axes(QUESTIONS))
OPENSLO = ROOT.parent / "shared/schemas/openslo-v1"


@pytest.fixture(params=ROWS, ids=str)
def row(request: pytest.FixtureRequest) -> dict[str, Any]:
    answers: dict[str, Any] = request.param
    return answers


@pytest.fixture
def project(template: Path, tmp_path: Path, row: dict[str, Any]) -> Path:
    return render(template, tmp_path / "demo-model", row)


def test_every_reader_finds_the_contract_valid(project: Path) -> None:
    text = (project / "kpi-contract.yaml").read_text(encoding="utf-8")
    schema = json.loads((project / NAME).read_text(encoding="utf-8"))

    assert text.startswith(f"# yaml-language-server: $schema={NAME}\n# Yours:")
    assert len(text.splitlines()) < 120
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(text))
    findings = kpi.check(project / "kpi-contract.yaml")
    assert {finding.kind for finding in findings} == {"incomplete"}, [*map(str, findings)]
    assert kpi.load(project / "kpi-contract.yaml")


def test_the_contract_says_what_was_answered(project: Path, row: dict[str, Any]) -> None:
    contract = kpi.load(project / "kpi-contract.yaml")
    slos = {slo.id: slo for slo in contract.nonfunctional.slos}
    limits = {limit.kind: limit.value for limit in contract.nonfunctional.limits}

    if row["latency"] == "batch":
        assert not slos
        assert not contract.rollout
        assert limits == {"batch_seconds": 4 * 3600}
    else:
        assert slos["NF-AVAIL"].objective == row["availability"]
        assert slos["NF-LAT-P99"].limit_ms == 100
        assert limits == {"throughput_rps": 50}
        assert contract.rollout.strategy == row["rollout"]
        assert bool(contract.rollout.steps) == (row["rollout"] == "canary")


@pytest.mark.parametrize(
    ("baseline", "target"),
    [(6.4, 4.8), (1000000.1, 1000000.0), (1e-9, -1e-9), (0, -5), (5e300, -5e300)],
)
@pytest.mark.parametrize("direction", ["decrease", "increase"])
def test_the_floor_lies_between_any_baseline_and_target(
    template: Path, tmp_path: Path, baseline: float, target: float, direction: str
) -> None:
    values = (baseline, target) if direction == "decrease" else (target, baseline)
    answers = {"kpi_direction": direction, "kpi_baseline": values[0], "kpi_target": values[1]}
    project = render(template, tmp_path / "demo-model", answers)

    (found,) = kpi.load(project / "kpi-contract.yaml").business_kpis
    low, high = sorted(values)
    assert low < found.floor < high


@pytest.mark.parametrize("problem", QUESTIONS["problem"].choices)
@pytest.mark.parametrize("latency", QUESTIONS["latency"].choices)
def test_contracts_of_every_release_are_still_read(
    tmp_path: Path, problem: str, latency: str
) -> None:
    for version in releases.versions():
        with releases.checkout(version) as root:
            answers = {"problem": problem, "latency": latency, "deployment": []}
            project = render(root, tmp_path / str(version) / "demo-model", answers)
        contract = kpi.load(project / "kpi-contract.yaml")
        assert contract.ownership.accountable.email == "owner@example.com"
        assert contract.model_quality.gates[0].vs_baseline is not None


@pytest.fixture(scope="module")
def openslo() -> jsonschema.Draft7Validator:
    if not OPENSLO.exists():
        pytest.skip(f"not validated: OpenSLO's own schema is not at {OPENSLO}")
    files = [OPENSLO / "openslo.schema.json", *sorted((OPENSLO / "parts").iterdir())]
    documents = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    registry: Registry[Any] = Registry().with_resources(
        (document["$id"], Resource.from_contents(document)) for document in documents
    )
    return jsonschema.Draft7Validator(documents[0], registry=registry)


def test_openslo_takes_the_export(project: Path, openslo: jsonschema.Draft7Validator) -> None:
    contract = kpi.load(project / "kpi-contract.yaml")
    documents = list(exported(contract))

    assert [document["kind"] for document in documents] == [
        "Service",
        *["SLO" for _ in contract.nonfunctional.slos],
    ]
    for document in documents:
        openslo.validate(document)


def test_openslo_counts_what_the_alerts_do(project: Path) -> None:
    for document in exported(kpi.load(project / "kpi-contract.yaml")):
        if document["kind"] == "SLO":
            ratio = document["spec"]["indicator"]["spec"]["ratioMetric"]
            name = document["metadata"]["name"].removeprefix(f"{document['spec']['service']}-")
            rules = (project / f"monitoring/rules/{name}.yaml").read_text(encoding="utf-8")
            assert ratio["total"]["metricSource"]["spec"]["query"] in rules


def test_openslo_takes_names_and_windows_of_any_kind(
    tmp_path: Path, openslo: jsonschema.Draft7Validator
) -> None:
    text = (ROOT / "tests/whole_contract.yaml").read_text(encoding="utf-8")
    text = text.replace("name: pump-failure", "name: Pümpen & Co.").replace("P30D", "PT90M")
    path = tmp_path / "kpi-contract.yaml"
    path.write_text(text, encoding="utf-8")
    documents = list(exported(kpi.load(path)))

    for document in documents:
        openslo.validate(document)
    assert documents[1]["spec"]["timeWindow"] == [{"duration": "90m", "isRolling": True}]
    assert documents[1]["spec"]["objectives"][0]["target"] == 0.995
    broken = {**documents[1], "spec": {**documents[1]["spec"], "timeWindow": [{"duration": "1s"}]}}
    assert not openslo.is_valid(broken), "the schema does look"


def exported(contract: Any) -> Iterator[Any]:
    yield from yaml.safe_load_all(load("ops.kpi.openslo").export(contract))
