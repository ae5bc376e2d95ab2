# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Personal columns as a project declares them: what is refused, named and kept apart."""

import pytest
import yaml
from conftest import PERSONAL, any_gate, run, write_gates
from ingesting import CONTRACT, deliver, small
from package import load

keys = load("ops.data.keys")
ProjectError = load("ops.errors").ProjectError
NAME = {"category": "identifier", "treatment": "pseudonymise"}


def declare(directory, name="machine", said=NAME, **more):
    """Declare a column of the small project as personal, and say so in its KPI contract."""
    document = yaml.safe_load(CONTRACT)
    for item in document["schema"][0]["properties"]:
        if item["name"] == name:
            item["customProperties"] = [
                *item.get("customProperties", []),
                {"property": "personal", "value": said},
            ]
            item.update(more)
    (directory / "data-contract.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    write_gates(directory, f"[{any_gate()}]")
    file = directory / "kpi-contract.yaml"
    text = file.read_text(encoding="utf-8").replace(PERSONAL, "")
    file.write_text(text + PERSONAL, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "said", "more", "expected"),
    [
        ("machine", {"category": "identifier"}, {}, "give it a treatment: drop, pseudonymise"),
        ("machine", {**NAME, "to": 3}, {}, "generalise, and nothing else, needs `to`"),
        ("machine", {**NAME, "category": "human"}, {}, "category"),
        ("machine", NAME, {"classification": "internal"}, "its classification is more than"),
        ("machine", {**NAME, "treatment": "drop"}, {}, "a personal entity is pseudonymise or keep"),
        ("x", NAME, {}, "only text and integers have pseudonyms"),
        ("x", {**NAME, "treatment": "drop"}, {}, "a personal input is generalise or keep"),
        ("x", {**NAME, "treatment": "generalise", "to": "month"}, {}, "the width of bands"),
        ("x", {**NAME, "treatment": "generalise", "to": 0}, {}, "the width of bands"),
        ("x", {**NAME, "treatment": "keep"}, {}, "needs examples"),
        ("y", {**NAME, "treatment": "drop"}, {}, "a personal target is keep"),
        ("machine", {"category": "none", "treatment": "drop"}, {}, "category none needs no"),
    ],
)
def test_a_declaration_that_cannot_be_is_one_clear_line(tmp_path, name, said, more, expected):
    declare(tmp_path, name, said, **more)

    with pytest.raises(ProjectError, match=expected) as refused:
        load("ops.contract").load(tmp_path / "data-contract.yaml")

    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_training_refuses_a_personal_column_that_was_ingested_untreated(tmp_path):
    project = small(tmp_path / "p")
    deliver(project, "a.csv", range(40))
    assert run(project, "ingest").returncode == 0
    declare(project)

    refused = run(project, "train")

    assert refused.returncode == 1
    assert "holds the personal column machine untreated" in refused.stderr
    assert len([line for line in refused.stderr.splitlines() if line.startswith("error:")]) == 1
    done = run(project, "ingest")
    assert done.returncode == 0, done.stderr
    after = run(project, "train")
    assert "untreated" not in after.stderr


def test_a_new_key_treats_again_what_is_still_there(tmp_path, monkeypatch):
    project = small(tmp_path / "p")
    declare(project)
    deliver(project, "a.csv", range(40))
    deliver(project, "b.csv", range(40, 50), machine="m2")
    assert run(project, "ingest").returncode == 0
    assert "nothing new" in run(project, "ingest").stdout
    old = machines(project)
    monkeypatch.delenv(keys.VARIABLE)
    assert "nothing new" in run(project, "ingest").stdout, "a key is needed for new rows alone"

    monkeypatch.setenv(keys.VARIABLE, "0f" * 32)

    assert run(project, "ingest").returncode == 0
    new = machines(project)
    assert len(old) == len(new) == 2
    assert not old & new
    assert "m1" not in old | new


def machines(project):
    kept = load("ops.data.snapshots").snapshots(
        str(project / "data/snapshots"), str(project / "data/quarantine")
    )
    return set(kept.frame(kept.read(kept.head()).parts).collect()["machine"])


def test_personal_columns_need_somebody_who_accounts_for_them(tmp_path):
    project = small(tmp_path / "p")
    declare(project)
    deliver(project, "a.csv", range(40))
    file = project / "kpi-contract.yaml"
    said = file.read_text(encoding="utf-8")

    file.write_text(said.replace(PERSONAL, ""), encoding="utf-8")
    refused = run(project, "ingest")
    assert "kpi-contract.yaml needs privacy.personal_data: true" in refused.stderr
    assert not (project / "data").exists()

    special = {"category": "special", "treatment": "keep"}
    declare(project, said=special)
    assert run(project, "ingest").returncode == 0
    text = file.read_text(encoding="utf-8")
    for old, new, expected in (
        ("lawful_basis: consent", "lawful_basis: unknown", "not unknown"),
        ("lawful_basis: consent", "lawful_basis: contract", "not contract"),
        ("special_category", "personal", "needs privacy.classification: special_category"),
    ):
        file.write_text(text.replace(old, new), encoding="utf-8")
        refused = run(project, "ingest")
        assert refused.returncode == 1
        assert expected in refused.stderr
    declare(project, said={**special, "treatment": "pseudonymise"})
    file.write_text(text.replace("consent", "unknown"), encoding="utf-8")
    assert run(project, "ingest").returncode == 0, "nothing of it is left"


@pytest.mark.parametrize(("treatment", "problems"), [("drop", 0), ("keep", 1)])
def test_what_is_dropped_needs_nobody(tmp_path, treatment, problems):
    document = yaml.safe_load(CONTRACT)
    said = {"category": "contact", "treatment": treatment}
    custom = [{"property": "role", "value": "context"}, {"property": "personal", "value": said}]
    phone = {"name": "phone", "logicalType": "string", "classification": "confidential"}
    document["schema"][0]["properties"].append({**phone, "customProperties": custom})
    file = tmp_path / "data-contract.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")

    contract = load("ops.contract").load(file)

    assert len([*load("ops.data.agreement").refused(contract, None)]) == problems


def test_contracts_and_settings_that_differ_are_named(tmp_path):
    project = small(tmp_path / "p")
    declare(project)
    file, settings = project / "kpi-contract.yaml", project / "settings.toml"
    repeated = "  columns: [{column: machine, category: contact, treatment: drop}]\n"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}{repeated}  retention: {{raw: P9D}}\n", encoding="utf-8")

    told = run(project, "privacy", "check").stdout

    for expected in (
        "privacy.columns and data-contract.yaml differ on machine",
        "privacy.retention.raw and slaProperties of data-contract.yaml differ",
        "settings.toml: quote_values must be false",
        "settings.toml: private_files must be true",
    ):
        assert expected in told
    file.write_text(text, encoding="utf-8")
    more = "quote_values = false\nprivate_files = true\n"
    settings.write_text(more + settings.read_text(encoding="utf-8"), encoding="utf-8")
    agreed = run(project, "privacy", "check")
    assert agreed.returncode == 0, agreed.stdout
    load("ops.files").keep_private(wanted=False)


def test_files_of_a_special_category_are_their_owners_alone(tmp_path):
    project = small(
        tmp_path / "p", 'private_files = true\n[sources.p]\nlocation = "incoming/*.csv"\n'
    )
    deliver(project, "a.csv", range(40), x=1e9)
    try:
        assert run(project, "ingest").returncode == 0
        written = [path for path in (project / "data").rglob("*") if path.is_file()]
        modes = {path.name: path.stat().st_mode & 0o077 for path in written if path.suffix}
        assert len(modes) >= 3
        assert set(modes.values()) == {0}
    finally:
        load("ops.files").keep_private(wanted=False)
    (project / "settings.toml").write_text('[sources.p]\nlocation = "incoming/*.csv"\n')
    deliver(project, "b.csv", range(40, 80))
    assert run(project, "ingest").returncode == 0
    parts = (project / "data/snapshots/parts").iterdir()
    assert {path.stat().st_mode & 0o777 for path in parts} == {0o600, 0o644}
