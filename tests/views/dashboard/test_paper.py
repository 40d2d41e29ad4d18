"""The page on paper: A4, all that matters, no controls, and a clear word where rows are left out."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from exactsend.views.dashboard.page_file import write_report
from tests.views.dashboard.browser import opened
from tests.views.dashboard.example_shops import NOW, Trade, build

A4 = (595, 842)


def printed(browser: Browser, path: Path, *, search: str = "") -> PdfReader:
    with opened(browser, path, colours="dark", now=NOW + timedelta(minutes=5)) as looked:
        looked.page.locator("[data-search]").fill(search)
        return PdfReader(BytesIO(looked.page.pdf(prefer_css_page_size=True)))


def text_of(paper: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in paper.pages).split())


@pytest.fixture(scope="module")
def paper(browser: Browser, lively: Path) -> PdfReader:
    return printed(browser, lively)


def test_it_is_a4_with_everything_but_the_controls(paper: PdfReader) -> None:
    text = text_of(paper)

    assert {tuple(map(round, page.mediabox[2:])) for page in paper.pages} == {A4}
    assert "One division does not run well and 3 things need a person." in text
    assert all(
        words in text for words in ("State now", "What to do", "Orders and labels per day", "Tracking number")
    )
    assert not [words for words in ("Colours", "All states", "Previous", "As a table") if words in text]


def test_all_rows_are_printed_also_those_of_other_pages_under_their_headings(paper: PdfReader) -> None:
    assert "All 355 selected rows." in text_of(paper)
    assert " 20001 40001 " in text_of(paper)
    assert "Tracking number" in paper.pages[-2].extract_text()


def test_the_filter_holds_on_paper_too(browser: Browser, lively: Path) -> None:
    text = text_of(printed(browser, lively, search="outlet_be"))

    assert "All 25 selected rows." in text


def test_where_rows_are_left_out_it_says_so(browser: Browser, tmp_path: Path) -> None:
    wiring = build(tmp_path, {"acme": Trade(1_100)})
    path = tmp_path / "report.html"
    write_report(path, wiring, [*wiring.settings.divisions.values()])

    with opened(browser, path) as looked:
        looked.page.evaluate("dispatchEvent(new Event('beforeprint'))")

        assert looked.page.locator("[data-rows] tr").count() == 1_000
        assert "The first 1,000 of 1,100 rows" in str(looked.page.locator("[data-printed]").text_content())


def test_paper_is_white_whatever_the_screen_is(browser: Browser, lively: Path) -> None:
    with opened(browser, lively, colours="dark") as looked:
        looked.page.get_by_role("combobox", name="Colours").select_option("Dark")
        looked.page.emulate_media(media="print")

        assert looked.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("media", ["screen", "print"])
def test_what_was_printed_leaves_the_screen_as_it_was(browser: Browser, lively: Path, media: str) -> None:
    with opened(browser, lively) as looked:
        looked.page.emulate_media(media="print" if media == "print" else "screen")
        looked.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert looked.page.locator("[data-rows] tr").count() == 355

        looked.page.evaluate("dispatchEvent(new Event('afterprint'))")

        assert looked.page.locator("[data-rows] tr").count() == 50
