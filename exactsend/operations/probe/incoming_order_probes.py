"""Probes of incoming orders: whether a shorter list of lines replaces a longer one, and what happens to one that was shipped."""

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

_ATTEMPTS, _SECONDS_BETWEEN = 20, 3.0


def probe_shorter_list(context: ProbeContext) -> Iterator[ProbeFinding]:
    """Send an incoming order with two lines, then with one, and count the lines that Sendcloud stores."""
    question = "shorter_list"
    senders = context.services.sendcloud.sender_addresses()
    if not senders:
        yield ProbeFinding(question, "", "Sendcloud has no sender address to use for an incoming order")
        return
    context.report_progress("sending an incoming order with two lines, then with one")
    entry = ProbeIncomingOrder(order_id=context.order_id)
    context.record_order_intent(entry)
    _push(context, _order_with_lines(context, senders[0], lines=2))
    if _wait_for_lines(context, lambda lines: lines == 2) is None:  # noqa: PLR2004 - as many as were sent
        yield ProbeFinding(question, "", "Sendcloud did not store the incoming order within a minute")
        return
    _push(context, _order_with_lines(context, senders[0], lines=1))
    if _wait_for_lines(context, lambda lines: lines == 1) is None:
        yield ProbeFinding(question, "kept", "a line that is missing from the later list is still there")
    else:
        yield ProbeFinding(question, "replaced", "only the later list is there")


def _wait_for_lines(context: ProbeContext, fits: Callable[[int], bool]) -> int | None:
    """The number of stored lines, once it fits; None after a minute."""
    for _ in range(_ATTEMPTS):
        stored = context.services.sendcloud.stored_order(context.order_id, integration=context.integration)
        order = context.services.sendcloud.order(stored.id) if stored else None
        if order and fits(len(order.order_details.order_items)):
            return len(order.order_details.order_items)
        context.wait(_SECONDS_BETWEEN)
    return None


def _push(context: ProbeContext, body: dict[str, Json]) -> None:
    """Push an incoming order; wait while Sendcloud still processes an earlier push of it."""
    for _ in range(_ATTEMPTS):
        try:
            context.services.sendcloud.push_orders(wire.push_orders([body]))
        except Refused as refused:
            if not any(refusals.is_still_processing(problem) for problem in refused.problems):
                raise
            context.wait(_SECONDS_BETWEEN)
        else:
            return


def _order_with_lines(context: ProbeContext, to: SenderAddress, *, lines: int) -> dict[str, Json]:
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
        "order_id": context.order_id,
        "order_number": NUMBER,
        "order_details": {
            "integration": {"id": context.integration},
            "status": {"code": "open", "message": "A probe of exactsend, which deletes it again"},
            "order_created_at": f"{context.clock():%Y-%m-%d}T00:00:00Z",
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


def probe_panel_label(context: ProbeContext, number: int) -> Iterator[ProbeFinding]:
    """Whether our keys show a label made in the panel, and whether its incoming order can be sent again."""
    question = "panel_label"
    sendcloud = context.services.sendcloud
    own = _panel_labels(sendcloud.shipments_with_number(str(number), integration=context.integration))
    anywhere = _panel_labels(sendcloud.shipments_with_number(str(number)))
    if own:
        yield ProbeFinding(question, "shown", "the keys of this integration show a label made in the panel")
    elif anywhere:
        yield ProbeFinding(
            question, "not_shown", "a label made in the panel shows, but not under this integration"
        )
    else:
        yield ProbeFinding(question, "", f"no label for order {number} was made in the panel")
        return
    yield _probe_shipped_order(context, number)


def _panel_labels(shipments: tuple[Shipment, ...]) -> list[Shipment]:
    return [
        shipment
        for shipment in shipments
        if shipment.is_live and not parse_reference(shipment.external_reference_id)
    ]


def _probe_shipped_order(context: ProbeContext, number: int) -> ProbeFinding:
    question = "shipped_order_again"
    found = [
        row for row in context.services.exact.orders_by_number([number]).rows if row.order_number == number
    ]
    if not found:
        return ProbeFinding(question, "", f"Exact has no order {number}")
    body = _sync_body(context, found[0])
    ref = order_incoming_ref(context.division, OrderId(found[0].order_id))
    before = context.services.sendcloud.stored_order(ref, integration=context.integration)
    if body is None or before is None:
        return ProbeFinding(
            question, "", "its incoming order is gone, or it is delivered in full: name an open order"
        )
    context.report_progress(f"sending the incoming order of order {number} again")
    return _send_again(context, body, ProbeIncomingOrder(order_id=ref, stays=(before.id,)))


def _send_again(context: ProbeContext, body: dict[str, Json], entry: ProbeIncomingOrder) -> ProbeFinding:
    question = "shipped_order_again"
    try:
        pushed = context.services.request_log.record_and_send(
            "",
            wire.push_orders([body]),
            context.services.sendcloud.push_orders,
            intent=lambda: context.record_order_intent(entry),
        )
    except Refused as refused:
        context.record_order_gone(entry)
        return ProbeFinding(question, "refused", f"{refused.http_status}")
    if any(order.id not in entry.stays for order in pushed):
        return ProbeFinding(
            question, "recreated", "Sendcloud created another incoming order, which the probe deletes"
        )
    context.record_order_gone(entry)
    return ProbeFinding(
        question,
        "accepted",
        "Sendcloud updated the incoming order; check in the panel whether it is among the incoming orders again",
    )


def _sync_body(context: ProbeContext, order: SalesOrder) -> dict[str, Json] | None:
    """The body that a sync would send; None if it would send none."""
    snapshot = gather_number(context.run, order.order_number)
    ref = order_incoming_ref(context.division, OrderId(order.order_id))
    consignment = consignment_of_order(snapshot, snapshot.orders[OrderId(order.order_id)])
    try:
        return incoming_order_request(
            consignment,
            snapshot.policy,
            ref=ref,
            integration=context.integration,
            sender=snapshot.sender_of(consignment),
        )
    except Held:
        return None
