"""Reads orders and deliveries whole, with the accounts, contacts, addresses and items that they refer to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from exactsend.domain.ids import DeliveryId, OrderId
from exactsend.domain.policy import Policy
from exactsend.domain.problems import Held
from exactsend.domain.store_protocol import JsonRecord
from exactsend.engine.optional_requests import NotAnswered
from exactsend.engine.plan.consignments import consignment_of_delivery
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import PointCheck, Snapshot
from exactsend.engine.unreadable_records import Due
from exactsend.errors import ApiError
from exactsend.exact.endpoints import (
    ACCOUNTS,
    ADDRESSES,
    CONTACTS,
    GOODS_DELIVERIES,
    ITEMS,
    SALES_ORDERS,
    SHIPPING_METHODS,
)
from exactsend.exact.models import GoodsDelivery, SalesOrder
from exactsend.exact.odata import Row
from exactsend.exact.query_results import ReadRows, UnreadableRow
from exactsend.http.messages import Json
from exactsend.sendcloud.models import SenderAddress
from exactsend.trade.consignment import ADDRESSES_OF, Directory, UnreadRecord
from exactsend.trade.customs_areas import territory_postal_code
from exactsend.trade.service_point import service_point_id

REQUEST_REFUSED = "{endpoint} is refused"


def with_deliveries(context: RunContext, snapshot: Snapshot, wanted: Sequence[DeliveryId]) -> Snapshot:
    """The snapshot with these deliveries. Missing ones are listed as gone, unreadable ones as unread."""
    found = _read_records(
        context,
        GOODS_DELIVERIES.path,
        wanted,
        lambda due: context.exact.deliveries(due.ask, numbers=snapshot.numbers, apart=due.apart),
    )
    read = {DeliveryId(row.entry_id): row for row in found.rows}
    return replace(
        snapshot,
        deliveries=read,
        gone_deliveries=frozenset(map(DeliveryId, found.gone(wanted, read))),
        unread_deliveries={DeliveryId(key): why for key, why in found.unread.items()},
    )


def with_orders(
    context: RunContext, snapshot: Snapshot, fresh: Mapping[OrderId, SalesOrder], wanted: Sequence[OrderId]
) -> Snapshot:
    """The snapshot with the orders already read, the wanted ones, and those of its deliveries."""
    fields = order_fields(context.policy)
    missing = [order for order in wanted if order not in fresh]
    found = _read_records(
        context,
        SALES_ORDERS.path,
        missing,
        lambda due: context.exact.orders(
            due.ask, numbers=snapshot.numbers, extra_fields=fields, apart=due.apart
        ),
    )
    orders = {**fresh, **{OrderId(row.order_id): row for row in found.rows}}
    gone = frozenset(map(OrderId, found.gone(missing, orders)))
    unread = {OrderId(key): why for key, why in found.unread.items()}
    known = {order.order_number for order in orders.values()}
    covered = {
        line.sales_order_number
        for delivery in snapshot.deliveries.values()
        for line in delivery.goods_delivery_lines or ()
    }
    lacking = [
        str(number) for number in sorted(number for number in covered if number and number not in known)
    ]
    also = _read_records(
        context,
        SALES_ORDERS.path,
        lacking,
        lambda due: context.exact.orders_by_number(
            [int(number) for number in due.ask], extra_fields=fields, apart=due.apart
        ),
    )
    orders |= {OrderId(row.order_id): row for row in also.rows}
    numbers = {int(number): why for number, why in also.unread.items()}
    return replace(snapshot, orders=orders, gone_orders=gone, unread_orders=unread, unread_numbers=numbers)


def _read_records(
    context: RunContext, path: str, wanted: Sequence[str], ask: Callable[[Due], ReadRows[Row]]
) -> ReadRows[Row]:
    """Read records, except those refused recently. If the request itself is refused, all of them wait."""
    due = context.set_aside.due(path, wanted)
    if not due.ask:
        return ReadRows((), due.unread)
    try:
        found = context.questions.ask("exact", f"GET {path}", lambda: ask(due))
    except NotAnswered as refused:
        waits = UnreadableRow(REQUEST_REFUSED.format(endpoint=refused.refused.endpoint), is_its_own=False)
        return ReadRows((), {**dict.fromkeys(due.ask, waits), **due.unread})
    unread = context.set_aside.note_read(path, due.ask, found.unread)
    return ReadRows(found.rows, {**unread, **due.unread})


def order_fields(policy: Policy) -> tuple[str, ...]:
    """Sales order fields named in the configuration."""
    return (policy.service_points.field,) if policy.service_points.enabled else ()


def item_fields(policy: Policy) -> tuple[str, ...]:
    """Item fields named in the configuration."""
    return tuple(
        value for value in (policy.customs.hs_code_field, policy.customs.country_of_origin_field) if value
    )


# ── what they refer to ───────────────────────────────────────────────────────────────────────────


def read_directory(context: RunContext, snapshot: Snapshot) -> Directory:
    """All accounts, contacts, addresses and items that the snapshot's orders and deliveries refer to."""
    if not snapshot.orders and not snapshot.deliveries:
        return Directory(division_currency=context.identity.currency)
    orders, deliveries = tuple(snapshot.orders.values()), tuple(snapshot.deliveries.values())
    exact, fields = context.exact, item_fields(context.policy)
    accounts = _read_records(
        context,
        ACCOUNTS.path,
        _accounts(orders, deliveries),
        lambda due: exact.accounts(due.ask, apart=due.apart),
    )
    contacts = _read_records(
        context,
        CONTACTS.path,
        _contacts(orders, deliveries),
        lambda due: exact.contacts(due.ask, apart=due.apart),
    )
    addresses = _read_records(
        context,
        ADDRESSES.path,
        _addresses(orders, deliveries),
        lambda due: exact.addresses(due.ask, apart=due.apart),
    )
    main_addresses = _read_records(
        context,
        ADDRESSES.path,
        _accounts_without_address(orders, deliveries),
        lambda due: exact.main_addresses_of(due.ask, apart=due.apart),
    )
    items = _read_records(
        context,
        ITEMS.path,
        _items(orders, deliveries),
        lambda due: exact.items(due.ask, extra_fields=fields, apart=due.apart),
    )
    return Directory(
        accounts={row.id: row for row in accounts.rows},
        contacts={row.id: row for row in contacts.rows},
        addresses={address.id: address for address in (*addresses.rows, *main_addresses.rows)},
        items={row.id: row for row in items.rows},
        shipping_method_codes=_method_codes(context),
        division_currency=context.identity.currency,
        unread={
            **_named("the account", accounts),
            **_named("the contact person", contacts),
            **_named("the address", addresses),
            **_named("the addresses of the account", main_addresses, of=ADDRESSES_OF),
            **_named("the item", items),
        },
    )


def _named(what: str, found: ReadRows[Row], of: str = "") -> dict[str, UnreadRecord]:
    return {f"{of}{key}": UnreadRecord(what, why) for key, why in found.unread.items()}


def _accounts(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    of_orders = [value for order in orders for value in (order.ordered_by, order.deliver_to)]
    return _ids([*of_orders, *(delivery.delivery_account for delivery in deliveries)])


def _contacts(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    of_orders = [
        value
        for order in orders
        for value in (order.ordered_by_contact_person, order.deliver_to_contact_person)
    ]
    return _ids([*of_orders, *(delivery.delivery_contact for delivery in deliveries)])


def _addresses(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    return _ids(
        [
            *(order.delivery_address for order in orders),
            *(delivery.delivery_address for delivery in deliveries),
        ]
    )


def _accounts_without_address(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    """Accounts whose own delivery address counts, because the order or delivery names none (T3)."""
    of_orders = [order.deliver_to or order.ordered_by for order in orders if not order.delivery_address]
    return _ids(
        [*of_orders, *(delivery.delivery_account for delivery in deliveries if not delivery.delivery_address)]
    )


def _items(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    ordered = [line.item for order in orders for line in order.sales_order_lines or ()]
    return _ids(
        [*ordered, *(line.item for delivery in deliveries for line in delivery.goods_delivery_lines or ())]
    )


def _ids(found: Iterable[str | None]) -> list[str]:
    return sorted({value for value in found if value})


def _method_codes(context: RunContext) -> dict[str, str]:
    """Exact's shipping method codes by id, read once a day if the configuration names any."""
    labels = context.policy.labels
    if not labels.shipping_methods and labels.unmapped_method == "default":
        return {}
    kept = context.records.cached("shipping_methods")
    if kept is None or kept.get("day") != context.now.date().isoformat():
        try:
            methods = context.questions.ask(
                "exact", f"GET {SHIPPING_METHODS.path}", context.exact.shipping_methods
            )
        except NotAnswered:
            methods = (
                None  # the last answer still holds; without one, orders and deliveries that need it wait
            )
        if methods is not None:
            codes = {method.id: method.code for method in methods}
            kept = {"day": context.now.date().isoformat(), "codes": dict(codes.items())}
            context.records.cache("shipping_methods", kept)
    codes_kept = kept["codes"] if kept else None
    return {key: str(code) for key, code in codes_kept.items()} if isinstance(codes_kept, dict) else {}


# ── what only Sendcloud knows ────────────────────────────────────────────────────────────────────


def read_senders(context: RunContext, snapshot: Snapshot) -> dict[int, SenderAddress]:
    """The sender addresses by id: where a parcel leaves from decides whether it needs customs data."""
    if not snapshot.orders and not snapshot.deliveries:
        return {}
    kept = context.records.cached("sender_addresses")
    try:
        found = context.questions.ask(
            "sendcloud", "GET addresses/sender-addresses", context.sendcloud.sender_addresses
        )
    except NotAnswered:
        rows = kept["rows"] if kept else []
        found = [SenderAddress.model_validate(row) for row in rows] if isinstance(rows, list) else []
    else:
        _keep_senders(context, found, kept)
    return {address.id: address for address in found}


def _keep_senders(context: RunContext, found: Sequence[SenderAddress], kept: JsonRecord | None) -> None:
    """Cache of each sender address what customs need: country, tax numbers, and the postal code if it is in a territory."""
    rows: list[Json] = [
        address.model_copy(
            update={"postal_code": territory_postal_code(address.country_code, address.postal_code)}
        ).model_dump(mode="json", include={"id", "country_code", "postal_code", "tax_numbers"})
        for address in found
    ]
    if kept is None or kept.get("rows") != rows:
        context.records.cache("sender_addresses", {"rows": rows})


def read_points(context: RunContext, snapshot: Snapshot) -> dict[str, PointCheck]:
    """Sendcloud's answers about the service points of deliveries whose labels may be bought (T10)."""
    if not context.policy.service_points.enabled:
        return {}
    wanted: set[str] = set()
    for delivery in snapshot.deliveries.values():
        if snapshot.orders_of(delivery) and _may_be_bought_for(snapshot, DeliveryId(delivery.entry_id)):
            wanted |= _point_of(snapshot, delivery)
    return {point: _check(context, point) for point in sorted(wanted)}


def _may_be_bought_for(snapshot: Snapshot, delivery: DeliveryId) -> bool:
    known = snapshot.records.delivery(delivery)
    return known is None or known.label is None or delivery in snapshot.asked


def _point_of(snapshot: Snapshot, delivery: GoodsDelivery) -> set[str]:
    try:
        point = service_point_id(consignment_of_delivery(snapshot, delivery), snapshot.policy)
    except Held:
        return set()
    return {point} if point else set()


def _check(context: RunContext, point: str) -> PointCheck:
    try:
        found = context.sendcloud.service_point(point)
        available = found is not None and context.sendcloud.service_point_is_available(point)
    except ApiError:
        return PointCheck(answered=False)
    return PointCheck(point=found, available=available)
