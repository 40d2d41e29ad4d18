"""history: every action that was ever taken, and the labels that were paid for and not used."""

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exactsend.cli.since import moment_of
from exactsend.errors import UsageError
from exactsend.views.data.unused_labels import MOVES_WITHIN
from tests.shop import AUTOMATIC, Shop

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DAY = 24 * 60


def actions(shop: Shop, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shop.run("history", "--json", *options).out)["actions"]
    return found


def unused(shop: Shop, *options: str) -> dict[str, str]:
    """Why each label seems unused, by its delivery."""
    found = json.loads(shop.run("history", "--unused", "--json", *options).out)["unused"]
    return {row["delivery_number"]: row["why"] for row in found}


# ── every action ─────────────────────────────────────────────────────────────────────────────────


def test_every_action_is_told_with_what_it_was_about_and_the_run_that_took_it(busy: Shop) -> None:
    of_4711 = [action for action in actions(busy) if "4711" in action["order_numbers"]]

    assert [row["event"] for row in of_4711] == [
        "entries_pushed",
        "label_bought",
        "entry_withdrawing",
        "document_made",
        "label_attached",
        "written_back",
    ]
    bought = of_4711[1]
    assert (bought["division"], bought["delivery_number"]) == ("sandbox", "20001")
    assert bought["reference"].startswith("exact-1234567-")
    assert len({row["run"] for row in of_4711}) == 2


def test_an_action_of_a_batch_stands_in_a_row_of_its_own(busy: Shop) -> None:
    pushed = [action["order_numbers"] for action in actions(busy) if action["event"] == "entries_pushed"]

    assert pushed[:6] == [["4711"], ["4712"], ["4713"], ["4714"], ["4715"], ["4716"]]


def test_people_read_words(busy: Shop) -> None:
    out = busy.run("history").out

    assert "sent to the incoming orders" in out
    assert "withdrawn from the incoming orders" in out
    assert "label failed" in out


def test_programs_read_csv(busy: Shop) -> None:
    rows = list(csv.DictReader(busy.run("history", "--csv").out.splitlines()))

    assert len(rows) == len(actions(busy))
    assert {row["delivery_number"] for row in rows if row["event"] == "label_failed"} == {"20005"}


def test_what_was_done_before_is_left_out(shop: Shop) -> None:
    shop.run("sync")
    shop.pass_time(minutes=3 * DAY)
    shop.office.deliver(4711)
    shop.run("sync")

    assert {action["at"][:10] for action in actions(shop)} == {"2026-11-23", "2026-11-26"}
    assert {action["at"][:10] for action in actions(shop, "--since", "2d")} == {"2026-11-26"}
    assert {action["at"][:10] for action in actions(shop, "--since", "2026-11-26")} == {"2026-11-26"}


def test_where_nothing_was_done_it_is_said(shop: Shop) -> None:
    assert shop.run("history").out == "nothing was done\n"
    assert shop.run("history", "-q").out == ""


def test_looking_needs_no_service(busy: Shop) -> None:
    calls = len(busy.sandbox.calls)
    busy.run("history")
    busy.run("history", "--unused")

    assert len(busy.sandbox.calls) == calls


@pytest.mark.parametrize(
    ("text", "moment"),
    [("2d", NOW - timedelta(days=2)), ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC))],
)
def test_since_is_a_number_of_days_or_a_date(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


@pytest.mark.parametrize("text", ["yesterday", "30", "2026-13-01", "-1d"])
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        moment_of(text, NOW)


def test_csv_and_json_exclude_each_other(shop: Shop) -> None:
    assert shop.run("history", "--csv", "--json").status == 2


# ── paid for and not used ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def labelled(shop: Shop) -> Shop:
    """A shop with labels on the deliveries 20001 (4711) and 20002 (4712)."""
    shop.configure(AUTOMATIC)
    shop.run("sync")
    shop.office.deliver(4711)
    shop.office.deliver(4712)
    shop.run("sync")
    return shop


def next_run(shop: Shop, days: float = 0) -> None:
    shop.pass_time(minutes=days * DAY + 5)
    shop.run("sync")


def test_a_label_of_today_is_not_unused_yet(labelled: Shop) -> None:
    assert unused(labelled) == {}
    assert labelled.run("history", "--unused").out == "no label since 2026-11-01 seems unused\n"


def test_a_parcel_that_no_carrier_reports_is_unused_after_three_days(labelled: Shop) -> None:
    (first, _) = labelled.panel.labels()
    labelled.panel.set_status(first, "EN_ROUTE_TO_SORTING_CENTER")
    next_run(labelled, days=MOVES_WITHIN.days)

    assert unused(labelled) == {"20002": "not_moved"}
    assert "no carrier has reported the parcel for three days" in labelled.run("history", "--unused").out


def test_a_cancelled_label_is_not_paid(labelled: Shop) -> None:
    labelled.panel.cancel_label("4712")
    next_run(labelled, days=MOVES_WITHIN.days)

    assert "20002" not in unused(labelled)


def test_a_delivery_that_is_deleted_leaves_its_label_unused_at_once(labelled: Shop) -> None:
    labelled.office.delete_delivery(20001)
    next_run(labelled, days=0.1)

    assert unused(labelled) == {"20001": "delivery_gone"}


def test_a_delivery_that_changed_after_its_label_may_have_no_use_for_it(labelled: Shop) -> None:
    labelled.office.edit_delivery_line(20001, "MUG", QuantityDelivered=1.0)
    next_run(labelled)

    assert unused(labelled) == {"20001": "changed_after_label"}


def test_one_label_too_many_is_unused(labelled: Shop) -> None:
    labelled.pass_time(minutes=5)
    cancelled = labelled.panel.cancel_label("4711")
    next_run(labelled)
    assert labelled.run("labels", "create", "4711", "--another", "2", "--yes").status == 0
    labelled.pass_time(minutes=5)
    labelled.panel.restore_label(cancelled)
    next_run(labelled)

    assert unused(labelled) == {"20001": "second_label"}


def test_the_month_is_the_present_one_unless_said(labelled: Shop) -> None:
    next_run(labelled, days=9)

    assert labelled.clock().month == 12
    assert unused(labelled) == {}
    assert unused(labelled, "--since", "2026-11-01") == {"20001": "not_moved", "20002": "not_moved"}
