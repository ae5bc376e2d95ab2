"""AUD-02 on a list of waivers that is missing, empty or none at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from audited import check, context, result, write
from poc2prod.audit.probes.integrity.records import waivers_valid
from poc2prod.audit.records.waivers import FILE

if TYPE_CHECKING:
    from pathlib import Path


def test_no_list_is_missing_and_an_empty_one_is_in_order(tmp_path: Path) -> None:
    with context(tmp_path) as found:
        assert waivers_valid(found).status == "MISSING"
    for text in ("waivers: []\n", "waivers:\n"):
        write(tmp_path, {FILE: text})
        with context(tmp_path) as found:
            outcome = waivers_valid(found)
            assert (outcome.status, outcome.examined) == ("PASS", 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "waiver: []\n",
        "waivers: no\n",
        "waivers: {}\n",
        "waivers: []\nothers: []\n",
        "waivers: [",
        "waivers: &a [*a]\n",
        "waivers: [[[[]]]]\n",
        "waivers: [text]\n",
        "? [a]\n: b\n",
        "waivers: !!python/name:os.system\n",
        "waivers:\n" + "- {id: a}\n" * 1001,
    ],
)
def test_a_list_that_is_none_fails(tmp_path: Path, text: str) -> None:
    write(tmp_path, {FILE: text})
    with context(tmp_path) as found:
        assert waivers_valid(found).status == "FAIL"
        assert found.waivers.applied([result(check("ZZZ-01", version=2))])[0].status == "FAIL"
