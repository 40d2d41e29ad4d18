"""SyncTimestamp: where a sync endpoint is first read."""

from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from werkzeug.wrappers import Response

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import SettableClock
from exactsend.sandbox.exact.sync_timestamp import LISTED
from tests.sandbox.exact.shop import Exact, message

HEADERS = "sync/SalesOrder/SalesOrderHeaders"
NOON = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - Exact's dates have no zone
BEGINNING = datetime(2000, 1, 1)  # noqa: DTZ001


def ask(exact: Exact, moment: datetime = NOON, endpoint: str = "SalesOrderHeaders") -> Response:
    path = f"/api/v1/{starting_worlds.DIVISION}/read/sync/Sync/SyncTimestamp"
    query = {"modified": f"datetime'{moment.isoformat()}'", "endPoint": f"'{endpoint}'"}
    return exact.call("GET", path, query=query, headers=exact.headers)


def row(exact: Exact, moment: datetime = NOON, endpoint: str = "SalesOrderHeaders") -> dict[str, Any]:
    answer = ask(exact, moment, endpoint)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (only,) = answer.get_json()["d"]
    return dict(only)


@pytest.fixture
def at_noon(exact: Exact, clock: SettableClock) -> Exact:
    """Two orders changed at noon, Dutch time, and a third a minute later."""
    clock.advance(timedelta(hours=1, minutes=30))
    exact.office.edit_order(4715, YourRef="first")
    exact.office.edit_order(4712, YourRef="second")
    clock.advance(timedelta(minutes=1))
    exact.office.edit_order(4711, YourRef="third")
    exact.sign_in_again()
    return exact


def test_it_gives_the_first_row_changed_at_or_after_the_moment(at_noon: Exact) -> None:
    first = at_noon.version(HEADERS, at_noon.office.order_id(4715))

    assert row(at_noon) == {
        "Modified": "/Date(1795435200000)/",
        "API": "SalesOrderHeaders",
        "TimeStampAsBigInt": str(first),
    }


def test_reading_on_from_it_misses_that_row(at_noon: Exact) -> None:
    version = int(row(at_noon)["TimeStampAsBigInt"])

    def changed(after: int) -> list[int]:
        rows = at_noon.rows(HEADERS, select="OrderNumber", filter=f"Timestamp gt {after}L")
        return [candidate["OrderNumber"] for candidate in rows]

    assert changed(version) == [4712, 4711]
    assert changed(version - 1) == [4715, 4712, 4711]


def test_the_first_row_is_the_one_with_the_lowest_version(at_noon: Exact) -> None:
    """A row that was entered late bears an older moment and a higher version."""
    late = at_noon.office.order(4713)
    at_noon.office.edit_order(4713, YourRef="late")
    late.values["Modified"] = late.changed_at - timedelta(seconds=30)

    moment = NOON + timedelta(seconds=10)

    assert row(at_noon, moment)["TimeStampAsBigInt"] == str(at_noon.office.order(4711).version)


def test_by_choice_rows_are_seen_later_here_too(at_noon: Exact) -> None:
    at_noon.world.exact.behaviour.rows_visible_after = timedelta(seconds=30)

    assert row(at_noon)["TimeStampAsBigInt"] == str(at_noon.office.order(4715).version)
    assert ask(at_noon, NOON + timedelta(minutes=1)).get_json() == {"d": []}


@pytest.mark.parametrize(
    ("switch", "answer"),
    [
        ("empty", []),
        ("null", [{"Modified": None, "API": "SalesOrderHeaders", "TimeStampAsBigInt": None}]),
    ],
)
def test_where_no_row_is_that_new_it_says_so_in_either_way(
    at_noon: Exact, switch: Literal["empty", "null"], answer: list[object]
) -> None:
    at_noon.world.exact.behaviour.sync_timestamp_of_none = switch

    assert ask(at_noon, NOON + timedelta(hours=1)).get_json() == {"d": answer}


def test_a_name_that_is_listed_has_no_rows_where_the_sandbox_keeps_none(exact: Exact) -> None:
    assert ask(exact, endpoint="QuotationHeaders").get_json() == {"d": []}


UNLISTED = ["Accounts", "Contacts", "Addresses", "Items", "Deleted"]


def test_accounts_contacts_addresses_items_and_deletions_are_not_listed() -> None:
    assert LISTED.isdisjoint(UNLISTED)
    assert {"SalesOrderHeaders", "SalesOrderLines", "GoodsDeliveries", "GoodsDeliveryLines"} <= LISTED


@pytest.mark.parametrize("endpoint", [*UNLISTED, "SalesOrders", "Nonsense"])
def test_a_name_that_is_not_listed_is_refused(exact: Exact, endpoint: str) -> None:
    refused = ask(exact, endpoint=endpoint)

    assert refused.status_code == 400
    assert endpoint in message(refused)


@pytest.mark.parametrize("endpoint", UNLISTED)
def test_by_choice_a_name_that_is_not_listed_has_no_rows(exact: Exact, endpoint: str) -> None:
    exact.world.exact.behaviour.sync_timestamp_of_unlisted = "empty"

    assert ask(exact, BEGINNING, endpoint).get_json() == {"d": []}


def test_by_choice_a_name_that_is_not_listed_has_a_row_version(exact: Exact) -> None:
    exact.world.exact.behaviour.sync_timestamp_of_unlisted = "value"
    first = min(
        candidate.version
        for candidate in exact.world.exact.divisions[starting_worlds.DIVISION].table("Items")
    )

    assert row(exact, BEGINNING, "Items")["TimeStampAsBigInt"] == str(first)
    assert ask(exact, endpoint="Nonsense").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"modified": "datetime'2026-11-23'"},
        {"endPoint": "'SalesOrderHeaders'"},
        {"modified": "datetime'yesterday'", "endPoint": "'SalesOrderHeaders'"},
        {"modified": "2026-11-23", "endPoint": "'SalesOrderHeaders'"},
    ],
)
def test_both_parameters_are_needed_and_must_be_well_formed(exact: Exact, query: dict[str, str]) -> None:
    path = f"/api/v1/{starting_worlds.DIVISION}/read/sync/Sync/SyncTimestamp"

    assert exact.call("GET", path, query=query, headers=exact.headers).status_code == 400
