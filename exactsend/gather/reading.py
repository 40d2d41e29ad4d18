"""Read whole what is to be decided about: deliveries, their orders, and the accounts, addresses and items these refer to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from exactsend.domain.ids import DeliveryId, OrderId
from exactsend.domain.policy import Policy
from exactsend.domain.problems import Held
from exactsend.errors import ApiError
from exactsend.exact.models import GoodsDelivery, SalesOrder
from exactsend.facts import Directory
from exactsend.gather.sources import Sources
from exactsend.mapping.service_point import service_point_id
from exactsend.plan.consignments import consignment_of_delivery
from exactsend.sendcloud.models import SenderAddress
from exactsend.snapshot import PointCheck, Snapshot


def with_deliveries(sources: Sources, snapshot: Snapshot, wanted: Sequence[DeliveryId]) -> Snapshot:
    """The snapshot with these deliveries, whole; those that Exact no longer has are named as gone."""
    found = sources.exact.deliveries(wanted) if wanted else []
    read = {DeliveryId(one.entry_id): one for one in found}
    return replace(snapshot, deliveries=read, gone_deliveries=frozenset(set(wanted) - set(read)))


def with_orders(
    sources: Sources, snapshot: Snapshot, fresh: Mapping[OrderId, SalesOrder], wanted: Sequence[OrderId]
) -> Snapshot:
    """The snapshot with the orders that were read already, those wanted, and those that its deliveries cover."""
    fields = order_fields(sources.policy)
    missing = [one for one in wanted if one not in fresh]
    found = sources.exact.orders(missing, extra_fields=fields) if missing else []
    orders = {**fresh, **{OrderId(one.order_id): one for one in found}}
    known = {order.order_number for order in orders.values()}
    covered = {
        line.sales_order_number
        for one in snapshot.deliveries.values()
        for line in one.goods_delivery_lines or ()
    }
    lacking = sorted(number for number in covered if number and number not in known)
    also = sources.exact.orders_by_number(lacking, extra_fields=fields) if lacking else []
    gone = frozenset(one for one in missing if one not in orders)
    orders |= {OrderId(one.order_id): one for one in also}
    return replace(snapshot, orders=orders, gone_orders=gone)


def order_fields(policy: Policy) -> tuple[str, ...]:
    """Fields of a sales order that the configuration names."""
    return (policy.service_points.field,) if policy.service_points.enabled else ()


def item_fields(policy: Policy) -> tuple[str, ...]:
    """Fields of an item that the configuration names."""
    return tuple(one for one in (policy.customs.hs_code_field, policy.customs.country_of_origin_field) if one)


# ── what they refer to ───────────────────────────────────────────────────────────────────────────


def read_directory(sources: Sources, snapshot: Snapshot) -> Directory:
    """Every account, contact, address and item that the snapshot's orders and deliveries refer to."""
    if not snapshot.orders and not snapshot.deliveries:
        return Directory(division_currency=sources.identity.currency)
    orders, deliveries = tuple(snapshot.orders.values()), tuple(snapshot.deliveries.values())
    exact = sources.exact
    accounts = exact.accounts(_accounts(orders, deliveries))
    contacts = exact.contacts(_contacts(orders, deliveries))
    addresses = exact.addresses(_addresses(orders, deliveries))
    if without := _accounts_without_address(orders, deliveries):
        addresses = [*addresses, *exact.main_addresses_of(without)]
    items = exact.items(_items(orders, deliveries), extra_fields=item_fields(sources.policy))
    return Directory(
        accounts={one.id: one for one in accounts},
        contacts={one.id: one for one in contacts},
        addresses={one.id: one for one in addresses},
        items={one.id: one for one in items},
        shipping_method_codes=_method_codes(sources),
        division_currency=sources.identity.currency,
    )


def _accounts(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    of_orders = [one for order in orders for one in (order.ordered_by, order.deliver_to)]
    return _ids([*of_orders, *(one.delivery_account for one in deliveries)])


def _contacts(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    of_orders = [
        one for order in orders for one in (order.ordered_by_contact_person, order.deliver_to_contact_person)
    ]
    return _ids([*of_orders, *(one.delivery_contact for one in deliveries)])


def _addresses(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    return _ids([*(one.delivery_address for one in orders), *(one.delivery_address for one in deliveries)])


def _accounts_without_address(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    """Accounts whose own delivery address counts, since the order or delivery names none (T3)."""
    of_orders = [one.deliver_to or one.ordered_by for one in orders if not one.delivery_address]
    return _ids([*of_orders, *(one.delivery_account for one in deliveries if not one.delivery_address)])


def _items(orders: Sequence[SalesOrder], deliveries: Sequence[GoodsDelivery]) -> list[str]:
    ordered = [line.item for order in orders for line in order.sales_order_lines or ()]
    return _ids([*ordered, *(line.item for one in deliveries for line in one.goods_delivery_lines or ())])


def _ids(found: Iterable[str | None]) -> list[str]:
    return sorted({one for one in found if one})


def _method_codes(sources: Sources) -> dict[str, str]:
    """Exact's shipping method ids and codes, read once a day, and only where the configuration names codes."""
    labels = sources.policy.labels
    if not labels.shipping_methods and labels.unmapped_method == "default":
        return {}
    kept = sources.memory.cached("shipping_methods")
    if kept is None or kept.get("day") != sources.now.date().isoformat():
        codes = {method.id: method.code for method in sources.exact.shipping_methods()}
        kept = {"day": sources.now.date().isoformat(), "codes": dict(codes.items())}
        sources.memory.cache("shipping_methods", kept)
    codes_kept = kept["codes"]
    return {key: str(code) for key, code in codes_kept.items()} if isinstance(codes_kept, dict) else {}


# ── what only Sendcloud knows ────────────────────────────────────────────────────────────────────


def read_senders(sources: Sources, snapshot: Snapshot) -> dict[int, SenderAddress]:
    """The sender addresses: where a parcel leaves from decides whether customs are needed."""
    if not snapshot.orders and not snapshot.deliveries:
        return {}
    return {one.id: one for one in sources.sendcloud.sender_addresses()}


def read_points(sources: Sources, snapshot: Snapshot) -> dict[str, PointCheck]:
    """What Sendcloud says of the service points of deliveries that may be bought for (T10)."""
    if not sources.policy.service_points.enabled:
        return {}
    wanted: set[str] = set()
    for delivery in snapshot.deliveries.values():
        if snapshot.orders_of(delivery) and _may_be_bought_for(snapshot, DeliveryId(delivery.entry_id)):
            wanted |= _point_of(snapshot, delivery)
    return {point: _check(sources, point) for point in sorted(wanted)}


def _may_be_bought_for(snapshot: Snapshot, delivery: DeliveryId) -> bool:
    known = snapshot.memory.delivery(delivery)
    return known is None or known.label is None or delivery in snapshot.asked


def _point_of(snapshot: Snapshot, delivery: GoodsDelivery) -> set[str]:
    try:
        point = service_point_id(consignment_of_delivery(snapshot, delivery), snapshot.policy)
    except Held:
        return set()
    return {point} if point else set()


def _check(sources: Sources, point: str) -> PointCheck:
    try:
        found = sources.sendcloud.service_point(point)
        available = found is not None and sources.sendcloud.service_point_is_available(point)
    except ApiError:
        return PointCheck(answered=False)
    return PointCheck(point=found, available=available)
