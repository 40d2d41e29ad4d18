"""Questions about incoming orders: does a shorter list replace the longer, and what becomes of one that was shipped."""

from collections.abc import Callable, Iterator

from exactsend.domain.ids import OrderId, order_incoming_ref, parse_reference
from exactsend.domain.probe_findings import ProbeIncomingOrder
from exactsend.domain.problems import Held
from exactsend.engine.gather.run import gather_number
from exactsend.engine.plan.consignments import consignment_of_order
from exactsend.errors import Refused
from exactsend.exact.models import SalesOrder
from exactsend.http.messages import Json
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding
from exactsend.operations.probe.reference_probes import NUMBER
from exactsend.sendcloud import refusals, wire
from exactsend.sendcloud.models import SenderAddress, Shipment
from exactsend.trade.incoming_order import incoming_order_request

_LOOKS, _SECONDS = 20, 3.0


def ask_about_lists(bench: ProbeContext) -> Iterator[ProbeFinding]:
    """Send an entry with two lines, then with one, and count what stands."""
    question = "shorter_list"
    senders = bench.services.sendcloud.sender_addresses()
    if not senders:
        yield ProbeFinding(question, "", "Sendcloud has no sender address to send an entry to")
        return
    bench.tell("sending an incoming order with two lines, then with one")
    entry = ProbeIncomingOrder(order_id=bench.entry)
    bench.intend_entry(entry)
    _pushed(bench, _body(bench, senders[0], lines=2))
    if _seen(bench, lambda lines: lines == 2) is None:  # noqa: PLR2004 - as many as were sent
        yield ProbeFinding(question, "", "the entry was not stored within a minute")
        return
    _pushed(bench, _body(bench, senders[0], lines=1))
    if _seen(bench, lambda lines: lines == 1) is None:
        yield ProbeFinding(question, "kept", "a line that is missing from the later list still stands")
    else:
        yield ProbeFinding(question, "replaced", "the later list stands alone")


def _seen(bench: ProbeContext, fits: Callable[[int], bool]) -> int | None:
    """The number of lines that stand, once it is the one that is waited for; None after a minute."""
    for _ in range(_LOOKS):
        stored = bench.services.sendcloud.stored_order(bench.entry, integration=bench.integration)
        order = bench.services.sendcloud.order(stored.id) if stored else None
        if order and fits(len(order.order_details.order_items)):
            return len(order.order_details.order_items)
        bench.wait(_SECONDS)
    return None


def _pushed(bench: ProbeContext, body: dict[str, Json]) -> None:
    """Push an entry; while an earlier push of it is still being worked on, wait."""
    for _ in range(_LOOKS):
        try:
            bench.services.sendcloud.push_orders(wire.push_orders([body]))
        except Refused as refused:
            if not any(refusals.is_still_processing(problem) for problem in refused.problems):
                raise
            bench.wait(_SECONDS)
        else:
            return


def _body(bench: ProbeContext, to: SenderAddress, *, lines: int) -> dict[str, Json]:
    price: dict[str, Json] = {"value": 1.0, "currency": "EUR"}
    items: list[Json] = [
        {
            "item_id": f"line-{line}",
            "name": f"exactsend probe, line {line}",
            "quantity": 1,
            "total_price": price,
        }
        for line in range(1, lines + 1)
    ]
    return {
        "order_id": bench.entry,
        "order_number": NUMBER,
        "order_details": {
            "integration": {"id": bench.integration},
            "status": {"code": "open", "message": "A probe of exactsend; it goes by itself"},
            "order_created_at": f"{bench.clock():%Y-%m-%d}T00:00:00Z",
            "order_items": items,
        },
        "payment_details": {"total_price": price, "status": {"code": "unknown"}},
        "shipping_address": {
            "name": "exactsend probe",
            "address_line_1": to.address_line_1 or to.city,
            "postal_code": to.postal_code,
            "city": to.city,
            "country_code": to.country_code,
        },
    }


# ── an order that was shipped in the panel ───────────────────────────────────────────────────────


def ask_about_the_panel(bench: ProbeContext, number: int) -> Iterator[ProbeFinding]:
    """Does a label made in the panel show under our keys; may its entry be sent again."""
    question = "panel_label"
    sendcloud = bench.services.sendcloud
    own = _by_hand(sendcloud.shipments_with_number(str(number), integration=bench.integration))
    anywhere = _by_hand(sendcloud.shipments_with_number(str(number)))
    if own:
        yield ProbeFinding(
            question, "shown", "a label made in the panel shows under the keys of this integration"
        )
    elif anywhere:
        yield ProbeFinding(
            question, "not_shown", "a label made in the panel shows, and not under this integration"
        )
    else:
        yield ProbeFinding(question, "", f"there is no label for {number} that was made in the panel")
        return
    yield _shipped_again(bench, number)


def _by_hand(shipments: tuple[Shipment, ...]) -> list[Shipment]:
    return [
        shipment
        for shipment in shipments
        if shipment.is_live and not parse_reference(shipment.external_reference_id)
    ]


def _shipped_again(bench: ProbeContext, number: int) -> ProbeFinding:
    question = "shipped_order_again"
    found = [
        row for row in bench.services.exact.orders_by_number([number]).rows if row.order_number == number
    ]
    if not found:
        return ProbeFinding(question, "", f"Exact has no order {number}")
    body = _entry_of(bench, found[0])
    ref = order_incoming_ref(bench.division, OrderId(found[0].order_id))
    before = bench.services.sendcloud.stored_order(ref, integration=bench.integration)
    if body is None or before is None:
        return ProbeFinding(
            question, "", "its entry is gone, or all of it is delivered: name an order that is open"
        )
    bench.tell(f"sending the entry of order {number} again")
    entry = ProbeIncomingOrder(order_id=ref, stays=(before.id,))
    try:
        pushed = bench.services.request_log.record_and_send(
            "",
            wire.push_orders([body]),
            bench.services.sendcloud.push_orders,
            intent=lambda: bench.intend_entry(entry),
        )
    except Refused as refused:
        bench.entry_is_gone(entry)
        return ProbeFinding(question, "refused", f"{refused.http_status}")
    if any(stored_entry.id != before.id for stored_entry in pushed):
        return ProbeFinding(question, "recreated", "another incoming order was made, which is deleted again")
    bench.entry_is_gone(entry)
    return ProbeFinding(
        question,
        "accepted",
        "the entry was brought up to date; look in the panel whether it stands among the incoming orders again",
    )


def _entry_of(bench: ProbeContext, order: SalesOrder) -> dict[str, Json] | None:
    """The very body that a sync would send."""
    snapshot = gather_number(bench.context, order.order_number)
    ref = order_incoming_ref(bench.division, OrderId(order.order_id))
    consignment = consignment_of_order(snapshot, snapshot.orders[OrderId(order.order_id)])
    try:
        return incoming_order_request(
            consignment,
            snapshot.policy,
            ref=ref,
            integration=bench.integration,
            sender=snapshot.sender_of(consignment),
        )
    except Held:
        return None
