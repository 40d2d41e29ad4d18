"""The parts of the page that need no browser: geometry, sums, words, links, rows."""

import json
from datetime import date, timedelta

import pytest

from exactsend.domain.records import WritebackRecord
from exactsend.views.dashboard.chart import HEIGHT, chart_of, round_top, share
from exactsend.views.dashboard.page_phrases import ago, headline, status_text
from exactsend.views.dashboard.rows import STATE_PHRASES, plain, rows_json
from exactsend.views.dashboard.service_links import links_for
from exactsend.views.dashboard.totals import totals_of
from exactsend.views.data.overview import Day, Health
from exactsend.views.data.view_types import DeliveryView, LabelState
from tests.builders import NOW, a_label, a_record
from tests.views.data.test_overview import an_overview

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 2), (2, 2), (3, 4), (9, 10), (11, 20), (40, 40), (41, 100), (101, 200)]
)
def test_the_upper_edge_is_round_and_has_a_half(highest: int, top: int) -> None:
    assert round_top(highest) == top


def test_bars_stand_on_the_ground_as_high_as_their_counts() -> None:
    chart = chart_of([Day(MONDAY, orders=10, labels=5, cancelled=0)])

    (slot,) = chart.days
    assert (slot.orders.height, slot.labels.height) == (HEIGHT, HEIGHT / 2)
    assert slot.labels.y + slot.labels.height == HEIGHT
    assert slot.x < slot.orders.x < slot.orders.x + slot.orders.width < slot.labels.x
    assert slot.labels.x + slot.labels.width < chart.width
    assert not slot.is_weekend


def test_the_days_below_begin_and_end_with_the_chart() -> None:
    days = [Day(MONDAY + timedelta(days=n), 0, 0, 0) for n in range(30)]

    marks = chart_of(days).marks

    assert (len(marks), marks[0], marks[-1]) == (7, days[0].date, days[-1].date)


@pytest.mark.parametrize(("part", "whole", "text"), [(1, 4, "25.0%"), (0, 0, "0.0%"), (9, 3, "100.0%")])
def test_a_bar_is_filled_by_its_share(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("overviews", "unread", "sentence"),
    [
        ([an_overview()], 0, "All is well. Nothing needs a person."),
        ([an_overview(problems=1)], 0, "1 thing needs a person."),
        ([an_overview(problems=2), an_overview(problems=1)], 0, "3 things need a person."),
        ([an_overview(last_status=7)], 0, "The division does not run well."),
        ([an_overview(age=None), an_overview()], 0, "One division does not run well."),
        ([an_overview(last_status=5), an_overview(problems=1)], 1, "2 divisions do not run well and 1 thing needs a person."),
        ([an_overview(refused=1)], 0, "1 request is refused."),
        ([an_overview(last_status=5), an_overview(problems=1, refused=2)], 0, "One division does not run well, 1 thing needs a person and 2 requests are refused."),
        ([], 1, "The division does not run well."),
    ],
)  # fmt: skip
def test_the_page_in_one_sentence(overviews: list[object], unread: int, sentence: str) -> None:
    assert headline(totals_of(overviews, ""), unread) == sentence  # type: ignore[arg-type]  # they are overviews


def test_sums_tell_of_each_health() -> None:
    assert totals_of([an_overview(), an_overview(age=None)], "").health == (Health.WELL, Health.NEVER)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (None, "never"),
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=5), "5 h ago"),
    ],
)
def test_how_long_ago(age: timedelta | None, words: str) -> None:
    assert ago(age) == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (5, "a safety limit stopped the purchases (status 5)"),
        (75, "another run holds the division (status 75)"),
        (99, "status 99"),
    ],
)
def test_how_the_last_run_ended(status: int, words: str) -> None:
    assert status_text(status) == words


def test_the_panel_is_linked_to_for_the_real_service_only() -> None:
    real = links_for("https://panel.sendcloud.sc/api/v3")

    assert real.labels == "https://app.sendcloud.com/v2/shipping/list/labels"
    assert real.incoming_orders == "https://app.sendcloud.com/v2/shipping/list/orders"
    assert real.order("4711") == "https://app.sendcloud.com/v2/shipping/list/orders?search=4711"
    assert real.label("4711/1 & 2").endswith("/labels?search=4711%2F1%20%26%202")
    nowhere = links_for("http://127.0.0.1:8123/api/v3")
    assert {*vars(nowhere).values(), nowhere.order("4711"), nowhere.label("4711")} == {""}


def test_every_state_of_a_label_has_its_words() -> None:
    assert {*STATE_PHRASES} == {*LabelState}


def test_a_row_says_how_the_label_came_and_whether_it_stands_in_exact() -> None:
    label = a_label("s-1", carrier="postnl", tracking_numbers=("3S1", "3S2"), how="adopted")
    done = WritebackRecord(numbers=("3S1", "3S2"), shipment=label.shipment, done=True)

    content = json.loads(
        rows_json([DeliveryView("acme", a_record(label=label, writeback=done))], links_for(""))
    )

    assert content["rows"] == [
        [0, 20001, "4711", content["states"].index("labelled"), 0, 0, "3S1, 3S2", NOW.timestamp() / 60, "s-1"]
    ]
    assert (content["divisions"], content["carriers"]) == (["acme"], ["postnl"])
    assert content["notes"] == ["made by hand, in Exact"]


def test_text_has_an_end_and_no_marks_that_steer() -> None:
    assert plain("3SABC") == "3SABC"
    assert plain("\u202eabc") == "\\u202eabc"
    assert plain("x" * 5_000) == "x" * 300 + "…"
