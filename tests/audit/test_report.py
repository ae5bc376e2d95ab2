"""The canonical report, its schema, and what holds for all forms that are made of it."""

from __future__ import annotations

import copy
import json
import unicodedata
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import audit_reports as reports
from poc2prod.audit.reports import as_json, formats
from poc2prod.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads(
    (resources.files("poc2prod.audit") / "reports/report.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
every_report = pytest.mark.parametrize("name", reports.EVERY)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@every_report
def test_reports_are_valid(name: str) -> None:
    VALIDATOR.validate(json.loads(as_json.write(reports.EVERY[name]())))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all objects in a document."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    inner = [
        place
        for key, child in children
        if isinstance(child, dict | list)
        for place in places(child, (*path, key))
    ]
    return [path, *inner] if isinstance(value, dict) else inner


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def test_nothing_may_be_added_to_or_left_out_of_any_object() -> None:
    report = reports.every_status()
    report["results"] = [r for r in report["results"] if r["evidence"] and r["locations"]][:1]
    report["waivers"] = report["waivers"][:1]
    tried = 0
    for path in places(report):
        if "maps" in path:
            continue  # any framework may be there
        more = copy.deepcopy(report)
        at(more, path)["another"] = 1
        assert not VALIDATOR.is_valid(more), path
        for key in at(report, path):
            less = copy.deepcopy(report)
            del at(less, path)[key]
            assert not VALIDATOR.is_valid(less), (*path, key)
            tried += 1
    assert tried > 100


MUTATIONS: dict[str, Callable[[Any], None]] = {
    "status": lambda r: r["results"][0].update(status="GREEN"),
    "severity": lambda r: r["results"][0].update(severity="high"),
    "no kinds": lambda r: r["results"][0].update(kinds=[]),
    "level": lambda r: r["level"].update(reached="L5"),
    "exit": lambda r: r.update(exit=2),
    "score": lambda r: r["steps"][0].update(score=7.1),
    "six steps": lambda r: r["steps"].pop(),
    "digest": lambda r: r.update(catalogue_sha256="abc"),
    "coverage": lambda r: r.update(covered=1.1),
    "standing": lambda r: r["waivers"][0].update(standing="fine"),
    "count": lambda r: r["counts"].update(PASS=-1),
    "line": lambda r: r["results"][1]["locations"][0].update(line=-1),
    "schema": lambda r: r.update(schema="poc2prod/audit/v2"),
    "tier": lambda r: r["project"].update(tier="huge"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_wrong_value_is_found(mutation: str) -> None:
    report = reports.every_status()
    MUTATIONS[mutation](report)
    assert not VALIDATOR.is_valid(report)


def test_all_statuses_are_in_the_report_that_the_forms_are_tested_with() -> None:
    counts = reports.every_status()["counts"]
    assert min(counts.values()) > 0
    assert sum(counts.values()) == len(reports.CHECKS)


@every_report
@pytest.mark.parametrize("form", formats.FORMATS)
def test_no_form_lets_a_file_act_on_the_reader_or_break_the_encoding(form: str, name: str) -> None:
    text = formats.named(form)(reports.EVERY[name]())
    text.encode("utf-8")
    acting = {c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")} - {"\n"}
    turning = set(text) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069")
    assert not acting | turning


@pytest.mark.parametrize("form", formats.FORMATS)
def test_a_form_is_the_same_at_each_run(form: str) -> None:
    write = formats.named(form)
    assert write(reports.every_status()) == write(reports.every_status())


def test_a_file_name_that_is_no_text_and_a_figure_that_is_no_number_are_reported() -> None:
    report = reports.hostile()
    assert report["results"][0]["threshold"] == "nan"
    assert report["results"][0]["locations"][0]["path"].endswith("\\udcff.py")


def test_what_keeps_it_from_the_next_level_is_told_besides_the_target() -> None:
    level = reports.every_status("L3")["level"]
    assert (level["reached"], level["next"], level["target"]) == ("L0", "L1", "L3")
    assert set(level["next_unmet"]) < set(level["unmet"])


@pytest.mark.parametrize(
    ("name", "form"),
    [(f"report{ending}", form) for form, ending in formats.FORMATS.items()]
    + [("a.b.html", "html"), (".badge.json", "badge-json"), ("badge.json", "json")],
)
def test_the_ending_of_a_file_names_its_form(name: str, form: str, tmp_path: Any) -> None:
    assert formats.by_suffix(tmp_path / name) is formats.named(form)


def test_an_ending_that_is_no_form_is_wrong_usage(tmp_path: Any) -> None:
    with pytest.raises(UsageError, match=r"end it in one of \.txt, \.json"):
        formats.by_suffix(tmp_path / "report.pdf")
