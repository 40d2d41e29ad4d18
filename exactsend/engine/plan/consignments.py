"""Makes consignments from orders and deliveries: which incoming order each owns, and what each parcel holds (S1). Pure."""

from collections.abc import Sequence

from exactsend.domain.ids import DeliveryId, IncomingRef, OrderId, delivery_incoming_ref, order_incoming_ref
from exactsend.domain.records import Watch
from exactsend.engine.plan.actions import Subject
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import COMPLETE, GoodsDelivery, SalesOrder
from exactsend.http.messages import Json
from exactsend.trade.consignment import Consignment
from exactsend.trade.fingerprint import recipient_fingerprints
from exactsend.trade.goods import covers_in_full, delivery_goods, order_goods
from exactsend.trade.incoming_order import incoming_order_request
from exactsend.trade.recipient import recipient


def consignment_of_order(snapshot: Snapshot, order: SalesOrder) -> Consignment:
    """What of an order is not delivered yet."""
    return Consignment(
        incoming_number=str(order.order_number),
        orders=(order,),
        goods=order_goods(order, snapshot.directory),
        directory=snapshot.directory,
    )


def consignment_of_delivery(snapshot: Snapshot, delivery: GoodsDelivery) -> Consignment:
    """A delivery with its orders.

    A delivery of several orders has the lowest order number.
    """
    orders = snapshot.orders_of(delivery)
    number = str(orders[0].order_number)
    if not is_whole_order(snapshot, delivery, orders):
        number = f"{number}/{delivery.delivery_number}"
    return Consignment(
        incoming_number=number,
        orders=orders,
        goods=delivery_goods(delivery, orders, snapshot.directory),
        directory=snapshot.directory,
        delivery=delivery,
    )


def is_whole_order(snapshot: Snapshot, delivery: GoodsDelivery, orders: Sequence[SalesOrder]) -> bool:
    """Whether the delivery delivers exactly one order in full: then it takes over that order's incoming order."""
    return len(orders) == 1 and covers_in_full(delivery, orders[0], snapshot.directory)


def incoming_ref(snapshot: Snapshot, delivery: GoodsDelivery) -> IncomingRef:
    """The incoming order that a delivery owns."""
    orders = snapshot.orders_of(delivery)
    division = snapshot.identity.division
    if is_whole_order(snapshot, delivery, orders):
        return order_incoming_ref(division, OrderId(orders[0].order_id))
    return delivery_incoming_ref(division, DeliveryId(delivery.entry_id))


def incoming_order_body(snapshot: Snapshot, consignment: Consignment, ref: IncomingRef) -> dict[str, Json]:
    """The body of the incoming order as it would be sent now.

    Raises:
        Held: it can't be made; the problem says why.
    """
    return incoming_order_request(
        consignment,
        snapshot.policy,
        ref=ref,
        integration=snapshot.identity.integration,
        sender=snapshot.sender_of(consignment),
    )


def recipient_parts(snapshot: Snapshot, consignment: Consignment) -> dict[str, str]:
    """Keyed fingerprints of an incoming order's recipient, to recognise a label made from it (S4)."""
    return recipient_fingerprints(snapshot.fingerprint_key, recipient(consignment, snapshot.policy))


def is_delivered(snapshot: Snapshot, order: SalesOrder) -> bool:
    """Whether all goods of the order are delivered."""
    if order_goods(order, snapshot.directory):
        return False
    return (
        any((line.quantity_delivered or 0) > 0 for line in order.sales_order_lines or ())
        or order.status == COMPLETE
    )


def order_subject(order: SalesOrder, *, division: str = "") -> Subject:
    """The order as an action's subject."""
    return Subject(order_id=OrderId(order.order_id), order_numbers=(order.order_number,), division=division)


def delivery_subject(snapshot: Snapshot, delivery: GoodsDelivery) -> Subject:
    """The delivery as an action's subject."""
    return Subject(
        delivery_id=DeliveryId(delivery.entry_id),
        order_numbers=tuple(order.order_number for order in snapshot.orders_of(delivery)),
        delivery_number=delivery.delivery_number,
        division=snapshot.identity.called,
    )


def watch_of(consignment: Consignment) -> Watch:
    """The Exact records that a decision about this consignment depends on."""
    accounts, contacts, addresses = set[str](), set[str](), set[str]()
    for order in consignment.orders:
        accounts |= _present(order.ordered_by, order.deliver_to)
        contacts |= _present(order.ordered_by_contact_person, order.deliver_to_contact_person)
        addresses |= _present(order.delivery_address)
    if (delivery := consignment.delivery) is not None:
        accounts |= _present(delivery.delivery_account)
        contacts |= _present(delivery.delivery_contact)
        addresses |= _present(delivery.delivery_address)
    addresses |= {
        address.id for address in consignment.directory.addresses.values() if address.account in accounts
    }
    items = {goods.item.id for goods in consignment.goods if goods.item is not None}
    return Watch(
        accounts=tuple(sorted(accounts)),
        contacts=tuple(sorted(contacts)),
        addresses=tuple(sorted(addresses)),
        items=tuple(sorted(items)),
    )


def _present(*ids: str | None) -> set[str]:
    return {value for value in ids if value}
