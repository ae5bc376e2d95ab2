"""Pages of checks are written from the catalogue, and show what applies to a project's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jinja2 import Environment, StrictUndefined

from poc2prod.audit import explained
from poc2prod.audit.catalogue import Catalogue, load
from poc2prod.effects import PROJECT, SUFFIX
from poc2prod.questions import load as questions
from readiness import NAME, cell, conditions, page
from rendering import ROOT, render

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run
    from poc2prod.audit.catalogue import Check

NAMES = frozenset(questions(ROOT))
ANSWERS = {"use_github": False, "use_gitlab": False, "use_service": True, "load": 50}


def check(**changes: object) -> Check:
    return load()["KPI-01"]._replace(**changes)  # type: ignore[arg-type]


def rendered(*checks: Check, **answers: object) -> str:
    environment = Environment(  # Markdown
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = environment.from_string(page(checks=checks)).render(ANSWERS | answers)
    return text.partition("## The checks")[2]


def test_the_page_of_the_project_is_current() -> None:
    written = (ROOT / PROJECT / f"{NAME}{SUFFIX}").read_text(encoding="utf-8")
    assert written == page(), "run make ownership"


def test_a_project_lists_what_applies_to_its_answers(template: Path, tmp_path: Path) -> None:
    for number, latency in enumerate(("interactive", "batch")):
        root = render(template, tmp_path / str(number), {"latency": latency})
        text = (root / NAME).read_text(encoding="utf-8")
        shown = {each.id for each in load().checks.values() if f"| **{each.id}** |" in text}
        held = {
            each.id
            for each in load().checks.values()
            if each.when != "use_service" or latency != "batch"
        }
        assert shown <= held
        assert "KPI-01" in shown
        assert "{%" not in text


@pytest.mark.parametrize("ci", ["github", "gitlab", "none"])
def test_a_project_without_ci_is_told_so(template: Path, tmp_path: Path, ci: str) -> None:
    text = (render(template, tmp_path / ci, {"ci": ci}) / NAME).read_text(encoding="utf-8")
    assert ("This project has no CI" in text) == (ci == "none")
    assert ("while CI holds the project to L0" in text) == (ci != "none")


def test_what_an_answer_rules_out_is_not_listed_nor_is_a_table_without_rows() -> None:
    served = check(id="INF-03", step=3, when="use_service and load > 20")

    assert "| **INF-03** |" in rendered(served)
    assert "## 3." not in rendered(served, use_service=False)
    assert "## 3." not in rendered(served, load=20)
    assert "| **INF-03** |" not in rendered(check(step=3), served, load=20)
    assert "## 3. Scalable infrastructure\n\n| check" in rendered(check(step=3), served, load=20)


@pytest.mark.parametrize(
    ("when", "shown", "said"),
    [
        (None, "", ""),
        ("use_service", "use_service", ""),
        ("contract.privacy.personal_data", "", "contract.privacy.personal_data"),
        ("tier in ['high'] or use_service", "", "tier in ['high'] or use_service"),
        ("use_service and contract.rollout", "use_service", "contract.rollout"),
        ("(use_service or use_batch) and load > 1", "(use_service or use_batch) and load > 1", ""),
        ("an_answer_of_tomorrow == 1", "", "an_answer_of_tomorrow == 1"),
    ],
)
def test_a_condition_is_split_into_answers_and_words(when: str, shown: str, said: str) -> None:
    assert conditions(when, NAMES) == (shown, said)


def test_the_words_of_a_condition_are_shown() -> None:
    text = rendered(check(when="contract.rollout.strategy == 'canary'"))
    assert "applies where `contract.rollout.strategy == 'canary'`" in text


def test_text_of_the_catalogue_is_no_template_and_no_column() -> None:
    fix = "Write {{ a }} | {% b %}\nand {# c #}"
    assert "Write {{ a }} \\| {% b %} and {# c #} |" in rendered(check(fix=fix))
    assert cell("a | b") == "a \\| b"


def test_a_check_that_another_replaced_is_not_listed() -> None:
    assert "KPI-01" not in rendered(check(replaced_by="KPI-02"), check(id="KPI-02"))


def test_a_check_of_an_organisation_is_not_in_the_template(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, catalogue = check(package="acme_checks", id="ACME-01"), load()
    with_ours = Catalogue({**catalogue.checks, ours.id: ours}, catalogue.sha256)
    monkeypatch.setattr("readiness.load", lambda: with_ours)
    assert "ACME-01" not in page()


def test_explain_says_all_of_a_check_whatever_the_case(poc2prod: Run) -> None:
    for name in ("KPI-01", "kpi-01"):
        assert poc2prod("explain", name).stdout == f"{explained.explanation(check())}\n"
    text = explained.explanation(
        check(
            severity={"low": "off", "medium": "major", "high": "blocker"},
            kinds=("executed", "attested"),
            executes=True,
            when="use_service",
            documents=("README.md",),
            paths=("kpi-contract.yaml",),
            max_age=90,
            waivable="below high",
            replaced_by="KPI-09",
        )
    )
    for fact in (
        check().title,
        "Known:            by running it and attested by a person, which needs --allow-exec\n",
        "Severity, medium: major\n",
        "Applies:          where use_service\n",
        "Reads:            README.md, kpi-contract.yaml\n",
        "Lasts:            90 days\n",
        "Informs:          msft goals; rmf MAP 1.4, MAP 1.5; ",
        "Waivable:         below tier high\n",
        "Since:            0.4.0\n",
        "Replaced by:      KPI-09",
    ):
        assert fact in text


def test_all_checks_are_listed_with_severity_and_profile(poc2prod: Run) -> None:
    lines = poc2prod("audit", "--list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(load().checks)
    assert lines[list(load().checks).index("KPI-01")].split()[1:3] == ["blocker", "fast"]
    assert explained.severity(
        check(severity={"low": "off", "medium": "major", "high": "major"})
    ) == ("off / major / major")


def test_the_list_is_json_where_a_program_reads_it(poc2prod: Run) -> None:
    import json

    listed = json.loads(poc2prod("audit", "--list", "--json").stdout)
    assert [each["id"] for each in listed] == list(load().checks)
    assert listed[0]["severity"].keys() == {"low", "medium", "high"}
