"""What one refused question, or one bad record, stops, and what goes on (S9, S13)."""

import json
from collections.abc import Iterable
from datetime import timedelta

import pytest

from exactsend.errors import ExitStatus
from exactsend.sandbox.exact.refusals import Refusals
from tests.end_to_end.shop import Shop

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
