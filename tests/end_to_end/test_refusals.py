"""What one refused question, or one bad record, stops, and what goes on (S9, S13)."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from exactsend.errors import ExitStatus
from exactsend.sandbox import worlds
from exactsend.sandbox.clock import Clock
from exactsend.sandbox.exact.office import Office
from exactsend.sandbox.exact.refusals import Refusals
from exactsend.sandbox.world import World
from tests.end_to_end.shop import Shop, open_shop

SOON, HOUR = timedelta(minutes=5), timedelta(hours=1)
DELIVERIES = "salesorder/GoodsDeliveries"
WORDED = [
    (400, "The record is locked."),
    (403, "Forbidden"),
    (404, "Not found"),
    (500, "The record is in use."),
]


def refusals(shop: Shop) -> Refusals:
    return shop.sandbox.world.exact.refusals


def refuse_put(shop: Shop, deliveries: Iterable[int], status: int = 400, sentence: str = "Locked.") -> None:
    """Have Exact refuse to write onto these deliveries, for good."""
    for one in deliveries:
        refusals(shop).refuse(
            DELIVERIES, method="PUT", key=shop.delivery_id(one), status=status, sentence=sentence
        )


def refuse_sendcloud(shop: Shop, method: str, path: str, status: int = 403) -> None:
    """Have Sendcloud refuse these calls, for good, in words that name no field."""
    error = {"status": str(status), "code": "refused", "detail": "You do not have the right to this."}
    shop.sandbox.faults.answer_instead(
        method,
        path,
        status=status,
        text=json.dumps({"errors": [error]}),
        content_type="application/json",
        times=None,
        api="sendcloud",
    )


def refused_calls(shop: Shop, method: str, part: str) -> int:
    """How many calls of the last run were refused."""
    return sum(
        call.method == method and part in call.path and call.status in {400, 401, 403, 404}
        for call in shop.sandbox.calls_since(shop.mark)
    )


def deliver(shop: Shop, number: int) -> list[int]:
    """So many deliveries, in the order in which a run goes through them."""
    return sorted((shop.office.deliver(shop.place()) for _ in range(number)), key=shop.delivery_id)


# ── what only helps ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["shipping-options", "addresses/validate"])
def test_a_check_that_sendcloud_does_not_know_is_told_and_holds_up_nothing(shop: Shop, path: str) -> None:
    refuse_sendcloud(shop, "POST", f"/{path}", 403)
    shop.office.deliver(shop.place())
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.paid() == 1
    assert list(shop.memory.refused.questions) == [f"sendcloud POST {path}"]
    shop.sandbox.faults.clear()
    shop.clock.advance(timedelta(days=1))
    shop.office.deliver(shop.place())
    shop.run(after=SOON)
    assert shop.memory.refused.questions == {}


def test_labels_are_bought_although_the_division_was_never_read(tmp_path: Path) -> None:
    with open_shop(tmp_path, world=without_divisions) as shop:
        shop.office.deliver(shop.place())
        shop.run()
        assert shop.paid() == 1


def without_divisions(clock: Clock) -> World:
    world = worlds.empty(clock)
    world.exact.refusals.refuse("system/Divisions", status=403, sentence="Forbidden")
    office = Office(world.exact, division=worlds.DIVISION)
    office.add_item("MUG", "Enamel mug", weight=0.35)
    return world


def from_two_areas(clock: Clock) -> World:
    """Also sent from Great Britain, so that the sender addresses do not tell where the division lies."""
    world = without_divisions(clock)
    account = world.sendcloud.accounts[0]
    main, second = account.sender_addresses
    account.sender_addresses[:] = [main, replace(second, country_code="GB", postal_code="E1 6AN")]
    return world


def test_what_was_held_for_want_of_the_divisions_country_goes_on_once_it_is_known(
    tmp_path: Path,
) -> None:
    with open_shop(tmp_path, world=from_two_areas) as shop:
        shop.office.deliver(shop.place(warehouse=None))
        shop.run()
        assert shop.paid() == 0
        refusals(shop).lift()
        shop.run(after=HOUR)
        assert shop.paid() == 1
