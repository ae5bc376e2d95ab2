# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""The KPI contract is valid, and what breaks it is named before anything is trained."""

import pytest
import yaml
from conftest import CONTRACT, run
from package import ROOT, load

kpi = load("ops.kpi")
VALID = CONTRACT + "model_quality: {gates: [{id: MQ-1, metric: r2, op: gte, value: 0.5}]}\n"


def test_the_contract_of_this_project_is_valid():
    assert [str(f) for f in kpi.check(ROOT / "kpi-contract.yaml") if f.kind == "error"] == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("op: gte", "op: above", "8: model_quality.gates[0].op: 'above' does not fit"),
        ("value: 0.5", "value: high", "8: model_quality.gates[0].value: 'high' does not fit"),
        ("value: 0.5", "valeu: 0.5", "8: model_quality.gates[0].valeu: there is no such key; did"),
        ("{gates: [{id: MQ-1, metric: r2, op: gte, value: 0.5}]}", "{gates: []}", "8: model_q"),
        ("target: {value: 1}", "target: {value: 3}", "6: business_kpis[0].target.value: no better"),
        ("id: NF-1", "id: MQ-1", "7: nonfunctional.slos[0].id: MQ-1 is the id of something"),
        ("kind: KpiContract", "\tkind: KpiContract", "2: not valid YAML"),
    ],
)
def test_what_breaks_a_contract_is_named_by_every_command(tmp_path, old, new, found):
    assert VALID.count(old) == 1
    (tmp_path / "kpi-contract.yaml").write_text(VALID.replace(old, new), encoding="utf-8")
    checked = run(tmp_path, "contract", "check")
    assert checked.returncode == 1
    assert f"kpi-contract.yaml:{found}" in checked.stdout
    for command in ("train", "evaluate", "register"):
        refused = run(tmp_path, command)
        assert refused.returncode == 1
        assert f"kpi-contract.yaml:{found}" in refused.stderr


def test_what_nobody_knows_yet_leaves_a_draft(tmp_path):
    path = tmp_path / "kpi-contract.yaml"
    path.write_text(VALID.replace("target: {value: 1}", "target: {value: unknown}"))
    checked = run(tmp_path, "contract", "check")
    assert checked.returncode == 0
    assert "target.value: only people know this; write it (incomplete)" in checked.stdout
    assert checked.stdout.endswith("kpi-contract.yaml: valid, draft, with 2 values unknown\n")
    assert kpi.load(path).business_kpis[0].target.value is None


def test_what_is_approved_lacks_nothing_and_is_what_was_approved(tmp_path):
    path = tmp_path / "kpi-contract.yaml"
    text = VALID.replace("draft", "approved").replace("owner@example.com", "ada@plant.eu")
    path.write_text(text)
    digest = load("ops.kpi.document").read(path).digest
    approvals = [
        {"role": role, "email": "a@b.eu", "date": "2026-01-31", "contract_sha256": digest}
        for role in ("business", "operations")
    ]
    assert "no approval by business and operations" in run(tmp_path, "contract", "check").stdout
    path.write_text(text + yaml.safe_dump({"approvals": approvals}))
    assert run(tmp_path, "contract", "check").stdout == f"{path.name}: valid, approved\n"
    path.write_text(path.read_text().replace("value: 0.5", "value: 0.4"))
    assert "the contract was edited since" in run(tmp_path, "contract", "check").stdout


def test_a_looser_gate_needs_a_major_version(tmp_path):
    old, new = tmp_path / "old.yaml", tmp_path / "kpi-contract.yaml"
    old.write_text(VALID)
    new.write_text(VALID.replace("value: 0.5", "value: 0.4"))
    compared = run(tmp_path, "contract", "diff", "old.yaml")
    assert compared.returncode == 1
    assert compared.stdout.splitlines() == [
        "loosened (major): model_quality.gates.MQ-1.value: 0.5 → 0.4",
        "needs new approvals by business and operations",
        "kpi-contract.yaml: metadata.version: raise it to 1.0.0 at least",
    ]
    new.write_text(new.read_text().replace("version: 0.1.0", "version: 1.0.0"))
    assert run(tmp_path, "contract", "diff", "old.yaml").returncode == 0


def test_the_objectives_are_exported(tmp_path):
    (tmp_path / "kpi-contract.yaml").write_text(VALID)
    exported = run(tmp_path, "contract", "openslo")
    service, slo = yaml.safe_load_all(exported.stdout)
    assert (service["kind"], slo["kind"]) == ("Service", "SLO")
    assert slo["spec"]["objectives"] == [{"displayName": "NF-1", "target": 0.99}]
