"""The questions asked of one Sendcloud integration, and what is written there, over a transport.

Glue: ``wire`` knows the protocol, the transport knows the network, and what the answers mean is decided elsewhere. Filters are
never trusted: what comes back is compared with what was asked, and an answer that can't be compared is no answer.
"""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from exactsend.errors import ApiError, Refused, Unanswered, Unreadable
from exactsend.http.messages import Call, Json, Reply, Sender, walk
from exactsend.sendcloud import wire
from exactsend.sendcloud.checks import AddressCheck, OfferedOption, Price
from exactsend.sendcloud.models import (
    LABEL,
    Announced,
    AuthMetadata,
    CarrierContract,
    Integration,
    ReadOrder,
    SenderAddress,
    ServicePoint,
    Shipment,
    ShipmentsWalk,
    StoredOrder,
)
from exactsend.sendcloud.wire import Model
from exactsend.system.structured_log import tell

log = logging.getLogger(__name__)

_SERVICE_POINT_ID = re.compile(r"[1-9][0-9]{0,17}")
"""Sendcloud's are whole numbers: anything else, one with leading zeros too, is an id of somebody else's."""


class SendcloudClient:
    """One integration of Sendcloud: the one that the keys belong to."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._asks_by_flat_fields: bool | None = None
        """How shipping options are asked for; None: the first answer will tell."""

    def who_am_i(self) -> AuthMetadata:
        """The user and the integration that own the keys."""
        return wire.read(self._sender.send(wire.who_am_i()), AuthMetadata)

    def integrations(self) -> list[Integration]:
        """All integrations of the account."""
        return self._all(wire.integrations(), Integration)

    def sender_addresses(self) -> list[SenderAddress]:
        """All sender addresses of the account."""
        return self._all(wire.sender_addresses(), SenderAddress)

    def contracts(self) -> list[CarrierContract]:
        """All contracts of the account with carriers."""
        return self._all(wire.contracts(), CarrierContract)

    def shipping_options(self, **asked: Json) -> list[OfferedOption] | None:
        """The options that the account may use and that fit what is asked, by the vendor's names; None where it does not tell."""
        return wire.read_options(self._options(asked))

    def server_date(self) -> datetime:
        """Sendcloud's own clock."""
        return self._sender.send(wire.who_am_i()).server_date()

    def shipments_updated_after(self, moment: datetime, *, integration: int) -> ShipmentsWalk:
        """All shipments of one integration that were updated after ``moment``."""
        call = wire.shipments(integration_id=str(integration), updated_after=wire.iso(moment))
        pages = self._pages(call)
        read = [wire.read_each(page, Shipment) for page in pages]
        shipments = {row.id: row for rows, _ in read for row in rows}
        bad = tuple(row for _, unread in read for row in unread)
        return ShipmentsWalk(tuple(shipments.values()), pages[0].server_date(), bad)

    def shipments_with_number(
        self, order_number: str, *, integration: int | None = None
    ) -> tuple[Shipment, ...]:
        """All shipments with exactly this order number; of all integrations where none is named."""
        within = {} if integration is None else {"integration_id": str(integration)}
        pages = self._pages(wire.shipments(order_number=order_number, **within))
        return _exactly(order_number, _unique_shipments(pages), lambda shipment: shipment.order_number, pages)

    def shipment_with_reference(self, reference: str) -> Shipment | None:
        """The shipment that used this reference; None when Sendcloud has none."""
        return _at_most_one(*self._with_reference(reference))

    def shipments_with_reference(self, reference: str) -> tuple[Shipment, ...]:
        """All shipments that used this reference: more than one where Sendcloud took it twice."""
        return self._with_reference(reference)[0]

    def shipment(self, shipment: str) -> Shipment | None:
        """One shipment by its id."""
        reply = self._sender.send(wire.shipment(shipment))
        return None if reply.status == wire.NOT_FOUND else wire.read(reply, Shipment)

    def shipment_as_it_is(self, shipment: str) -> Json:
        """One shipment by its id, with all that Sendcloud says of it; None when it has none."""
        reply = self._sender.send(wire.shipment(shipment))
        return None if reply.status == wire.NOT_FOUND else wire.read_as_it_is(reply)

    def order_as_it_is(self, stored: str) -> Json:
        """One incoming order by Sendcloud's id, likewise."""
        reply = self._sender.send(wire.order(stored))
        return None if reply.status == wire.NOT_FOUND else wire.read_as_it_is(reply)

    def push_orders(self, call: Call) -> tuple[StoredOrder, ...]:
        """Send ``wire.push_orders``: upsert up to 100 incoming orders, all or none. Refused names the culprit's index in its pointers."""
        return tuple(wire.read_list(self._sender.send(call), StoredOrder))

    def stored_order(self, order_id: str, *, integration: int) -> StoredOrder | None:
        """An incoming order by our ``order_id``; None when none is stored (yet)."""
        return _at_most_one(*self._with_order_id(order_id, integration))

    def stored_orders_with_id(self, order_id: str, *, integration: int) -> tuple[StoredOrder, ...]:
        """All incoming orders with this ``order_id``: more than one where a later push made another."""
        return self._with_order_id(order_id, integration)[0]

    def stored_orders(self, *, integration: int) -> list[StoredOrder]:
        """All incoming orders of one integration that can be read: that one is missing here proves nothing."""
        read = [wire.read_each(page, StoredOrder)[0] for page in self._pages(wire.orders(integration))]
        return list({row.id: row for rows in read for row in rows}.values())

    def order(self, stored: str) -> ReadOrder | None:
        """An incoming order with its lines, by Sendcloud's id."""
        reply = self._sender.send(wire.order(stored))
        return None if reply.status == wire.NOT_FOUND else wire.read(reply, ReadOrder)

    def delete_order(self, call: Call) -> bool:
        """Send ``wire.delete_order``; False when there was no such order."""
        return self._sender.send(call).status != wire.NOT_FOUND

    def announce(self, call: Call) -> Announced:
        """Send ``wire.announce``: buy a label. Costs money. 201 and 409 both give a shipment.

        Raises:
            Refused: surely nothing was made. Unreachable, RateLimited and Resting say the same.
            Unanswered: it may have been made; look for its reference before anything else. So does Broken.
        """
        reference = wire.reference_of(call)
        try:
            reply = self._sender.send(call)
            return Announced(wire.read_announced(reply, reference), existed=reply.status == wire.CONFLICT)
        except Unreadable as unread:
            return Announced(self._bought(reference, unread), existed=unread.http_status == wire.CONFLICT)

    def cancel(self, call: Call) -> str:
        """Send ``wire.cancel``: "cancelled" or "queued"."""
        return wire.read_cancellation(self._sender.send(call))

    def label_pdf(self, parcel: int) -> bytes:
        """The label of a parcel."""
        return self.document_pdf(parcel, LABEL)

    def document_pdf(self, parcel: int, kind: str) -> bytes:
        """A document of a parcel, by its kind."""
        return wire.read_pdf(self._sender.send(wire.parcel_pdf(parcel, kind)))

    def service_point(self, point: str) -> ServicePoint | None:
        """A service point; None when there is none with that id."""
        if not _SERVICE_POINT_ID.fullmatch(point):
            return None
        reply = self._sender.send(wire.service_point(int(point)))
        return None if reply.status == wire.NOT_FOUND else wire.read(reply, ServicePoint)

    def service_point_is_available(self, point: str) -> bool:
        """Whether parcels can be sent to it now."""
        if not _SERVICE_POINT_ID.fullmatch(point):
            return False
        reply = self._sender.send(wire.service_point_availability(int(point)))
        return reply.status != wire.NOT_FOUND and wire.read_availability(reply)

    def quote(self, question: dict[str, Json]) -> Price | None:
        """What one shipping option would cost, asked as the vendor's filters take it; None where it is not told."""
        options = wire.read_list(self._options(question, sent_as=wire.in_passing), OfferedOption)
        named = [option for option in options if option.code == question["shipping_option_code"]]
        for error in (option.quote_error for option in named if option.price is None and option.quote_error):
            tell(log, logging.INFO, "price_not_told", error.description or error.code, about=named[0].code)
        return named[0].price if len(named) == 1 else None

    def option_offers(
        self, option: str, *, to_country: str, from_country: str = "", leaves: int = 0
    ) -> list[OfferedOption]:
        """A shipping option on its way, under each contract that the account has for it; none where it is not offered.

        ``leaves``: asked only where the minute allows so many other writes beside it.
        """
        countries = {"to_address": to_country, "from_address": from_country}
        asked: dict[str, Json] = {name: {"country_code": code} for name, code in countries.items() if code}
        reply = self._options(
            {"shipping_option_code": option, **asked}, sent_as=partial(wire.in_passing, leaves=leaves)
        )
        return [candidate for candidate in wire.read_list(reply, OfferedOption) if candidate.code == option]

    def _options(self, asked: dict[str, Json], sent_as: Callable[[Call], Call] = lambda call: call) -> Reply:
        """The answer to a question for options, in the form that this Sendcloud knows: address objects, else the flat fields of old."""
        if not wire.names_addresses(asked):
            return self._sender.send(sent_as(wire.shipping_options(asked)))
        flat = sent_as(wire.shipping_options(wire.with_flat_fields(asked)))
        if self._asks_by_flat_fields:
            return self._sender.send(flat)
        try:
            reply = self._sender.send(sent_as(wire.shipping_options(asked)))
        except Refused as refused:
            if self._asks_by_flat_fields is not None or not wire.knows_no_addresses(refused):
                raise
        else:
            if self._asks_by_flat_fields is not None or not wire.is_without_countries(reply):
                self._asks_by_flat_fields = False
                return reply
        reply = self._sender.send(flat)
        self._asks_by_flat_fields = not wire.is_without_countries(reply)
        return reply

    def check_address(self, address: dict[str, Json], carrier: str, *, leaves: int = 0) -> AddressCheck:
        """What a carrier of the account would say of an address. ``leaves``: as of ``option_offers``."""
        call = wire.in_passing(wire.validate_address(address, carrier), leaves=leaves)
        return wire.read_bare(self._sender.send(call), AddressCheck)

    def _bought(self, reference: str, unread: Unreadable) -> Shipment:
        """The shipment behind an answer that could not be read, looked up by its reference.

        Raises:
            Unanswered: it is not to be found, or the look-up itself was not answered.
        """
        try:
            found = self.shipment_with_reference(reference)
        except ApiError as cause:
            raise _outcome_unknown(reference, unread) from cause
        if found is None:
            raise _outcome_unknown(reference, unread) from unread
        return found

    def _with_order_id(self, order_id: str, integration: int) -> tuple[tuple[StoredOrder, ...], list[Reply]]:
        pages = self._pages(wire.orders(integration, order_id=order_id))
        return _exactly(order_id, _unique_orders(pages), lambda entry: entry.order_id, pages), pages

    def _with_reference(self, reference: str) -> tuple[tuple[Shipment, ...], list[Reply]]:
        pages = self._pages(wire.shipments(external_reference_id=reference))
        rows = _unique_shipments(pages)
        return _exactly(reference, rows, lambda shipment: shipment.external_reference_id, pages), pages

    def _pages(self, call: Call) -> list[Reply]:
        return list(walk(self._sender, call, wire.next_link))

    def _all(self, call: Call, model: type[Model]) -> list[Model]:
        return [row for page in self._pages(call) for row in wire.read_list(page, model)]


def _unique_shipments(pages: Sequence[Reply]) -> tuple[Shipment, ...]:
    """Each once, as read last: what changes meanwhile can stand on two pages."""
    rows = (row for page in pages for row in wire.read_list(page, Shipment))
    return tuple({row.id: row for row in rows}.values())


def _unique_orders(pages: Sequence[Reply]) -> tuple[StoredOrder, ...]:
    rows = (row for page in pages for row in wire.read_list(page, StoredOrder))
    return tuple({row.id: row for row in rows}.values())


def _exactly(
    wanted: str, rows: Sequence[Model], told_by: Callable[[Model], str], pages: Sequence[Reply]
) -> tuple[Model, ...]:
    """The rows that tell just what was asked for.

    A filter may be generous: one that ignores case, or finds a part of a number, lets others through.

    Raises:
        Unreadable: a row does not tell, or no filter would have let it through, so the answer is not to this question.
    """
    if not all(wanted.casefold() in told_by(row).casefold() for row in rows):
        raise pages[0].unreadable("a row lacks what it was filtered by")
    return tuple(row for row in rows if told_by(row) == wanted)


def _at_most_one(found: Sequence[Model], pages: Sequence[Reply]) -> Model | None:
    if len(found) > 1:
        raise pages[0].unreadable(f"{len(found)} bear an identity that is to be unique")
    return found[0] if found else None


def _outcome_unknown(reference: str, unread: Unreadable) -> Unanswered:
    return Unanswered(
        f"Sendcloud's answer to the purchase {reference} can't be read, nor is the shipment found by its reference",
        api=unread.api,
        method=unread.method,
        path=unread.path,
        http_status=unread.http_status,
        hint="Nothing is bought for this delivery until it is clear whether a label exists.",
    )
