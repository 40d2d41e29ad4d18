from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from exactsend.sandbox.clock import wall_clock
from exactsend.sandbox.server import Sandbox
from exactsend.sandbox.starting_worlds import small_shop


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_shop(wall_clock)) as sandbox:
        yield sandbox
        assert sandbox.crashes == []


def ask(sandbox: Sandbox, action: str = "", *, method: str = "POST") -> tuple[int, str]:
    connection = HTTPConnection(sandbox.url.removeprefix("http://"))
    connection.request(method, f"/_sandbox/{action}")
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    return reply.status, text


def page(sandbox: Sandbox) -> str:
    return ask(sandbox, method="GET")[1]


def test_the_page_shows_the_orders_and_the_actions(sandbox: Sandbox) -> None:
    shown = page(sandbox)

    assert "  4711  open  to Oudegracht 231-A, Utrecht NL\n" in shown
    assert "  4717  open, not approved  to Witte de Withstraat 9, Rotterdam NL\n" in shown
    assert "Exact: goods deliveries\n  none\n" in shown
    assert f"curl -X POST '{sandbox.url}/_sandbox/deliver?order=4711'" in shown


def test_an_order_is_delivered(sandbox: Sandbox) -> None:
    assert ask(sandbox, "deliver?order=4711") == (200, "Goods delivery 20001 was made in Exact.\n")
    assert "  20001  of order 4711  no tracking number\n" in page(sandbox)


def test_a_part_of_an_order_is_delivered(sandbox: Sandbox) -> None:
    ask(sandbox, "deliver?order=4716&item=MUG&quantity=6")

    assert [line["QuantityDelivered"] for line in sandbox.office.delivery_lines(20001)] == [6]


def test_an_order_is_approved(sandbox: Sandbox) -> None:
    ask(sandbox, "approve?order=4717")

    assert sandbox.office.order(4717)["ApprovalStatus"] == 2


def test_an_order_is_cancelled(sandbox: Sandbox) -> None:
    ask(sandbox, "cancel?order=4712")

    assert "  4712  cancelled  " in page(sandbox)


def test_an_address_is_corrected(sandbox: Sandbox) -> None:
    ask(sandbox, "address?order=4715&line=Dorpsstraat%2012")

    assert "  4715  open  to Dorpsstraat 12, Bergen NL\n" in page(sandbox)


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("deliver", "order=… is missing"),
        ("deliver?order=x", "order must be a number, not 'x'"),
        ("deliver?order=1", "SalesOrders has no row with OrderNumber 1"),
        ("deliver?order=4717", "order 4717 is not approved, or is cancelled"),
        ("deliver?order=4711&item=MUG&quantity=many", "could not convert string to float: 'many'"),
        ("label?number=4711", "no incoming order 4711"),
        ("cancel-label?number=4711", "no live label for 4711"),
    ],
)
def test_what_can_not_be_done_is_refused_with_the_reason(sandbox: Sandbox, action: str, why: str) -> None:
    assert ask(sandbox, action) == (400, f"That can't be done: {why}\n")


def test_an_unknown_action_is_not_found(sandbox: Sandbox) -> None:
    assert ask(sandbox, "shred")[0] == 404


def test_a_get_does_nothing(sandbox: Sandbox) -> None:
    assert ask(sandbox, "deliver?order=4711", method="GET")[0] == 405
    assert sandbox.office.delivery_numbers() == []


def test_an_action_is_not_recorded_as_an_api_call(sandbox: Sandbox) -> None:
    ask(sandbox, "deliver?order=4711")

    assert sandbox.calls == []
