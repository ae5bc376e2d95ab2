"""The report as one HTML file, read as a browser's parser reads it."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

import audit_reports as reports
from poc2prod.audit.reports import as_html

VOID = {"meta", "link", "input", "rect"}


class Page(HTMLParser):
    """The elements of a page, with their attributes and the text of some."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.within: list[str] = []
        self.inner: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.within.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if self.within and self.within[-1] in self.inner:
            self.inner[self.within[-1]].append(data)


def page(name: str) -> Page:
    return Page(as_html.write(reports.EVERY[name]()))


@pytest.mark.parametrize("name", reports.EVERY)
def test_every_element_is_closed_where_it_was_opened(name: str) -> None:
    assert page(name).within == []


@pytest.mark.parametrize("name", reports.EVERY)
def test_it_loads_nothing_and_runs_only_its_own_script(name: str) -> None:
    found = page(name)
    for tag, attributes in found.elements:
        assert not {"src", "srcset", "style", "action", "formaction"} & set(attributes), tag
        assert not [key for key in attributes if key.startswith("on")], tag
        for key in ("href", "xlink:href"):
            link = attributes.get(key, "#")
            assert link is not None
            assert link.startswith("#") or link == "data:,", link
    tags = [tag for tag, _ in found.elements]
    assert tags.count("script") == tags.count("style") == 1
    assert not {"img", "iframe", "object", "embed", "base", "foreignobject"} & set(tags)
    assert "url(" not in found.inner["style"][0]
    assert "@import" not in found.inner["style"][0]


def test_a_hostile_report_has_the_elements_of_a_harmless_one() -> None:
    expected = {tag for tag, _ in page("every status").elements}
    assert {tag for tag, _ in page("hostile").elements} <= expected


def test_hostile_text_shows_as_it_is() -> None:
    text = as_html.write(reports.hostile())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7*7 }}" in text
    assert "\\x1b[31mred" in text


@pytest.mark.parametrize("name", reports.EVERY)
def test_its_policy_names_the_style_and_the_script_by_their_hashes(name: str) -> None:
    found = page(name)
    (policy,) = (
        attributes["content"] or ""
        for tag, attributes in found.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        digest = hashlib.sha256("".join(found.inner[tag]).encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy


@pytest.mark.parametrize("name", reports.EVERY)
def test_every_link_leads_somewhere_and_no_place_is_there_twice(name: str) -> None:
    found = page(name).elements
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {(attributes["href"] or "")[1:] for tag, attributes in found if tag == "a"}
    assert links <= set(ids)


def test_without_a_script_nothing_is_hidden() -> None:
    found = page("every status").elements
    assert [a.get("id") for _, a in found if "hidden" in a] == ["filters"]
    assert all("open" in attributes for tag, attributes in found if tag == "details")


def test_each_finding_tells_all_that_is_known() -> None:
    text = as_html.write(reports.every_status())
    start = text.index('<article id="MDL-02"')
    row = re.sub(r"\s+", " ", text[start : text.index("</article>", start)])
    for said in (
        "FAIL",
        "All gates are met, recomputed",
        "the gate recall of class wear is 0.71",
        "<dd>0.71</dd>",
        "<dd>0.8</dd>",
        "<dt>Examined</dt><dd>12</dd>",
        "data scientist",
        "measured, computed from what a run recorded",
        f"artifacts/evaluation.json <code>{reports.DIGEST}</code>",
        "<dt>Informs</dt><dd>ML Test Score infra-1; EU AI Act 15.1, AnnexIV.2; ISO/IEC 42001",
        "<code>poc2prod audit</code> again.",
        "Without it nobody knows",
        "blocker",
    ):
        assert said in row, said
    assert not re.search("complie|complia", text, re.IGNORECASE)


def test_what_counts_of_a_step_ends_where_the_weakest_ends() -> None:
    parts = [*as_html._bar({"score": 4.6}, 2.3)]
    counts = [part for part in parts if part[0] == "counts"]
    beyond = [part for part in parts if part[0] == "beyond"]
    assert sum(part[0] == "unit" for part in parts) == 7
    end = counts[-1][1] + counts[-1][2]
    assert end == pytest.approx(2.3 / 7 * 100, abs=0.01)
    assert beyond[0][1] == pytest.approx(end, abs=0.01)
    assert beyond[-1][1] + beyond[-1][2] == pytest.approx(4.6 / 7 * 100, abs=0.01)
