"""Ids as distinct types, and the references that this program makes from them. No I/O."""

import re
from typing import NewType

Division = NewType("Division", int)
"""Exact's division number, the one in the URLs."""
OrderId = NewType("OrderId", str)
"""Exact's OrderID: a GUID in lower case."""
DeliveryId = NewType("DeliveryId", str)
"""Exact's EntryID of a goods delivery: a GUID in lower case."""
ShipmentId = NewType("ShipmentId", str)
"""Sendcloud's shipment id: opaque text."""
IncomingRef = NewType("IncomingRef", str)
"""Our ``order_id`` of one of Sendcloud's incoming orders."""
Reference = NewType("Reference", str)
"""Our ``external_reference_id`` of one attempt to buy a label: Sendcloud refuses to use one twice."""


def order_incoming_ref(division: Division, order: OrderId) -> IncomingRef:
    """The incoming order of an order that is not delivered, or delivered in full by one delivery (S1)."""
    return IncomingRef(f"exact-{division}-o-{order}")


def delivery_incoming_ref(division: Division, delivery: DeliveryId) -> IncomingRef:
    """The incoming order of a delivery that covers a part of an order, or several orders (S1)."""
    return IncomingRef(f"exact-{division}-d-{delivery}")


def label_reference(division: Division, delivery: DeliveryId, attempt: int) -> Reference:
    """The reference of a delivery's label attempt, counted from 1."""
    return Reference(f"exact-{division}-{delivery}-{attempt}")


def probe_reference(division: Division, probe: str, place: int) -> Reference:
    """The reference of a letter that a probe buys; belongs to no delivery."""
    return Reference(f"{probe_prefix(division)}{probe}-{place}")


def probe_prefix(division: Division) -> str:
    """The common prefix of all probes' references."""
    return f"exact-{division}-probe-"


def probe_incoming_ref(division: Division, probe: str) -> str:
    """The ``order_id`` of an incoming order that a probe makes; belongs to no order or delivery."""
    return f"{probe_prefix(division)}{probe}"


_REFERENCE = re.compile(r"exact-(?P<division>\d+)-(?P<delivery>[0-9a-f-]{36})-(?P<attempt>\d+)")


def parse_reference(text: str) -> tuple[Division, DeliveryId, int] | None:
    """The division, delivery and attempt of our reference; None for others."""
    if match := _REFERENCE.fullmatch(text):
        return Division(int(match["division"])), DeliveryId(match["delivery"]), int(match["attempt"])
    return None


_INCOMING = re.compile(r"exact-(?P<division>\d+)-(?P<kind>[od])-(?P<id>[0-9a-f-]{36})")


def parse_incoming_ref(division: Division, text: str) -> tuple[OrderId | None, DeliveryId | None] | None:
    """The order or delivery that an incoming order of this division was made for; None for others."""
    match = _INCOMING.fullmatch(text)
    if match is None or int(match["division"]) != division:
        return None
    return (OrderId(match["id"]), None) if match["kind"] == "o" else (None, DeliveryId(match["id"]))
