"""The report as a comment on a pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

import audit_reports as reports
from poc2prod.audit.reports import md

if TYPE_CHECKING:
    from markdown_it.token import Token

LIBRARY = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(text: str) -> list[Token]:
    """All tokens, with those inside of lines."""
    found = []
    for token in LIBRARY.parse(text):
        found += [token, *(token.children or ())]
    return found


@pytest.mark.parametrize("name", reports.EVERY)
def test_a_comment_takes_it_whatever_the_input(name: str) -> None:
    assert len(md.write(reports.EVERY[name]())) < md.MOST


def test_what_does_not_fit_is_said() -> None:
    text = md.write(reports.long())
    assert text.endswith("**More than fits here: the HTML and JSON reports have it all.**\n")
    assert "More than fits" not in md.write(reports.every_status())


def test_a_file_adds_no_markup() -> None:
    """Structure is the same whether or not texts are hostile, and the texts show as they are."""
    found = tokens(md.write(reports.hostile()))
    kinds = {token.type for token in found}
    assert not kinds & {"link_open", "image", "s_open", "em_open", "html_block", "fence", "hr"}
    tags = {t.content for t in found if t.type == "html_inline"}
    assert tags == {"<sub>", "</sub>"}
    assert {t.content for t in found if t.type == "code_inline"} == {"1a2b3c4d5e6f"}
    assert sum(t.type == "table_open" for t in found) == 4
    rows = sum(t.type == "tr_open" for t in found)
    cells = sum(t.type in ("td_open", "th_open") for t in found)
    assert cells == 4 * rows
    headings = [t.tag for t in found if t.type == "heading_open"]
    assert headings == ["h2", "h3", "h3", "h3"]
    shown = LIBRARY.render(md.write(reports.hostile()))
    written = re.findall("<td.*?>(.*?)</td>", shown)
    assert sum("alert(1)" in cell for cell in written) > 10
    assert all("| a | b | `code`" in cell for cell in written if "alert(1)" in cell)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "| a | b | `code` **bold**" in shown


def test_nobody_is_called_and_nothing_is_linked_by_what_a_file_says() -> None:
    shown = LIBRARY.render(md.write(reports.hostile()))
    assert not re.search(r"@\w|#\d|://|www\.", shown, re.IGNORECASE)
    assert "@\u2060octocat" in shown


def test_it_tells_the_steps_the_level_and_what_to_do() -> None:
    text = md.write(reports.every_status())
    shown = LIBRARY.render(text)
    assert "## Readiness of pump-failures: L0 generated" in text
    assert "| 3 | Scalable infrastructure | **0.0** weakest | 0 of 3 |" in text
    assert "Target L3, canary, then all traffic: **not met**." in text
    assert "KPI-04 FAIL, INF-01 UNKNOWN" in shown
    assert "**EXPIRED**: W-2026-001 for ORG-01" in text
    assert "**VAL-02 failed to run, so this audit is not whole.**" in text
    assert "<td>docs/model-card.md has nothing yet for intended-use (docs/" in re.sub(
        ' style="[^"]*"', "", shown
    )
