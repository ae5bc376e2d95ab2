# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What becomes of personal columns, and what is refused because nobody accounts for it."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from package import load

privacy = load("ops.data.privacy")
keys = load("ops.data.keys")
Column = load("ops.columns").Column
ProjectError = load("ops.errors").ProjectError
KEY = privacy.Key(b"k" * 32)
OTHER = privacy.Key(b"o" * 32)


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
