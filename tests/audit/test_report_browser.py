"""The HTML report in a real browser: on a phone, a desktop and paper, by mouse and by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

import audit_reports as reports
from poc2prod.audit.reports import as_html
from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

OPTIONS = [
    "--no-sandbox",  # CI is root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What WCAG 2 calls contrast, of each element's text against the nearest background it is on.
CONTRASTS = """selector => [...document.querySelectorAll(selector)].map(element => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const linear = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  let on = element;
  let paper = parse(getComputedStyle(on).backgroundColor);
  while (paper[3] === 0) paper = parse(getComputedStyle(on = on.parentElement).backgroundColor);
  const [low, high] = [light(paper), light(parse(getComputedStyle(element).color))].sort();
  return [element.className + " " + element.textContent.trim().slice(0, 40),
    (Math.max(low, high) + 0.05) / (Math.min(low, high) + 0.05)];
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as library:
        found = library.chromium.launch(executable_path=require_tool("chromium"), args=OPTIONS)
        yield found
        found.close()


class Opened:
    """Opens reports, and knows what the browser complained of."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.complaints: list[str] = []
        self.asked: list[str] = []

    def __call__(self, report: dict[str, Any], width: int = 1280, **settings: Any) -> Page:
        file = self.folder / "report.html"
        file.write_text(as_html.write(report), encoding="utf-8")
        context = self.browser.new_context(viewport={"width": width, "height": 800}, **settings)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(file.as_uri())
        return page


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    one = Opened(browser, tmp_path)
    yield one
    assert one.complaints == []
    assert {url for url in one.asked if not url.startswith("data:")} == {
        (tmp_path / "report.html").as_uri()
    }


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("name", ["every status", "hostile"])
def test_nothing_is_wider_than_the_screen(opened: Opened, name: str, width: int) -> None:
    page = opened(reports.EVERY[name](), width)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = page.evaluate(
        """[...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert beyond == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(opened: Opened, scheme: str) -> None:
    page = opened(reports.every_status(), color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    shades = page.evaluate(
        CONTRASTS, ".chip, .severity, .explain, dt, dd, .message, h1, h2, h3, a, em, li, button"
    )
    assert len(shades) > 200
    assert [(what, ratio) for what, ratio in shades if ratio < 4.5] == []


def test_a_chip_that_cannot_be_read_would_be_found(opened: Opened) -> None:
    page = opened(reports.every_status())
    page.evaluate("document.querySelector('.chip').style.color = 'rgb(250, 200, 200)'")
    assert min(ratio for _, ratio in page.evaluate(CONTRASTS, ".chip")) < 4.5


def test_the_first_view_on_a_phone_is_the_seven_steps(opened: Opened) -> None:
    page = opened(reports.pilot(), 360)
    steps = page.locator(".steps li")
    expect(steps).to_have_count(7)
    last = steps.last.bounding_box()
    assert last is not None
    assert last["y"] < 800
    assert page.locator(".steps .weak").all_inner_texts() == ["1\nSuccess criteria\n2.3\nweakest"]


def shown(page: Page) -> list[str]:
    return [
        row.get_attribute("data-status") or "" for row in page.locator(".finding:visible").all()
    ]


def test_filters_show_what_was_chosen_and_say_how_much_it_is(opened: Opened) -> None:
    page = opened(reports.every_status())
    total = len(reports.CHECKS)
    expect(page.locator("#shown")).to_have_text(f"{total} of {total} checks")
    page.get_by_role("button", name="Only open").click()
    assert set(shown(page)) == {"ERROR", "FAIL", "STUB", "STALE", "MISSING", "UNKNOWN"}
    page.get_by_label("Step").select_option("3")
    assert shown(page) == ["UNKNOWN", "STALE"]
    expect(page.locator("#shown")).to_have_text(f"2 of {total} checks")
    expect(page.locator("#step-1")).to_be_hidden()
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Role").select_option("security")
    assert sorted(shown(page)) == ["NA", "PASS"]
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Text").fill("MODEL-CARD")
    assert shown(page) == ["STUB"]
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#shown")).to_have_text(f"{total} of {total} checks")


def test_filters_work_by_keyboard(opened: Opened) -> None:
    page = opened(reports.every_status())
    page.get_by_role("checkbox", name=re.compile("^PASS")).focus()
    page.keyboard.press("Space")
    assert "PASS" not in shown(page)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("Step").input_value() == "1"
    assert set(shown(page)) == {"FAIL", "MISSING"}


def test_a_link_to_a_check_opens_it_even_where_a_filter_hides_it(opened: Opened) -> None:
    page = opened(reports.every_status())
    page.get_by_label("Text").fill("nothing has this")
    assert shown(page) == []
    page.locator(".unmet a", has_text="KPI-04").first.click()
    expect(page.locator("#KPI-04")).to_be_visible()
    expect(page.locator("#KPI-04 dl")).to_be_visible()


def test_without_a_script_everything_shows(opened: Opened) -> None:
    page = opened(reports.every_status(), java_script_enabled=False)
    expect(page.locator("#filters")).to_be_hidden()
    for row in page.locator(".finding").all():
        expect(row.locator("dl")).to_be_visible()


def test_on_paper_everything_shows_whatever_was_filtered(opened: Opened) -> None:
    page = opened(reports.every_status(), color_scheme="dark")
    page.get_by_label("Text").fill("nothing has this")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(shown(page)) == len(reports.CHECKS)
    for row in page.locator(".finding").all():
        expect(row.locator("dl")).to_be_visible()
    expect(page.locator("#filters")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_hostile_text_runs_nothing(opened: Opened) -> None:
    page = opened(reports.hostile())
    page.wait_for_timeout(100)
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0


def test_a_script_that_is_not_ours_would_be_refused(opened: Opened) -> None:
    page = opened(reports.every_status())
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'taken'";
      document.body.append(script);
    }""")
    assert page.title() != "taken"
    assert any("Content Security Policy" in line for line in opened.complaints)
    opened.complaints.clear()
