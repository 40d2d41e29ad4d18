"""The page in a real browser: it opens, filters, sorts, tells its charts, and asks nobody for anything."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, Locator, Page, expect

from tests.views.dashboard.browser import PHONE, Colours, Looked, opened
from tests.views.dashboard.example_shops import NOW

SOON = NOW + timedelta(minutes=5)


@pytest.fixture
def looked(browser: Browser, lively: Path) -> Iterator[Looked]:
    with opened(browser, lively, now=SOON) as looked:
        yield looked


@pytest.fixture
def page(looked: Looked) -> Page:
    return looked.page


def column(page: Page, name: str) -> list[str]:
    return page.locator(f'[data-rows] [data-cell="{name}"]').all_inner_texts()


def choice(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name, exact=True)


def shown(page: Page) -> str:
    return page.locator("[data-shown]").inner_text()


# ── it opens ─────────────────────────────────────────────────────────────────────────────────────


def test_it_says_in_one_sentence_what_a_person_must_do(page: Page) -> None:
    assert (
        page.locator("h1:visible").inner_text()
        == "One division does not run well and 3 things need a person."
    )
    assert page.title() == "Shipping report, 23 Nov 2026, 15:07 UTC"


def test_nothing_is_said_on_the_console_and_nobody_is_asked(looked: Looked) -> None:
    looked.page.locator("[data-search]").fill("acme")
    looked.page.locator("summary:visible").first.click()

    assert looked.said == []
    assert looked.asked == []


def test_it_tells_how_old_it_is_and_warns_when_it_is_old(browser: Browser, lively: Path) -> None:
    with opened(browser, lively, now=SOON) as fresh:
        assert fresh.page.locator(".written").inner_text() == "Written 23 Nov 2026, 15:07 UTC, 5 min ago"
    with opened(browser, lively, now=NOW + timedelta(days=3)) as old:
        assert old.page.locator(".written.is-old").inner_text().endswith("3 days ago: this page is old")


def test_without_javascript_state_problems_and_the_newest_rows_stand_there(
    browser: Browser, lively: Path
) -> None:
    with opened(browser, lively, script=False) as looked:
        page = looked.page

        assert page.locator("#state article:visible").count() == 3
        assert page.locator("#needs li:visible").count() == 3
        assert page.locator("[data-rows] tr:visible").count() == 50
        assert "The newest 50 of 355. Turn JavaScript on" in shown(page)
        assert page.locator("select:visible, input:visible, button:visible").count() == 0


# ── filters and sorting ──────────────────────────────────────────────────────────────────────────


def test_all_rows_are_there_in_pages_newest_first(page: Page) -> None:
    assert shown(page) == "355 deliveries."
    assert page.locator("[data-page]").inner_text() == "1 to 50 of 355"

    for _ in range(7):
        page.get_by_role("button", name="Next").click()

    assert page.locator("[data-page]").inner_text() == "351 to 355 of 355"
    assert page.get_by_role("button", name="Next").is_disabled()


def test_the_search_finds_numbers_and_words(page: Page) -> None:
    tracking = next(text for text in column(page, "tracking") if text)

    page.get_by_label("Search").fill(tracking.lower())
    assert column(page, "tracking") == [tracking]

    page.get_by_label("Search").fill("acme missing")
    assert {*column(page, "words")} == {"Held"}
    assert all("missing" in text for text in column(page, "note"))

    page.get_by_label("Search").fill("no such thing")
    assert shown(page) == "0 of 355 deliveries."


def test_rows_are_filtered_by_state(page: Page) -> None:
    choice(page, "State").select_option("Waits for its label")

    assert {*column(page, "words")} == {"Waits for its label"}
    assert shown(page) == "11 of 355 deliveries."


def test_rows_are_filtered_by_date_and_all_come_back(page: Page) -> None:
    page.get_by_role("textbox", name="From").fill("2026-11-17")
    page.get_by_role("textbox", name="To").fill("2026-11-18")

    assert {text.partition(",")[0] for text in column(page, "time")} <= {"17 Nov 2026", "18 Nov 2026"}
    assert shown(page) != "355 deliveries."

    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-shown]")).to_have_text("355 deliveries.")


def test_a_division_is_chosen_for_the_whole_page(page: Page) -> None:
    choice(page, "Division").select_option("brinkman")

    assert page.locator("h1:visible").inner_text() == "All is well. Nothing needs a person."
    assert page.locator("#state article:visible h3").all_inner_texts() == ["brinkman"]
    assert page.locator("#needs").inner_text().splitlines() == [
        "Needs a person",
        "",
        "Nothing needs a person.",
    ]
    assert page.locator("#days figure:visible").count() == 1
    assert {*column(page, "division")} == {"brinkman"}


@pytest.mark.parametrize(
    ("heading", "cell"), [("Delivery", "delivery"), ("Order", "order"), ("Carrier", "carrier")]
)
def test_a_heading_sorts_and_says_so(page: Page, heading: str, cell: str) -> None:
    page.get_by_role("button", name=heading, exact=True).click()
    upwards = column(page, cell)
    page.get_by_role("button", name=heading, exact=True).click()
    downwards = column(page, cell)

    assert upwards == sorted(upwards)
    assert downwards == sorted(downwards, reverse=True)
    assert page.locator("th[aria-sort]").count() == 1
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"


def test_a_number_at_the_top_leads_to_its_rows(page: Page) -> None:
    page.locator(".stats:visible").get_by_text("wait for a label").click()

    assert {*column(page, "words")} == {"Waits for its label"}


# ── charts ───────────────────────────────────────────────────────────────────────────────────────


def test_the_chart_tells_a_day_under_the_pointer_as_its_table_does(page: Page) -> None:
    chart = page.locator("[data-chart]:visible")
    chart.locator("summary").click()
    day, orders, labels, _ = chart.locator("tbody tr").nth(4).locator("th, td").all_inner_texts()

    box = chart.locator("[data-keys]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * (25.5 / 30), box["y"] + box["height"] / 2)

    told = chart.locator("[data-tip]").inner_text()
    assert re.fullmatch(rf"{day}\s+{orders} orders?, {labels} labels?(, \d+ cancelled)?", told), told


def test_the_chart_can_be_walked_with_the_keyboard(page: Page) -> None:
    field = page.locator("[data-keys]:visible")
    tip = page.locator("[data-tip]:visible")
    field.focus()
    field.press("End")
    assert tip.inner_text().startswith("23 Nov")

    field.press("ArrowLeft")
    assert tip.inner_text().startswith("22 Nov")

    field.press("Home")
    assert tip.inner_text().startswith("25 Oct")


# ── light and dark, narrow and wide ──────────────────────────────────────────────────────────────


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_it_follows_the_system_until_somebody_chooses(browser: Browser, lively: Path, page: Page) -> None:
    light = ground(page)
    with opened(browser, lively, colours="dark") as looked:
        dark = ground(looked.page)
        choice(looked.page, "Colours").select_option("Light")
        assert ground(looked.page) == light
        looked.page.reload()
        assert ground(looked.page) == light

    choice(page, "Colours").select_option("Dark")

    assert ground(page) == dark != light


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440, 2200])
def test_nothing_sticks_out_at_any_width(browser: Browser, lively: Path, width: int) -> None:
    with opened(browser, lively, size=(width, 800)) as looked:
        assert looked.page.evaluate("document.documentElement.scrollWidth") <= width


# ── for everybody ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("size", "colours"), [((1440, 900), "light"), ((1440, 900), "dark"), (PHONE, "light"), (PHONE, "dark")]
)
def test_axe_finds_nothing_serious(
    browser: Browser, lively: Path, size: tuple[int, int], colours: Colours
) -> None:
    with opened(browser, lively, size=size, colours=colours, now=SOON) as looked:
        looked.page.locator("summary:visible").first.click()

        found = Axe().run(looked.page).response["violations"]

    assert [(row["id"], [node["html"] for node in row["nodes"]][:3]) for row in found] == []


def test_the_keyboard_reaches_everything_that_a_pointer_does(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    page.get_by_label("Search").focus()
    page.keyboard.type("dpd")
    page.get_by_role("button", name="Tracking number").focus()
    page.keyboard.press("Enter")

    assert {*column(page, "carrier")} == {"dpd"}
    assert column(page, "tracking") == sorted(column(page, "tracking"))
