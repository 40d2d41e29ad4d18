"""Identities, as distinct types, and the references that this program makes from them. No I/O."""

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
"""Our ``order_id`` of an entry among Sendcloud's incoming orders."""
Reference = NewType("Reference", str)
"""Our ``external_reference_id`` of one attempt to buy a label: Sendcloud refuses to use one twice."""


def order_incoming_ref(division: Division, order: OrderId) -> IncomingRef:
    """The entry of an order that is not delivered, or delivered in full by one delivery (S1)."""
    return IncomingRef(f"exact-{division}-o-{order}")


def delivery_incoming_ref(division: Division, delivery: DeliveryId) -> IncomingRef:
    """The entry of a delivery that covers a part of an order, or several orders (S1)."""
    return IncomingRef(f"exact-{division}-d-{delivery}")


def label_reference(division: Division, delivery: DeliveryId, attempt: int) -> Reference:
    """The reference of the ``attempt``-th label of a delivery, counted from 1."""
    return Reference(f"exact-{division}-{delivery}-{attempt}")


def probe_reference(division: Division, probe: str, place: int) -> Reference:
    """The reference of a letter that a probe makes: no delivery's."""
    return Reference(f"{probe_prefix(division)}{probe}-{place}")


def probe_prefix(division: Division) -> str:
    """What the references of all that probes make begin with."""
    return f"exact-{division}-probe-"


def probe_entry(division: Division, probe: str) -> str:
    """The ``order_id`` of an entry that a probe makes: no order's and no delivery's."""
    return f"{probe_prefix(division)}{probe}"


_REFERENCE = re.compile(r"exact-(?P<division>\d+)-(?P<delivery>[0-9a-f-]{36})-(?P<attempt>\d+)")


def parse_reference(text: str) -> tuple[Division, DeliveryId, int] | None:
    """The division, delivery and attempt of a reference of ours; None for anybody else's."""
    if match := _REFERENCE.fullmatch(text):
        return Division(int(match["division"])), DeliveryId(match["delivery"]), int(match["attempt"])
    return None


_INCOMING = re.compile(r"exact-(?P<division>\d+)-(?P<kind>[od])-(?P<id>[0-9a-f-]{36})")


def parse_incoming_ref(division: Division, text: str) -> tuple[OrderId | None, DeliveryId | None] | None:
    """The order or the delivery that an entry of this division was made for; None for anybody else's entry."""
    match = _INCOMING.fullmatch(text)
    if match is None or int(match["division"]) != division:
        return None
    return (OrderId(match["id"]), None) if match["kind"] == "o" else (None, DeliveryId(match["id"]))
