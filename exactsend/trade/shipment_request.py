"""Maps a delivery to the request that buys its label.

There are three ways, by the operator's decision and the warehouse (Sendcloud, Shipments API v3):

- an option and a mapped sender address: ``/shipments/announce``, which requires both;
- an option without a mapped sender address: the call with shipping rules, with the rules switched off, so that they can't
  replace the option, and the defaults on. Only this call may leave out the sender. If Sendcloud has no default sender
  address it refuses; mapping the warehouse corrects that;
- no option: the call with shipping rules and defaults, which choose one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from exactsend.domain.ids import Reference
from exactsend.domain.policy import Policy
from exactsend.domain.problems import Code, Held, hold
from exactsend.http.messages import Json
from exactsend.trade.consignment import Consignment
from exactsend.trade.customs import customs_information, is_declared
from exactsend.trade.customs_items import declared_items, undeclared_items
from exactsend.trade.incoming_order import no_goods
from exactsend.trade.phone_format import carrier_format
from exactsend.trade.pricing import shipment_pricing
from exactsend.trade.recipient import Recipient, recipient
from exactsend.trade.sender import Area, sender_address_id
from exactsend.trade.service_point import service_point_id
from exactsend.trade.shipping_option import ByRules, NotShipped, Option, shipping_choice
from exactsend.trade.text import clean
from exactsend.trade.units import Pieces, count_pieces, declared_grams, total_of
from exactsend.trade.weight import parcel_grams, weight_text


@dataclass(frozen=True)
class LabelRequest:
    """The body that buys a label, and which of the two calls takes it."""

    body: dict[str, Json]
    with_rules: bool
    """``/shipments/announce-with-shipping-rules`` instead of ``/shipments/announce``."""


def shipment_request(
    consignment: Consignment, policy: Policy, *, reference: Reference, sender: Area
) -> LabelRequest:
    """The request that buys the consignment's label.

    Raises:
        Held: it cannot be mapped, or is not shipped; the problem names what to correct.
    """
    choice = shipping_choice(consignment, policy)
    if isinstance(choice, NotShipped):
        raise _not_shipped(consignment)
    if not consignment.goods:
        raise no_goods(consignment)
    to = recipient(consignment, policy)
    pricing = shipment_pricing(consignment)
    lines = [count_pieces(goods, pricing, policy.weight) for goods in consignment.goods]
    body: dict[str, Json] = {
        "to_address": _with_carrier_phone(to, choice).body(),
        "order_number": clean(consignment.incoming_number) or str(consignment.order.order_number),
        "external_reference_id": reference,
        "label_details": {"mime_type": "application/pdf", "dpi": 72},
    }
    if pricing is not None and total_of(lines):
        body["total_order_price"] = pricing.text(total_of(lines))
    if is_declared(sender, to):
        body["customs_information"] = customs_information(consignment, to, policy, sender)
        items = declared_items(lines, consignment, policy.customs, pricing)
    else:
        items = undeclared_items(lines, policy.customs, pricing)
    if point := service_point_id(consignment, policy):
        body["to_service_point"] = {"id": point}
    body["parcels"] = [_parcel(consignment, policy, lines, items, weight_needed=isinstance(choice, Option))]
    return _with_sender(
        body, choice if isinstance(choice, Option) else None, sender_address_id(consignment, policy)
    )


def _with_carrier_phone(to: Recipient, choice: Option | ByRules) -> Recipient:
    """With the phone number in the carrier's format, if the carrier is known."""
    return replace(to, phone=carrier_format(choice.carrier, to.phone)) if isinstance(choice, Option) else to


def _with_sender(body: dict[str, Json], option: Option | None, sender_address: int | None) -> LabelRequest:
    """With sender and shipping option, for the call that fits."""
    if sender_address is not None:
        body["from_address"] = {"sender_address_id": sender_address}
    if option is None:
        return LabelRequest(
            {**body, "apply_shipping_rules": True, "apply_shipping_defaults": True}, with_rules=True
        )
    body["ship_with"] = option.body()
    if sender_address is not None:
        return LabelRequest(body, with_rules=False)
    return LabelRequest(
        {**body, "apply_shipping_rules": False, "apply_shipping_defaults": True}, with_rules=True
    )


def _parcel(
    consignment: Consignment,
    policy: Policy,
    lines: Sequence[Pieces],
    items: list[Json],
    *,
    weight_needed: bool,
) -> Json:
    grams = parcel_grams(consignment.goods, policy.weight, declared=declared_grams(lines) if items else 0)
    parcel: dict[str, Json] = {}
    if grams is not None:
        parcel["weight"] = weight_text(grams)
    elif weight_needed:
        raise _weight_missing(consignment)
    if items:
        parcel["parcel_items"] = items
    return parcel


def _not_shipped(consignment: Consignment) -> Held:
    return hold(Code.NOT_SHIPPED, {"name": consignment.name})


def _weight_missing(consignment: Consignment) -> Held:
    return hold(Code.WEIGHT_MISSING, {"name": consignment.name})
