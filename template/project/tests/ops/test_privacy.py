# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What becomes of personal columns, and what is refused because nobody accounts for it."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
import yaml
from conftest import PERSONAL, any_gate, run, write_gates
from ingesting import CONTRACT, deliver, small
from package import load

privacy = load("ops.data.privacy")
keys = load("ops.data.keys")
Column = load("ops.columns").Column
ProjectError = load("ops.errors").ProjectError
KEY = privacy.Key(b"k" * 32)
OTHER = privacy.Key(b"o" * 32)
NAME = {"category": "identifier", "treatment": "pseudonymise"}


def column(name, kind, treatment, to=None, category="identifier", **more):
    said = {"category": category, "treatment": treatment, "to": to}
    return Column(name=name, kind=kind, personal=said, **more)


COLUMNS = (
    column("who", "string", "pseudonymise"),
    column("badge", "integer", "pseudonymise"),
    column("mail", "string", "drop"),
    column("born", "timestamp", "generalise", "year"),
    column("age", "integer", "generalise", 10),
    column("height", "number", "generalise", 0.5),
    column("code", "string", "generalise", 2),
    column("team", "string", "keep"),
    Column(name="x", kind="number"),
)
ROWS = pl.DataFrame(
    {
        "who": ["Ada", " Ada ", None],
        "badge": [17, 18, None],
        "mail": ["ada@example.com", "", None],
        "born": [datetime(1815, 12, 10, tzinfo=UTC), None, None],
        "age": [36, -1, None],
        "height": [1.73, 1.5, None],
        "code": ["CH-8001", "1", None],
        "team": ["A", "B", None],
        "x": [1.0, 2.0, 3.0],
    }
)


def test_each_treatment_leaves_what_it_should():
    treated = privacy.treat(ROWS, COLUMNS, KEY)

    assert treated.columns == [name for name in ROWS.columns if name != "mail"]
    assert treated["who"].to_list() == [KEY.pseudonym("Ada"), KEY.pseudonym("Ada"), None]
    assert treated["badge"].to_list() == [KEY.pseudonym("17"), KEY.pseudonym("18"), None]
    assert treated["born"].to_list() == [datetime(1815, 1, 1, tzinfo=UTC), None, None]
    assert treated["age"].to_list() == [30, -10, None]
    assert treated["height"].to_list() == [1.5, 1.5, None]
    assert treated["code"].to_list() == ["CH", "1", None]
    assert treated.select("team", "x").equals(ROWS.select("team", "x"))


def test_rejected_rows_are_treated_as_they_were_read_and_what_cannot_be_is_left_out():
    read = pl.DataFrame(
        {"who": ["Ada"], "age": ["unknown, ask Ada"], "born": ["1815-12-10T06:00:00Z"]}
    )

    treated = privacy.treat(read, COLUMNS, KEY, rejected=True)

    assert treated["who"][0] == KEY.pseudonym("Ada")
    assert treated["age"].to_list() == [None]
    assert treated["born"].to_list() == [datetime(1815, 1, 1, tzinfo=UTC)]


def test_beside_a_special_category_quarantine_holds_nothing_personal_as_it_is():
    special = (column("team", "string", "keep"), column("ill", "string", "drop", None, "special"))
    rows = ROWS.select("team")

    assert privacy.treat(rows, special, KEY)["team"].to_list() == ["A", "B", None]
    assert privacy.treat(rows, special, KEY, rejected=True)["team"].to_list() == [None] * 3
    assert privacy.treat(rows, COLUMNS, KEY, rejected=True)["team"].to_list() == ["A", "B", None]


def test_pseudonyms_need_their_key_tell_nothing_and_change_with_it():
    said = KEY.pseudonym("Ada")

    assert said.partition(":")[0] == KEY.id
    assert "Ada" not in said
    assert b"Ada".hex() not in said
    assert said != OTHER.pseudonym("Ada")
    assert KEY.id != OTHER.id
    assert "kkk" not in repr(KEY)
    with pytest.raises(ProjectError, match="who needs a key for its pseudonyms"):
        privacy.treat(ROWS, COLUMNS, None)


def test_treated_rows_keep_to_the_stored_contract(contract):
    by_name = {c.name: c for c in COLUMNS}
    kept = privacy.stored(replace(contract, context=COLUMNS))
    stored = {c.name: c for c in kept.context}

    assert stored.keys() == by_name.keys() - {"mail"}
    assert stored["badge"].kind == "string"
    treated = privacy.treat(ROWS, COLUMNS, KEY)
    assert load("ops.data.validation").accept(treated, kept.context, "t").equals(treated)
    assert privacy.stored(kept) == kept


def test_a_model_sees_personal_inputs_as_they_are_kept():
    generalised = load("ops.predictor").generalised
    columns = (column("age", "integer", "generalise", 10), column("c", "string", "generalise", 2))
    inputs = {"age": np.array([36.0, np.nan]), "c": np.array(["CH-8001", None], object), "x": [1]}

    once = generalised(inputs, columns)

    assert once["age"][0] == 30
    assert np.isnan(once["age"][1])
    assert once["c"].tolist() == ["CH", None]
    assert once["x"] == [1]
    again = generalised(once, columns)
    assert (again["age"][0], again["c"].tolist()) == (30, ["CH", None])


def test_a_key_is_made_once_for_its_owner_and_rotated_on_request(tmp_path, monkeypatch):
    monkeypatch.delenv(keys.VARIABLE)
    file = tmp_path / "secret/key"
    assert keys.read(COLUMNS, file) is None

    assert keys.create(file)
    first = keys.read(COLUMNS, file)
    assert not keys.create(file)
    assert keys.read(COLUMNS, file) == first
    assert keys.create(file, rotate=True)
    assert keys.read(COLUMNS, file) != first
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert keys.read((Column(name="x", kind="number"),), file) is None
    monkeypatch.setenv(keys.VARIABLE, "ab" * 32)
    assert keys.read(COLUMNS, file) == privacy.Key(bytes.fromhex("ab" * 32))
    for wrong in ("ab" * 31, "g" * 64, "Ab" * 32):
        monkeypatch.setenv(keys.VARIABLE, wrong)
        with pytest.raises(ProjectError, match="must hold 64 hexadecimal digits") as refused:
            keys.read(COLUMNS, file)
        assert wrong not in str(refused.value)


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
