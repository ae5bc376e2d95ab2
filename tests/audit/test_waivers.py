from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from audited import TODAY, WAIVER, catalogue, check, context, result, write
from poc2prod.audit.probes.integrity.records import waivers_valid
from poc2prod.audit.records.waivers import FILE

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.engine import Result
    from poc2prod.audit.records.waivers import Waivers

BLOCKER = check("ZZZ-01", version=2)
MAJOR = check("ZZZ-02", "major", version=2)
HELPER = check("ZZZ-03")
NEVER = check("ZZZ-04", waivable=False, version=2)
BELOW_HIGH = check("ZZZ-05", waivable="below high", version=2)
REPLACED = check("ZZZ-06", replaced_by="ZZZ-01", version=2)
CHECKS = (BLOCKER, MAJOR, HELPER, NEVER, BELOW_HIGH, REPLACED)


def listed(root: Path, *entries: dict[str, Any]) -> None:
    plain = [{key: value for key, value in entry.items() if value is not None} for entry in entries]
    write(root, {FILE: yaml.safe_dump({"waivers": plain})})


def judged(
    root: Path, *results: Result, on: date = TODAY
) -> tuple[list[Result], str, dict[str, Any]]:
    """Return what results become, AUD-02's status, and what a report says of the first waiver."""
    with context(root, *CHECKS, on=on) as found:
        judged = found.waivers.applied(results)
        (first, *_) = found.waivers.document(judged)
        return judged, str(waivers_valid(found).status), first


def read(root: Path, on: date = TODAY) -> Waivers:
    with context(root, *CHECKS, on=on) as found:
        return found.waivers


def test_a_waiver_accepts_a_failure_and_hides_nothing_of_it(tmp_path: Path) -> None:
    listed(tmp_path, WAIVER)
    (waived, other), status, shown = judged(tmp_path, result(BLOCKER), result(MAJOR))
    assert waived.status == "WAIVED"
    assert waived.waiver
    assert waived.waiver.id == "W-2026-004"
    assert waived.outcome.message == (
        "FAIL, waived until 2026-11-30 by W-2026-004 (ada@plant.eu, bob@plant.eu): it is broken"
    )
    assert other.status == "FAIL"
    assert status == "PASS"
    assert (shown["standing"], shown["why"]) == ("used", None)


@pytest.mark.parametrize("status", ["PASS", "NA", "ERROR"])
def test_nothing_else_is_waived(tmp_path: Path, status: str) -> None:
    listed(tmp_path, WAIVER)
    (kept,), _, shown = judged(tmp_path, result(BLOCKER, status))
    assert kept.status == status
    assert kept.waiver is None
    assert shown["standing"] == ("void" if status == "ERROR" else "unused")
    assert status in shown["why"]


def test_a_waiver_of_what_was_not_run_is_unused(tmp_path: Path) -> None:
    listed(tmp_path, WAIVER)
    _, status, shown = judged(tmp_path, result(MAJOR))
    assert (status, shown["standing"], shown["why"]) == ("PASS", "unused", "ZZZ-01 was not run")


def test_the_last_day_counts_and_the_day_after_does_not(tmp_path: Path) -> None:
    listed(tmp_path, WAIVER)
    for day, waived, audit, standing in (
        (date(2026, 11, 30), "WAIVED", "PASS", "used"),
        (date(2026, 12, 1), "FAIL", "STALE", "expired"),
    ):
        (found,), status, shown = judged(tmp_path, result(BLOCKER), on=day)
        assert (found.status, status, shown["standing"]) == (waived, audit, standing)
    assert set(read(tmp_path, date(2026, 12, 1)).expired) == {"ZZZ-01"}


@pytest.mark.parametrize("key", ["granted", "expires"])
@pytest.mark.parametrize(
    "text", ["2026-02-31", "soon", "31.12.2026", "2026-12-01T10:00", "20261201"]
)
def test_a_malformed_date_counts_as_expired(tmp_path: Path, key: str, text: str) -> None:
    listed(tmp_path, {**WAIVER, key: text})
    (found,), status, shown = judged(tmp_path, result(BLOCKER))
    assert (found.status, status, shown["standing"]) == ("FAIL", "STALE", "expired")


def test_a_date_that_yaml_itself_takes_for_one_is_judged_alone(tmp_path: Path) -> None:
    listed(tmp_path, WAIVER, {**WAIVER, "id": "W-2"})
    file = tmp_path / FILE
    file.write_text(file.read_text().replace("'2026-11-30'", "2026-02-31", 1))
    assert [waiver.holds for waiver in read(tmp_path).listed] == [False, True]
    file.write_text(file.read_text().replace("'", ""))
    assert [waiver.holds for waiver in read(tmp_path).listed] == [False, True]


WRONG = {
    "unknown id": ({"check": "ZZZ-99"}, "there is no check ZZZ-99"),
    "wildcard": ({"check": "ZZZ-*"}, "there is no check"),
    "owner is approver": ({"approver": "Ada@Plant.eu"}, "the owner approved it"),
    "no person": ({"owner": "the team"}, "owner is no person"),
    "nobody": ({"approver": "someone@example.com"}, "approver is no person"),
    "short reason": ({"reason": "we will   do         it         soon"}, "less than 30"),
    "other category": ({"category": "later"}, "category is none of"),
    "granted tomorrow": ({"granted": "2026-11-24"}, "a day to come"),
    "ends before it begins": ({"granted": "2026-11-20", "expires": "2026-11-19"}, "expires before"),
    "three renewals": ({"renewals": 3}, "renewals is no number up to 2"),
    "negative renewals": ({"renewals": -1}, "renewals is no number up to 2"),
    "other definition": ({"check_version": 1}, "is at version 2, and it was granted for 1"),
    "not waivable": ({"check": "ZZZ-04"}, "ZZZ-04 can't be waived"),
    "replaced": ({"check": "ZZZ-06"}, "was replaced by ZZZ-01"),
    "unknown key": ({"expiry": "2026-12-01"}, "there is no key expiry"),
    "compensated by itself": ({"compensating": ["ZZZ-01"]}, "can't compensate"),
    "compensated by nothing": ({"compensating": ["ZZZ-98"]}, "can't compensate"),
    "compensation is no list": ({"compensating": "ZZZ-03"}, "compensating is no list"),
    "no compensation": ({"category": "compensating_control"}, "names no check in compensating"),
    **{f"no {key}": ({key: None}, f"{key} is missing") for key in WAIVER},
    **{f"empty {key}": ({key: ""}, f"{key} is missing") for key in WAIVER},
    "a list for a word": ({"owner": ["ada@plant.eu"]}, "owner is missing"),
    "a mapping for a word": ({"owner": {"a": "b"}}, "owner is neither"),
}


@pytest.mark.parametrize(("change", "reason"), WRONG.values(), ids=WRONG)
def test_a_wrong_waiver_is_void_and_fails_the_audit(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    listed(tmp_path, {**WAIVER, **change})
    results = [result(each) for each in (BLOCKER, NEVER, REPLACED)]
    found, status, shown = judged(tmp_path, *results)
    assert [each.status for each in found] == ["FAIL"] * 3
    assert (status, shown["standing"]) == ("FAIL", "void")
    assert reason in shown["why"]


@pytest.mark.parametrize(("of", "longest"), [("ZZZ-01", 90), ("ZZZ-02", 180)])
def test_a_waiver_lasts_no_longer_than_its_severity_allows(
    tmp_path: Path, of: str, longest: int
) -> None:
    granted = date(2026, 11, 1)
    for days, holds in ((longest, True), (longest + 1, False)):
        expires = granted + timedelta(days)
        listed(tmp_path, {**WAIVER, "check": of, "expires": str(expires)})
        assert [waiver.holds for waiver in read(tmp_path).listed] == [holds]


@pytest.mark.parametrize(("tier", "holds"), [("low", True), ("medium", True), ("high", False)])
def test_some_checks_can_be_waived_below_a_high_tier_only(
    tmp_path: Path, tier: str, holds: bool
) -> None:
    listed(tmp_path, {**WAIVER, "check": "ZZZ-05"})
    with context(tmp_path, *CHECKS) as found:
        found._known["tier"] = tier
        assert [waiver.holds for waiver in found.waivers.listed] == [holds]


@pytest.mark.parametrize(
    ("helper", "status"),
    [("PASS", "WAIVED"), ("FAIL", "FAIL"), ("UNKNOWN", "FAIL"), (None, "FAIL")],
)
def test_what_compensates_must_pass_in_this_audit(
    tmp_path: Path, helper: str | None, status: str
) -> None:
    listed(tmp_path, {**WAIVER, "category": "compensating_control", "compensating": ["ZZZ-03"]})
    results = [result(BLOCKER), *([result(HELPER, helper)] if helper else [])]
    (found, *_), _, shown = judged(tmp_path, *results)
    assert found.status == status
    if status == "FAIL":
        expected = f"ZZZ-03, which must compensate for it, is {helper or 'not run here'}"
        assert (shown["standing"], shown["why"]) == ("void", expected)


def test_a_waived_check_compensates_for_nothing(tmp_path: Path) -> None:
    listed(
        tmp_path, {**WAIVER, "compensating": ["ZZZ-02"]}, {**WAIVER, "id": "W-2", "check": "ZZZ-02"}
    )
    (first, second), *_ = judged(tmp_path, result(BLOCKER), result(MAJOR))
    assert (first.status, second.status) == ("FAIL", "WAIVED")


def test_an_id_stands_for_one_waiver(tmp_path: Path) -> None:
    listed(tmp_path, WAIVER, {**WAIVER, "check": "ZZZ-02"})
    assert [waiver.holds for waiver in read(tmp_path).listed] == [True, False]


def test_what_a_later_waiver_covers_has_not_expired(tmp_path: Path) -> None:
    listed(tmp_path, {**WAIVER, "expires": "2026-11-10"}, {**WAIVER, "id": "W-2"})
    waivers = read(tmp_path)
    assert not waivers.expired
    assert waivers.applied([result(BLOCKER)])[0].status == "WAIVED"


def test_a_waiver_says_nothing_that_could_fool_a_terminal(tmp_path: Path) -> None:
    listed(tmp_path, {**WAIVER, "ticket": "OPS-1\x1b[2K\nPASS"})
    assert read(tmp_path).listed[0].ticket == "OPS-1 [2K PASS"


def test_what_the_design_forbids_to_waive_can_not_be_waived() -> None:
    known = catalogue().checks
    for name in ("AUD-02", "AUD-03", "PRV-02", "SEC-02"):
        if name in known:
            assert not known[name].may_be_waived("low")
    if "MDL-06" in known:
        assert known["MDL-06"].may_be_waived("medium")
        assert not known["MDL-06"].may_be_waived("high")


def test_a_late_waiver_that_is_wrong_too_is_void(tmp_path: Path) -> None:
    listed(tmp_path, {**WAIVER, "expires": "2026-11-10", "owner": "bob@plant.eu"})
    waivers = read(tmp_path)
    assert not waivers.expired
    assert waivers.problems
    assert waivers._replace(listed=()).problems == ()
