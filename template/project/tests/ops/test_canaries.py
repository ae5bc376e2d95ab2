# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Values planted in columns about people are found nowhere, unless these are declared public.

The same rows, good ones and broken ones, go through everything: ingestion, training, evaluation,
registration, scoring, retention, and through what goes wrong and says so. Once the columns are
declared personal, once not, which shows that the search finds what is there.
"""

import contextlib
import gzip
import json
import sqlite3
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import yaml
from conftest import PERSONAL, any_gate, run, write_gates
from drawing import draw
from package import ROOT, load
from searching import found

WHO = [f"Canary Whoever-{number}" for number in range(7)]
MAIL = [f"canary-{number}@birdcage.example" for number in range(7)]
BADGE = [870_001_337 + number for number in range(7)]
SEEN = datetime(2031, 7, 17, 3, 33, 33, tzinfo=UTC)
BORN = [SEEN + timedelta(days=number) for number in range(7)]
NOTE = "Canary note of a disease"
CANARIES = [*WHO, *MAIL, *map(str, BADGE), *(f"{day:%Y-%m-%d}" for day in BORN), NOTE]

DECLARED = {
    "canary_who": ("string", "identifier", "pseudonymise", None),
    "canary_mail": ("string", "contact", "drop", None),
    "canary_badge": ("integer", "behaviour", "generalise", 1_000_000),
    "canary_seen": ("timestamp", "behaviour", "generalise", "year"),
    "canary_note": ("string", "special", "drop", None),
}
LANDING = "landing"
ROWS = 1_200


def properties(personal):
    for name, (kind, category, treatment, to) in DECLARED.items():
        said = {"category": category, "treatment": treatment}
        said |= {} if to is None else {"to": to}
        custom = [{"property": "role", "value": "context"}]
        custom += [{"property": "personal", "value": said}] if personal else []
        yield {
            "name": name,
            "logicalType": kind,
            "required": True,
            "customProperties": custom,
            **({"logicalTypeOptions": {"maximum": 879_999_999}} if kind == "integer" else {}),
        }


def planted(contract):
    """Rows that hold canaries, as text, some of them broken in each way that is told of."""
    rows = ROWS
    frame = draw(contract, rows=rows, seed=5)
    people = pl.DataFrame(
        {
            "canary_who": [WHO[i % 7] for i in range(rows)],
            "canary_mail": [MAIL[i % 7] for i in range(rows)],
            "canary_badge": [str(BADGE[i % 7]) for i in range(rows)],
            "canary_seen": [f"{BORN[i % 7]:%Y-%m-%dT%H:%M:%SZ}" for i in range(rows)],
            "canary_note": [NOTE] * rows,
        }
    )
    number = pl.int_range(rows)

    def broken(column, when, value):
        return pl.when(when).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)

    people = people.with_columns(
        broken("canary_badge", number == 50, f"9{BADGE[0]}"),  # too large
        broken("canary_seen", number == 150, f"on {WHO[1]}'s watch"),  # no timestamp
        broken("canary_note", number == 250, None),  # missing
    ).with_columns(broken("canary_badge", number == 350, f"badge of {WHO[2]}"))  # no integer
    return frame.with_columns(people.get_columns())


@pytest.fixture(scope="module", params=["personal", "public"])
def told(request, contract, tmp_path_factory):
    """What every command leaves behind, and all that it says in log.txt; and which kind it is."""
    personal = request.param == "personal"
    root = tmp_path_factory.mktemp(request.param)
    document = yaml.safe_load((ROOT / "data-contract.yaml").read_text(encoding="utf-8"))
    document["schema"][0]["properties"] = [
        item
        for item in document["schema"][0]["properties"]
        if "personal" not in {c["property"] for c in item.get("customProperties", [])}
    ] + list(properties(personal))
    (root / "data-contract.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    declared = load("ops.contract").load(root / "data-contract.yaml")
    write_gates(root, f"[{any_gate()}]")
    file = root / "kpi-contract.yaml"
    text = file.read_text(encoding="utf-8").replace(PERSONAL, "")
    file.write_text(text + (PERSONAL if personal else ""), encoding="utf-8")
    quotes = "false" if personal else "true"
    settings = f'quote_values = {quotes}\n[sources.s]\nlocation = "{LANDING}/*.csv"\n'
    (root / "settings.toml").write_text(settings, encoding="utf-8")
    (root / LANDING).mkdir()
    plain = [c for c in contract.columns if not c.is_personal]
    frame = planted(contract).select([c.name for c in plain] + list(DECLARED))
    frame.write_csv(root / LANDING / "rows.csv")

    log = []
    scored = ("score", f"{LANDING}/rows.csv", "out/scored.csv")
    for *command, status in (
        ("ingest", 0),
        ("train", 0),
        ("evaluate", 0),
        ("register", 0),
        (*scored, 0),
        ("score", f"{LANDING}/rows.csv", "out/scored.parquet", 0),
        ("predict", json.dumps({WHO[0]: 1}), 1),
        ("predict", json.dumps({declared.inputs[0].name: WHO[0]}), 1),
        ("retain", "--as-of", "2099-01-01", 0),
        ("privacy", "check", None),
        ("contract", "check", None),
    ):
        done = run(root, *command)
        log += [f"$ {command[0]}", done.stdout, done.stderr]
        assert status in (None, done.returncode), done.stderr
    # The name of a column that there is not is quoted: it is no value of one that there is.
    log = [text.replace(f"{WHO[0]}: Extra inputs", "") for text in log]
    with contextlib.chdir(root):
        for column, value in (
            ("canary_badge", f"9{BADGE[0]}"),  # the message has the value
            ("canary_badge", f"badge of {WHO[4]}"),  # so has that of polars
            ("canary_seen", WHO[3]),
        ):
            broken = frame.head(20).with_columns(pl.lit(value).alias(column))
            broken.write_csv(root / LANDING / "broken.csv")
            with pytest.raises(load("ops.errors").ProjectError) as refused:
                load("ops.dataset").read(root / LANDING / "broken.csv", declared)
            log.append(str(refused.value))
    (root / "log.txt").write_text("\n".join(log), encoding="utf-8")
    return request.param, root


def test_values_about_people_are_nowhere_and_public_ones_are_found(told):
    kind, root = told
    hits = found(root, CANARIES, besides=[LANDING])

    if kind == "personal":
        assert hits == set()
        return
    words = {word for word, _ in hits}
    assert words == set(CANARIES)
    places = {path.split("/")[0] for _, path in hits}
    assert places >= {"data", "out", "log.txt"}
    assert {path.split("/")[1] for _, path in hits if path.startswith("data/")} == {
        "snapshots",
        "quarantine",
    }


def test_the_rows_themselves_are_there_either_way(told):
    kind, root = told
    kept = load("ops.data.snapshots").snapshots(
        str(root / "data/snapshots"), str(root / "data/quarantine")
    )
    manifest = kept.read(kept.head())
    rejected = pl.read_parquet([kept.file(part) for part in manifest.quarantined], glob=False)
    assert manifest.rows + rejected.height == ROWS
    assert rejected.height == 4
    assert rejected["rejected_because"].null_count() == 0
    scored = pl.read_parquet(root / "out/scored.parquet")
    assert scored.height == ROWS
    if kind == "personal":
        rows = kept.frame(manifest.parts).collect()
        assert set(rows["canary_who"].unique()) == set(scored["canary_who"].unique())
        assert rows["canary_who"].n_unique() == 7
        assert {"canary_mail", "canary_note"}.isdisjoint(rows.columns)
        assert rows["canary_seen"].unique().to_list() == [datetime(2031, 1, 1, tzinfo=UTC)]
        assert rows["canary_badge"].unique().to_list() == [870_000_000]


def test_the_search_finds_what_is_packed(tmp_path):
    word = "canary-of-the-search"
    pl.DataFrame({"a": [word] * 10_000}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.gz").write_bytes(gzip.compress(word.upper().encode() * 100))
    with sqlite3.connect(tmp_path / "c.db") as database:
        database.execute("create table t (x)")
        database.execute("insert into t values (?)", (word.encode("utf-8").decode(),))
    database.close()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / f"{word}.txt").touch()
    (tmp_path / "left out").write_text(word)

    hits = found(tmp_path, [word, "another"], besides=["left out"])

    assert hits == {(word, path) for path in ("a.parquet", "b.gz", "c.db", f"d/{word}.txt")}
