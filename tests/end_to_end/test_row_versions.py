"""Where Exact's streams begin, whatever SyncTimestamp says, and that no change is missed on the way (S11, S13)."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

from exactsend.errors import ExitStatus
from exactsend.exact.models import Stream
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.behaviour import ExactBehaviour
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.json_tree import object_at, objects_at
from exactsend.sandbox.world import World
from tests.end_to_end.shop import AUTOMATIC, MANUAL, START, Shop, open_shop

SOON, WATCH = timedelta(minutes=5), timedelta(minutes=16)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SYNC_TIMESTAMP = "read/sync/Sync/SyncTimestamp"
LISTED = {
    Stream.ORDERS: "sync/SalesOrder/SalesOrderHeaders",
    Stream.ORDER_LINES: "sync/SalesOrder/SalesOrderLines",
    Stream.DELIVERIES: "sync/SalesOrder/GoodsDeliveries",
    Stream.DELIVERY_LINES: "sync/SalesOrder/GoodsDeliveryLines",
}
MASTER_DATA = {
    Stream.ACCOUNTS: "sync/CRM/Accounts",
    Stream.CONTACTS: "sync/CRM/Contacts",
    Stream.ADDRESSES: "sync/CRM/Addresses",
    Stream.ITEMS: "sync/Logistics/Items",
}
TABLES = ("Accounts", "Contacts", "Addresses", "Items")
MANY_ITEMS = 4_500
"""More pages of a thousand rows than one run walks through."""


class Says(NamedTuple):
    """What SyncTimestamp says where the vendor's page is silent."""

    of_unlisted: Literal["refused", "empty", "value"]
    of_none: Literal["empty", "null"]


STATES = [
    Says("refused", "empty"),
    Says("refused", "null"),
    Says("empty", "empty"),
    Says("empty", "null"),
    Says("value", "empty"),
    Says("value", "null"),
]
OPPOSITES = [STATES[0], STATES[-1]]


def empty_world(clock: Clock, *, says: Says = STATES[0]) -> World:
    world = starting_worlds.empty(clock)
    world.exact.behaviour.sync_timestamp_of_unlisted = says.of_unlisted
    world.exact.behaviour.sync_timestamp_of_none = says.of_none
    office = Office(world.exact, division=starting_worlds.DIVISION)
    with office.division.dated(clock() - 100 * DAY):
        office.add_item("MUG", "Enamel mug", weight=0.35, hs_code="732394", origin="NL")
    return world


@contextmanager
def a_shop(folder: Path, says: Says = STATES[0], **options: object) -> Iterator[Shop]:
    """One with nothing but a mug, not run yet."""
    with open_shop(folder, world=partial(empty_world, says=says), **options) as shop:  # type: ignore[arg-type]  # as named there
        yield shop


def calls(shop: Shop) -> Counter[str]:
    """What the last run asked of Exact: endpoint → how often."""
    prefix = f"/api/v1/{starting_worlds.DIVISION}/"
    return Counter(
        call.path.removeprefix(prefix)
        for call in shop.sandbox.calls_since(shop.mark)
        if call.api == "exact" and "oauth2" not in call.path
    )


def exact(shop: Shop) -> ExactBehaviour:
    return shop.sandbox.world.exact.behaviour


# ── where a stream begins ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("says", STATES)
def test_only_listed_endpoints_are_asked_for(tmp_path: Path, says: Says) -> None:
    with a_shop(tmp_path, says) as shop:
        shop.run()
        shop.office.deliver(shop.place())
        for _ in range(4):
            shop.run(after=WATCH)
        asked = {
            name
            for call in shop.sandbox.calls
            if call.path.endswith(SYNC_TIMESTAMP)
            for name in call.query.split("endPoint=")[1:]
        }
        assert asked == {f"%27{stream}%27" for stream in LISTED}
        assert not any(call.status == 400 for call in shop.sandbox.calls)


@pytest.mark.parametrize("says", OPPOSITES)
def test_the_first_order_of_a_division_is_sent_with_its_first_line(tmp_path: Path, says: Says) -> None:
    with a_shop(tmp_path, says) as shop:
        shop.run()
        shop.run(after=DAY)
        number = shop.place(quantity=3)
        shop.run(after=SOON)
        assert [(entry.order_number, list(entry.quantities.values())) for entry in shop.panel.incoming()] == [
            (str(number), [3])
        ]
        shop.office.change_quantity(number, "MUG", 5)
        shop.run(after=SOON)
        assert [list(entry.quantities.values()) for entry in shop.panel.incoming()] == [[5]]


@pytest.mark.parametrize("says", OPPOSITES)
@pytest.mark.parametrize("quiet_days", [0, 3])
def test_the_first_delivery_since_the_start_date_gets_its_label(
    tmp_path: Path, says: Says, quiet_days: int
) -> None:
    with a_shop(tmp_path, says, labels={**AUTOMATIC, "start_date": "2026-11-23"}) as shop:
        order = shop.place()
        shop.run()
        for _ in range(quiet_days):
            shop.run(after=DAY)
        delivery = shop.office.deliver(order)
        shop.run(after=SOON)
        assert len(shop.lives_of(delivery)) == 1
        assert shop.office.tracking(delivery)


@pytest.mark.parametrize("says", OPPOSITES)
def test_a_first_delivery_before_the_first_run_gets_its_label_once(tmp_path: Path, says: Says) -> None:
    with a_shop(tmp_path, says) as shop:
        delivery = shop.office.deliver(shop.place())
        shop.run(after=SOON)
        for _ in range(3):
            shop.run(after=DAY)
        assert len(shop.lives_of(delivery)) == 1
        assert shop.paid() == 1


@pytest.mark.parametrize("says", OPPOSITES)
def test_a_changed_line_of_the_first_order_is_noticed_after_quiet_days(tmp_path: Path, says: Says) -> None:
    with a_shop(tmp_path, says) as shop:
        number = shop.place()
        shop.run(after=HOUR)
        for _ in range(3):
            shop.run(after=DAY)
        shop.office.change_quantity(number, "MUG", 7)
        shop.run(after=SOON)
        assert [list(entry.quantities.values()) for entry in shop.panel.incoming()] == [[7]]


@pytest.mark.parametrize("says", OPPOSITES)
def test_a_quiet_shop_asks_four_questions_and_reads_no_whole_stream(tmp_path: Path, says: Says) -> None:
    with a_shop(tmp_path, says) as shop:
        shop.run()
        for _ in range(5):
            shop.run(after=SOON)
            assert calls(shop) == {SYNC_TIMESTAMP: 4}


@pytest.mark.parametrize("says", OPPOSITES)
def test_a_shop_at_rest_asks_four_questions_once_its_streams_have_begun(tmp_path: Path, says: Says) -> None:
    with a_shop(tmp_path, says) as shop:
        shop.run()
        shop.office.deliver(shop.place())
        for _ in range(4):
            shop.run(after=SOON)
        for _ in range(3):
            shop.run(after=SOON)
            assert sum(calls(shop).values()) == 4


def test_a_beginning_that_is_refused_is_found_by_date_and_nothing_is_missed(tmp_path: Path) -> None:
    with a_shop(tmp_path) as shop:
        shop.sandbox.world.exact.refusals.refuse(SYNC_TIMESTAMP, status=403, sentence="Forbidden")
        shop.run()
        first = shop.office.deliver(shop.place())
        shop.run(after=SOON)
        for _ in range(3):
            shop.run(after=DAY)
        second = shop.office.deliver(shop.place())
        shop.run(after=SOON)
        shop.sandbox.world.exact.refusals.lift()
        shop.run(after=2 * HOUR)
        third = shop.office.deliver(shop.place())
        shop.run(after=SOON)
        assert [len(shop.lives_of(number)) for number in (first, second, third)] == [1, 1, 1]


# ── master data ──────────────────────────────────────────────────────────────────────────────────


class Correction(NamedTuple):
    """What a person corrects of an order whose entry stands, and where it shows there."""

    what: str
    make: Callable[[Shop, int], None]
    shown: Callable[[Shop], object]


def _entry_field(name: str, shop: Shop) -> object:
    (entry,) = shop.panel.incoming()
    return entry.shipping_address.get(name)


def _correct_account(shop: Shop, order: int) -> None:
    shop.office.correct_account(shop.office.order(order).text("DeliverTo"), Email="new@shop.example")


def _correct_address(shop: Shop, order: int) -> None:
    shop.office.correct_address(shop.address_of(order), AddressLine1="Kanaalstraat 99")


def _correct_contact(shop: Shop, order: int) -> None:
    shop.office.correct_contact(
        shop.office.order(order).text("DeliverToContactPerson"), Email="person@shop.example"
    )


def _correct_item(shop: Shop, _order: int) -> None:
    shop.office.correct_item("MUG", NetWeight=0.5)


def _weight(shop: Shop) -> object:
    (entry,) = shop.panel.incoming()
    (item,) = objects_at(entry.body, "order_details", "order_items")
    return object_at(item, "measurement", "weight")


CORRECTIONS = [
    Correction("account", _correct_account, partial(_entry_field, "email")),
    Correction("address", _correct_address, partial(_entry_field, "house_number")),
    Correction("contact", _correct_contact, partial(_entry_field, "email")),
    Correction("item", _correct_item, _weight),
]
BY_NAME = [pytest.param(correction, id=correction.what) for correction in CORRECTIONS]


def an_order_that_stands(shop: Shop, what: str) -> int:
    """An order, with a contact person where that is what will be corrected."""
    if what != "contact":
        return shop.place()
    account = shop.office.add_account("Customer B.V.", email="c@shop.example", phone="0612345678")
    contact = shop.office.add_contact(account, "Ada Person", email="ada@shop.example")
    address = shop.office.add_address(
        account, "Kanaalstraat 12", postcode="3531 GV", city="Utrecht", main=True
    )
    return shop.office.place_order(
        account, [("MUG", 2, 12.5)], address=address, contact=contact, method="PNL"
    )


def corrected(shop: Shop, order: int, correction: Correction) -> bool:
    """Whether a correction made now is noticed by the run after the next quarter of an hour."""
    before = correction.shown(shop)
    correction.make(shop, order)
    shop.run(after=WATCH)
    return correction.shown(shop) != before


@pytest.mark.parametrize("says", OPPOSITES)
@pytest.mark.parametrize("correction", BY_NAME)
def test_a_correction_right_after_the_first_run_is_not_missed(
    tmp_path: Path, says: Says, correction: Correction
) -> None:
    with a_shop(tmp_path, says, labels=MANUAL) as shop:
        order = an_order_that_stands(shop, correction.what)
        shop.run()
        assert corrected(shop, order, correction)


@pytest.mark.parametrize("correction", BY_NAME)
@pytest.mark.parametrize("runs", [1, 3])
def test_a_correction_after_any_number_of_runs_is_not_missed(
    tmp_path: Path, correction: Correction, runs: int
) -> None:
    with a_shop(tmp_path, labels=MANUAL) as shop:
        order = an_order_that_stands(shop, correction.what)
        for _ in range(runs):
            shop.run(after=WATCH)
        assert corrected(shop, order, correction)


@pytest.mark.parametrize("correction", BY_NAME)
def test_a_correction_that_is_committed_late_is_found_within_two_days(
    tmp_path: Path, correction: Correction
) -> None:
    """It was made before the run that reached the end of the stream, and could be seen only after it."""
    with a_shop(tmp_path, labels=MANUAL) as shop:
        order = an_order_that_stands(shop, correction.what)
        shop.run()
        before = correction.shown(shop)
        with committed_after_the_next_run(shop, order, correction):
            touch_others(shop)
            shop.run(after=WATCH)
        shop.run(after=WATCH)
        assert correction.shown(shop) == before
        for _ in range(3):
            shop.run(after=DAY)
        assert correction.shown(shop) != before


@contextmanager
def committed_after_the_next_run(shop: Shop, order: int, correction: Correction) -> Iterator[None]:
    """The correction bears the row version and the date of now, and is seen only when this ends."""
    rows = {row.key: row for table in TABLES for row in shop.office.division.table(table)}
    seen = {key: dict(row.values) for key, row in rows.items()}
    correction.make(shop, order)
    (late,) = [row for key, row in rows.items() if row.values != seen[key]]
    late.values, uncommitted = seen[late.key], late.values
    yield
    late.values = uncommitted


def touch_others(shop: Shop) -> None:
    """Something else gets the highest row version in each of the streams."""
    other = shop.office.add_account("Another", email="a@shop.example")
    shop.office.add_contact(other, "Bea Other", email="b@shop.example")
    shop.office.add_address(other, "Dam 1", postcode="1012 JS", city="Amsterdam")
    number = len(shop.office.division.table("Items"))
    shop.office.add_item(f"LAMP{number}", "Desk lamp", weight=1.8, hs_code="940521", origin="DE")


def many_items(clock: Clock) -> World:
    world = empty_world(clock)
    office = Office(world.exact, division=starting_worlds.DIVISION)
    with office.division.dated(clock() - 100 * DAY):
        for number in range(MANY_ITEMS):
            office.add_item(f"OLD{number}", "Old item", weight=1.0)
    return world


@pytest.mark.parametrize("after_runs", [1, 2, 3])
def test_corrections_during_the_walk_through_a_long_stream_are_not_missed(
    tmp_path: Path, after_runs: int
) -> None:
    with open_shop(tmp_path, world=many_items, labels=MANUAL) as shop:
        order = shop.place()
        shop.run()
        walked = []
        for _ in range(after_runs):
            shop.run(after=WATCH)
            walked.append(calls(shop)[MASTER_DATA[Stream.ITEMS]])
        assert corrected(shop, order, CORRECTIONS[3])
        assert walked == [3, 2, 1][:after_runs]


@pytest.mark.parametrize("page", [1, 3, 4, 5])
def test_a_correction_between_two_pages_of_the_walk_is_not_missed(tmp_path: Path, page: int) -> None:
    with open_shop(tmp_path, world=many_items, labels=MANUAL) as shop:
        shop.place()
        shop.run()
        before = _weight(shop)
        seen = 0

        def correct(when: str, call: object) -> None:
            nonlocal seen
            if when == "before" and getattr(call, "endpoint", "") == MASTER_DATA[Stream.ITEMS]:
                seen += 1
                if seen == page:
                    shop.office.correct_item("MUG", NetWeight=0.5)

        shop.with_hooks(call_hook=correct)
        for _ in range(4):
            shop.run(after=3 * HOUR)  # so that nothing else has the item read again
        assert seen >= page
        assert _weight(shop) != before


def test_the_walk_ends_and_is_not_made_again(tmp_path: Path) -> None:
    with open_shop(tmp_path, world=many_items, labels=MANUAL) as shop:
        shop.place()
        shop.run()
        pages = []
        for _ in range(6):
            shop.run(after=WATCH)
            pages.append(calls(shop)[MASTER_DATA[Stream.ITEMS]])
        assert pages == [3, 2, 1, 1, 1, 1]


# ── refused for days ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stream", [*LISTED, *MASTER_DATA])
@pytest.mark.parametrize("begun", [True, False])
def test_a_stream_that_is_refused_for_days_misses_nothing_when_it_is_answered_again(
    tmp_path: Path, stream: Stream, *, begun: bool
) -> None:
    with a_shop(tmp_path, labels=MANUAL) as shop:
        refusals = shop.sandbox.world.exact.refusals
        if not begun:
            refusals.refuse({**LISTED, **MASTER_DATA}[stream], status=403, sentence="Forbidden")
        order = shop.place()
        shop.run()
        shop.office.deliver(shop.place())
        for _ in range(3):
            shop.run(after=WATCH)
        if begun:
            refusals.refuse({**LISTED, **MASTER_DATA}[stream], status=403, sentence="Forbidden")
        shop.run(after=SOON)
        for _ in range(3):
            shop.run(after=DAY)
        _correct_address(shop, order)
        _correct_account(shop, order)
        shop.office.change_quantity(order, "MUG", 9)
        late = shop.place()
        shop.office.deliver(late)
        refusals.lift()
        shop.run(after=2 * HOUR)
        shop.run(after=WATCH)
        (entry,) = [candidate for candidate in shop.panel.incoming() if candidate.order_number == str(order)]
        assert list(entry.quantities.values()) == [9]
        assert entry.shipping_address["house_number"] == "99"
        assert entry.shipping_address["email"] == "new@shop.example"
        assert str(late) in shop.incoming()
        assert shop.records.refused.questions == {}


@pytest.mark.parametrize("stream", LISTED)
def test_while_a_stream_is_refused_changes_are_noticed_in_another_way(tmp_path: Path, stream: Stream) -> None:
    with a_shop(tmp_path, labels=MANUAL) as shop:
        first = shop.place()
        shop.run()
        shop.sandbox.world.exact.refusals.refuse(LISTED[stream], status=403, sentence="Forbidden")
        shop.run(after=SOON)
        second = shop.place()
        shop.office.change_quantity(first, "MUG", 9)
        delivered = shop.place()
        shop.office.deliver(delivered)
        run = shop.run(after=HOUR)
        quantities = {entry.order_number: list(entry.quantities.values()) for entry in shop.panel.incoming()}
        assert quantities == {str(first): [9], str(second): [2], str(delivered): [2]}
        assert run.exit_status is ExitStatus.DONE


# ── a back-up is put back ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("days_since", [0, 1, 3])
def test_a_back_up_that_is_put_back_at_exacts_side_is_noticed_within_a_day(
    tmp_path: Path, days_since: int
) -> None:
    with a_shop(tmp_path) as shop:
        shop.office.deliver(shop.place())
        shop.run()
        shop.run(after=HOUR)
        kept = shop.office.back_up()
        for _ in range(3):
            shop.office.deliver(shop.place())
            shop.run(after=HOUR)
        for _ in range(days_since):
            shop.run(after=DAY)
        shop.office.restore(kept)
        new = shop.office.deliver(shop.place())
        for _ in range(3):
            shop.run(after=DAY)
        assert len(shop.lives_of(new)) == 1
        assert shop.office.tracking(new)


@pytest.mark.parametrize("correction", BY_NAME)
def test_corrections_after_a_back_up_was_put_back_are_noticed_within_a_day(
    tmp_path: Path, correction: Correction
) -> None:
    with a_shop(tmp_path, labels=MANUAL) as shop:
        order = an_order_that_stands(shop, correction.what)
        shop.run()
        kept = shop.office.back_up()
        for _ in range(3):
            touch_others(shop)
            shop.run(after=WATCH)
        shop.office.restore(kept)
        before = correction.shown(shop)
        correction.make(shop, order)
        for _ in range(2):
            shop.run(after=DAY)
        assert correction.shown(shop) != before


# ── the hour that comes twice ────────────────────────────────────────────────────────────────────

AUTUMN = datetime(2027, 10, 31, 0, 0, tzinfo=UTC)
"""02:00 in the Netherlands for the first time; an hour later it is 02:00 again."""
MINUTE = timedelta(minutes=1)


@contextmanager
def an_autumn_shop(folder: Path, first_run: timedelta, labels: dict[str, str]) -> Iterator[Shop]:
    """One whose first run is made so long after it was 02:00 for the first time."""
    with a_shop(folder, labels=labels) as shop:
        shop.clock.advance(AUTUMN - START + first_run)
        shop.connect()
        shop.run()
        yield shop


@pytest.mark.parametrize("first_run", [-10, 50, 70, 110])
@pytest.mark.parametrize("later", [5, 20, 65])
def test_what_comes_in_the_hour_that_comes_twice_is_not_missed(
    tmp_path: Path, first_run: int, later: int
) -> None:
    labels = {**AUTOMATIC, "start_date": "2027-10-31"}
    with an_autumn_shop(tmp_path, first_run * MINUTE, labels) as shop:
        shop.clock.advance(later * MINUTE)
        first, waiting = shop.office.deliver(shop.place(quantity=3)), shop.place()
        shop.run(after=MINUTE)
        shop.clock.advance(4 * HOUR)
        second, also_waiting = shop.office.deliver(shop.place()), shop.place()
        shop.run(after=MINUTE)
        shop.run(after=MINUTE)
        assert [len(shop.lives_of(number)) for number in (first, second)] == [1, 1]
        assert shop.incoming() == [str(waiting), str(also_waiting)]


@pytest.mark.parametrize("first_run", [10, 50, 70])
def test_by_hand_a_delivery_of_that_hour_counts_as_made_after_the_first_run(
    tmp_path: Path, first_run: int
) -> None:
    with an_autumn_shop(tmp_path, first_run * MINUTE, MANUAL) as shop:
        shop.clock.advance(25 * MINUTE)
        order = shop.place()
        shop.office.deliver(order)
        for _ in range(3):
            shop.run(after=SOON)
        assert shop.incoming() == [str(order)]


@pytest.mark.parametrize("stream", [Stream.ORDERS, Stream.DELIVERIES, Stream.DELIVERY_LINES])
@pytest.mark.parametrize("minutes", [50, 90])
def test_while_a_stream_is_refused_nothing_of_that_hour_is_missed(
    tmp_path: Path, stream: Stream, minutes: int
) -> None:
    labels = {**AUTOMATIC, "start_date": "2027-10-30"}
    with an_autumn_shop(tmp_path, -5 * HOUR, labels) as shop:
        shop.office.deliver(shop.place())
        shop.run(after=SOON)
        shop.sandbox.world.exact.refusals.refuse(LISTED[stream], status=403, sentence="Forbidden")
        shop.run(after=SOON)
        shop.clock.advance(AUTUMN - shop.clock() + minutes * MINUTE)
        shop.run()
        delivery = shop.office.deliver(shop.place())
        shop.run(after=25 * MINUTE)
        assert len(shop.lives_of(delivery)) == 1
