"""The page in a real browser: nothing loads, nothing is refused, toggles and sorting work, nothing runs over."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bizlab.report.pages.index import Entry, index_html
from bizlab.report.pages.page import page_html

pytestmark = pytest.mark.prove
sync_api = pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    path = os.environ.get("BIZLAB_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_api.sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chrome
        chrome.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, notebook, results) -> Path:
    place = tmp_path_factory.mktemp("report")
    entry = Entry("unit_hour", results.title, "done", "page.html")
    (place / "page.html").write_text(page_html(notebook, lang="zh", home="index.html"), encoding="utf-8")
    (place / "index.html").write_text(index_html([results], [entry], month="2026-10"), encoding="utf-8")
    return place


@pytest.fixture
def open_page(browser, folder):
    """Opens a page; at the end nothing may have been requested, refused or complained about."""
    contexts, complaints, requests = [], [], []

    def open_(name: str = "page.html", *, width: int = 1280, scheme: str = "light"):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto((folder / name).as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith("file:")] == []


def texts(page, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def test_the_language_switch_changes_words_labels_and_title(open_page):
    page = open_page()
    assert texts(page, "h1") == ["单位时间核算"]
    page.click("button.lang[data-to=en]")
    assert texts(page, "h1") == ["Unit-hour accounting"]
    assert page.title() == "Unit-hour accounting · 2026-10"
    assert page.locator("nav.contents").get_attribute("aria-label") == "Contents"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("[lang=zh]:not(button):visible").count() == 0


def test_the_choice_of_language_goes_along_to_the_next_page(open_page):
    page = open_page("index.html")
    page.click("button.lang[data-to=en]")
    page.click(".glance h3 a")
    assert texts(page, "h1") == ["Unit-hour accounting"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_appearance_switch_turns_the_page_over(open_page, scheme):
    page = open_page(scheme=scheme)
    shade = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(shade)
    page.click("button.theme")
    assert page.evaluate(shade) != before


def test_sorting_goes_by_value_keeps_the_tree_and_comes_back(open_page):
    page = open_page()
    rows = "#t-sheet tbody th"
    given = texts(page, rows)
    button = page.locator("#t-sheet thead button.sort").nth(2)
    button.click()
    assert page.locator("#t-sheet thead th").nth(2).get_attribute("aria-sort") == "descending"
    assert texts(page, rows) == ["云帆智造", "云服务", "<script>alert(1)</script>", "设备事业部", "装配", "机加工"]
    button.press("Enter")
    assert texts(page, rows)[:4] == ["云帆智造", "<script>alert(1)</script>", "云服务", "设备事业部"]
    button.press("Enter")
    assert texts(page, rows) == given


def test_a_long_table_opens_on_demand_and_sorts_whole(open_page):
    page = open_page()
    visible = page.locator("#t-long tbody tr:visible")
    assert visible.count() == 50
    page.click("#t-long thead th:nth-child(2) button.sort")
    assert texts(page, "#t-long tbody tr:first-child td")[0] == "2026-12"
    page.click("#t-long button.all")
    assert visible.count() == 120


def test_a_definition_opens_by_keyboard_beside_its_button(open_page):
    page = open_page()
    ask = page.locator("#t-sheet button.ask[popovertarget=d-sheet-gross_fen]")
    ask.focus()
    page.keyboard.press("Enter")
    definition = page.locator("#d-sheet-gross_fen")
    assert definition.is_visible()
    assert "sheet[unit_id,month].gross_fen" in definition.inner_text()
    assert abs(definition.bounding_box()["y"] - ask.bounding_box()["y"]) < 320
    page.keyboard.press("Escape")
    assert not definition.is_visible()


def test_a_mark_of_a_chart_has_a_tooltip_in_the_readers_language(open_page):
    page = open_page()
    page.locator("#c-margins div[lang=zh] svg path[aria-label]").first.hover()
    assert "云服务 · 48.0%，有利" in page.locator(".tip").inner_text()


def test_a_link_to_a_hidden_row_shows_it(open_page, folder):
    page = open_page()
    page.goto((folder / "page.html").as_uri() + "#t-long--MA,2026-10")
    assert page.locator('[id="t-long--MA,2026-10"]').is_visible()


@pytest.mark.parametrize("name", ["page.html", "index.html"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_runs_over_the_side(open_page, name, lang, width):
    page = open_page(name, width=width)
    page.click(f"button.lang[data-to={lang}]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_operable_shows_where_the_focus_is(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_on_paper_tables_behind_charts_are_open_and_switches_gone(open_page):
    page = open_page()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".behind table").first.is_visible()
    assert not page.locator(".switches").is_visible()
    assert not page.locator("details.code").first.is_visible()
