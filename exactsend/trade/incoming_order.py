"""Maps an order, or a delivery that waits for its label, to one of Sendcloud's incoming orders.

A person can still complete it in Sendcloud's panel, so what only a label needs (codes, origins, weights) may be
missing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from exactsend.domain.ids import IncomingRef
from exactsend.domain.policy import Policy
from exactsend.domain.problems import Code, Held, hold
from exactsend.http.messages import Json
from exactsend.trade.consignment import Consignment
from exactsend.trade.customs import customs_details, is_declared
from exactsend.trade.customs_items import known_origin, known_tariff_code
from exactsend.trade.pricing import Pricing, order_pricing
from exactsend.trade.recipient import Recipient, recipient
from exactsend.trade.sender import Area
from exactsend.trade.service_point import service_point_id
from exactsend.trade.shipping_option import Option, incoming_choice
from exactsend.trade.text import clean
from exactsend.trade.units import Pieces, count_pieces, declared_grams, total_of
from exactsend.trade.weight import parcel_grams, weight_number


def incoming_order_request(
    consignment: Consignment, policy: Policy, *, ref: IncomingRef, integration: int, sender: Area
) -> dict[str, Json]:
    """One element of the body of ``POST /orders``.

    Raises:
        Held: it cannot be mapped; the problem names what to correct in Exact.
    """
    if not consignment.goods:
        raise no_goods(consignment)
    to = recipient(consignment, policy)
    pricing = order_pricing(consignment)
    lines = [count_pieces(goods, pricing, policy.weight) for goods in consignment.goods]
    body: dict[str, Json] = {
        "order_id": ref,
        "order_number": clean(consignment.incoming_number) or str(consignment.order.order_number),
        "order_details": {
            "integration": {"id": integration},
            "status": _status(consignment),
            "order_created_at": _ordered_on(consignment),
            "order_items": [_item(line, pricing, policy) for line in lines],
        },
        "payment_details": _payment(lines, pricing),
        "customer_details": _customer(to),
        "shipping_address": to.body(),
        "shipping_details": _shipping(consignment, policy, lines),
    }
    if point := service_point_id(consignment, policy):
        body["service_point_details"] = {"id": point}
    if is_declared(sender, to):
        body["customs_details"] = customs_details(consignment, to, policy)
    return body


def no_goods(consignment: Consignment) -> Held:
    """The problem of a consignment without goods (T1)."""
    return hold(Code.NO_GOODS, {"name": consignment.name})


def _status(consignment: Consignment) -> Json:
    """The status that the panel shows; Sendcloud does not use it."""
    where = "Delivered in Exact, waits for its label" if consignment.delivery else "Open in Exact"
    return {"code": "open", "message": where}


def _ordered_on(consignment: Consignment) -> str:
    """The order date at midnight UTC: Exact's dates have no zone, and midnight is the same day in Europe and east of it."""
    order = consignment.order
    moment: datetime | None = order.order_date or order.created or order.modified
    if moment is None:
        raise hold(Code.ORDER_DATE_MISSING, {"number": str(order.order_number)})
    return f"{moment.date().isoformat()}T00:00:00Z"


def _item(pieces: Pieces, pricing: Pricing, policy: Policy) -> Json:
    item = pieces.goods.item
    fields: dict[str, Json] = {
        "item_id": pieces.goods.line_id,
        "name": pieces.description,
        "sku": clean(item.code) if item else "",
        "quantity": pieces.count,
        "total_price": pricing.number(pieces.total or Decimal(0)),
        "hs_code": known_tariff_code(item, policy.customs),
        "country_of_origin": known_origin(item, policy.customs),
    }
    if pieces.price is not None:
        fields["unit_price"] = pricing.number(pieces.price)
    if pieces.grams is not None:
        fields["measurement"] = {"weight": weight_number(pieces.grams)}
    return _filled(fields)


def _payment(lines: Sequence[Pieces], pricing: Pricing) -> Json:
    return {
        "total_price": pricing.number(total_of(lines)),
        "status": {"code": "unknown", "message": "Payment is handled in Exact"},
    }


def _customer(to: Recipient) -> Json:
    return _filled({"name": to.name, "email": to.email, "phone_number": to.phone})


def _shipping(consignment: Consignment, policy: Policy, lines: Sequence[Pieces]) -> dict[str, Json]:
    details: dict[str, Json] = {}
    choice = incoming_choice(consignment, policy)
    if isinstance(choice, Option):
        details["ship_with"] = choice.body()
    grams = parcel_grams(consignment.goods, policy.weight, declared=declared_grams(lines))
    if grams is not None:
        details["measurement"] = {"weight": weight_number(grams)}
    return details


def _filled(fields: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value != ""}
