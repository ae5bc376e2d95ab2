from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from audited import catalogue, check, commit
from poc2prod.audit import catalogue as catalogues
from poc2prod.audit import duties, engine
from poc2prod.audit.catalogue import load
from poc2prod.audit.records.waivers import FILE
from poc2prod.releases import Version

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = Version(0, 5, 0), Version(0, 6, 0)
CHECKS = (
    check("ZZZ-01", since="0.6.0", probe="integrity.records.waivers_valid"),
    check("ZZZ-02", since="0.5.1"),
    check("ZZZ-03", since="0.6.0", when="problem == 'none'"),
    check("ZZZ-04", since="0.6.0", profile="pr"),
    check("ZZZ-05", since="0.6.1"),
    check("ZZZ-06", since="0.5.0"),
    check("ZZZ-07", since="0.4.0", version=2, tightened={2: "0.6.0"}),
    check("ZZZ-08", since="0.4.0", version=2, tightened={2: "0.5.0"}),
    check("ZZZ-09", since="0.6.0", replaced_by="ZZZ-01"),
)


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (duties, engine):
        monkeypatch.setattr(module, "load", lambda: catalogue(*CHECKS))


def test_an_update_says_what_it_asks_for_and_what_that_comes_to(tmp_path: Path) -> None:
    commit(tmp_path, {FILE: "waivers: []\n"})
    found = duties.between(OLD, NEW, tmp_path)
    assert found
    assert found.added == ("ZZZ-01", "ZZZ-02", "ZZZ-03", "ZZZ-04")
    assert found.tightened == ("ZZZ-07",)
    expected = "+4 checks, 1 tightened; today you would be PASS 1, MISSING 2, 1 to be run"
    assert str(found) == expected
    assert found.document()["today"] == {"PASS": 1, "MISSING": 2}


def test_a_preview_tells_no_result() -> None:
    assert str(duties.between(OLD, NEW, None)) == "+4 checks, 1 tightened"


def test_an_update_that_adds_nothing_says_nothing() -> None:
    assert duties.between(NEW, NEW, None) is None
    assert duties.between(Version(0, 7, 0), Version(0, 8, 0), None) is None


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"version": 2}, True),
        ({"version": 2, "tightened": {2: "0.6.0"}}, False),
        ({"tightened": {2: "0.6.0"}}, True),
    ],
)
def test_the_catalogue_names_the_release_of_each_version(
    fields: dict[str, Any], wrong: bool
) -> None:
    entry = {
        "title": "t",
        "step": 1,
        "why": "w",
        "fix": "f",
        "role": "r",
        "kinds": "static",
        "profile": "fast",
        "severity": ["minor"] * 3,
        "probe": "a.b",
        "since": "0.4.0",
        **fields,
    }
    text = yaml.safe_dump({"ZZZ-01": entry}).encode()
    if wrong:
        with pytest.raises(Exception, match="name the release of each version"):
            list(catalogues._parsed("p", "f", text))
    else:
        assert list(catalogues._parsed("p", "f", text))


def test_every_check_came_with_a_release() -> None:
    for each in load().checks.values():
        for release in (each.since, *each.tightened.values()):
            assert Version.parse(release), each.id
