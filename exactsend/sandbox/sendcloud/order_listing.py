"""`GET /orders`: filters, sorting and pages."""

from collections.abc import Callable, Mapping
from datetime import date
from operator import eq, ge, le
from typing import TypeAlias

from werkzeug import Response

from exactsend.sandbox.json_tree import text
from exactsend.sandbox.sendcloud.answers import order_answer
from exactsend.sandbox.sendcloud.call import ApiCall, answer_data
from exactsend.sandbox.sendcloud.paging import page
from exactsend.sandbox.sendcloud.records import Order
from exactsend.sandbox.sendcloud.refusals import wrong_parameter

OrderTest: TypeAlias = Callable[[Order], bool]


def list_orders(call: ApiCall) -> Response:
    """The orders of the account that match the filters, newest first unless sorted otherwise."""
    call.check_query("GET /orders")
    query = call.request.args
    tests = [_integration_test(call), *_plain_tests(query), *_date_tests(query)]
    known = call.world.orders(order_id=query.get("order_id"))
    wanted = [order for order in known if all(test(order) for test in tests)]
    rows, descending = _sorted(wanted, query.get("sort", "-pk"))
    found = page(call.request, rows, size=call.page_size(100), descending=descending)
    return answer_data([order_answer(order) for order in found.rows], headers=found.headers)


def _integration_test(call: ApiCall) -> OrderTest:
    """Whether an order belongs to the requested integrations; without a request, to any of the account."""
    own = {str(integration.integration_id) for integration in call.account.integrations}
    requested = set(filter(None, call.request.args.get("integration", "").split(",")))
    if unknown := sorted(requested - own):
        detail = f"Select a valid choice. {unknown[0]} is not one of the available choices."
        raise wrong_parameter("integration", detail, "invalid_choice")
    return lambda order: str(order.integration_id) in (requested or own)


def _plain_tests(query: Mapping[str, str]) -> list[OrderTest]:
    """The tests that ignore case."""
    fields: dict[str, Callable[[Order], str]] = {
        "order_number": lambda order: order.order_number,
        "order_id": lambda order: order.order_id,
        "status": lambda order: text(order.body, "order_details", "status", "code"),
    }
    return [_same(value_of, query[name]) for name, value_of in fields.items() if name in query]


def _same(value_of: Callable[[Order], str], wanted: str) -> OrderTest:
    return lambda order: value_of(order).lower() == wanted.lower()


def _date_tests(query: Mapping[str, str]) -> list[OrderTest]:
    """The tests of the shop's own dates."""
    return [
        _on(field, fits, _day(query[parameter], parameter))
        for field in ("order_created_at", "order_updated_at")
        for parameter, fits in ((field, eq), (f"{field}_min", ge), (f"{field}_max", le))
        if parameter in query
    ]


def _on(field: str, fits: Callable[[date, date], bool], limit: date) -> OrderTest:
    def test(order: Order) -> bool:
        value = text(order.body, "order_details", field)
        return bool(value) and fits(date.fromisoformat(value[:10]), limit)

    return test


def _day(value: str, parameter: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as wrong:
        raise wrong_parameter(parameter, "Enter a valid date.") from wrong


_SORT_KEYS: Mapping[str, Callable[[Order], str]] = {
    "pk": lambda order: f"{order.pk:012d}",
    "integration": lambda order: f"{order.integration_id:012d}",
    "order_number": lambda order: order.order_number,
    "order_created_at": lambda order: text(order.body, "order_details", "order_created_at"),
    "order_updated_at": lambda order: text(order.body, "order_details", "order_updated_at"),
}


def _sorted(orders: list[Order], sort: str) -> tuple[list[tuple[str, Order]], bool]:
    """Rows sorted by the first known field; without one, newest first."""
    chosen = next((name for name in sort.split(",") if name.lstrip("-") in _SORT_KEYS), "-pk")
    descending = chosen.startswith("-")
    rows = [(_SORT_KEYS[chosen.lstrip("-")](order), order) for order in orders]
    return sorted(rows, key=lambda row: row[0], reverse=descending), descending
