"""One Sendcloud integration: what is read from it and written to it, over a transport.

``wire`` builds the calls, and ``replies`` reads the responses. Filters are not trusted: rows are compared with the filter, and
a response with rows that can't be compared is an error.
"""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from exactsend.errors import ApiError, Unanswered, Unreadable
from exactsend.http.messages import Call, Json, JsonObject, Reply, Sender, walk
from exactsend.sendcloud import replies, wire
from exactsend.sendcloud.address_check import AddressCheck
from exactsend.sendcloud.models import (
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
from exactsend.sendcloud.offered_options import OfferedOption, Price
from exactsend.sendcloud.option_queries import OptionQueries
from exactsend.sendcloud.parcels import LABEL
from exactsend.sendcloud.replies import Model
from exactsend.system.structured_log import log_event

log = logging.getLogger(__name__)

_SERVICE_POINT_ID = re.compile(r"[1-9][0-9]{0,17}")
"""Sendcloud's ids are whole numbers without leading zeros. Anything else is an id of another service."""


class SendcloudClient:
    """The integration that the keys belong to."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._options = OptionQueries(sender)

    def who_am_i(self) -> AuthMetadata:
        """The user and the integration that own the keys."""
        return replies.read(self._sender.send(wire.who_am_i()), AuthMetadata)

    def integrations(self) -> list[Integration]:
        """All integrations of the account."""
        return self._all_rows(wire.integrations(), Integration)

    def sender_addresses(self) -> list[SenderAddress]:
        """All sender addresses of the account."""
        return self._all_rows(wire.sender_addresses(), SenderAddress)

    def contracts(self) -> list[CarrierContract]:
        """All contracts of the account with carriers."""
        return self._all_rows(wire.contracts(), CarrierContract)

    def shipping_options(self, **query: Json) -> list[OfferedOption] | None:
        """The account's options that match the vendor's filters, given by their names; None if Sendcloud lists none."""
        return replies.read_options(self._options.send(query))

    def server_date(self) -> datetime:
        """Sendcloud's own clock."""
        return self._sender.send(wire.who_am_i()).server_date()

    def shipments_updated_after(self, moment: datetime, *, integration: int) -> ShipmentsWalk:
        """All shipments of one integration that were updated after ``moment``."""
        call = wire.shipments(integration_id=str(integration), updated_after=wire.iso(moment))
        pages = self._pages(call)
        read = [replies.read_each(page, Shipment) for page in pages]
        shipments = {row.id: row for rows, _ in read for row in rows}
        bad = tuple(row for _, unread in read for row in unread)
        return ShipmentsWalk(tuple(shipments.values()), pages[0].server_date(), bad)

    def shipments_with_number(
        self, order_number: str, *, integration: int | None = None
    ) -> tuple[Shipment, ...]:
        """All shipments with exactly this order number, of one integration or of all."""
        filters = {} if integration is None else {"integration_id": str(integration)}
        pages = self._pages(wire.shipments(order_number=order_number, **filters))
        return _matching(
            order_number, _unique_shipments(pages), lambda shipment: shipment.order_number, pages
        )

    def shipment_with_reference(self, reference: str) -> Shipment | None:
        """The shipment with this reference; None if there is none."""
        return _at_most_one(*self._with_reference(reference))

    def shipments_with_reference(self, reference: str) -> tuple[Shipment, ...]:
        """All shipments with this reference. There are several if Sendcloud accepted it twice."""
        return self._with_reference(reference)[0]

    def shipment(self, shipment: str) -> Shipment | None:
        """One shipment, by its id; None if there is none."""
        reply = self._sender.send(wire.shipment(shipment))
        return None if reply.status == wire.NOT_FOUND else replies.read(reply, Shipment)

    def raw_shipment(self, shipment: str) -> Json:
        """One shipment, by its id, with all its fields; None if there is none."""
        reply = self._sender.send(wire.shipment(shipment))
        return None if reply.status == wire.NOT_FOUND else replies.data_of(reply)

    def raw_order(self, stored: str) -> Json:
        """One incoming order, by Sendcloud's id, likewise."""
        reply = self._sender.send(wire.order(stored))
        return None if reply.status == wire.NOT_FOUND else replies.data_of(reply)

    def push_orders(self, call: Call) -> tuple[StoredOrder, ...]:
        """Send ``wire.push_orders``: upsert up to 100 incoming orders, all or none. Refused names the culprit's index in its pointers."""
        return tuple(replies.read_list(self._sender.send(call), StoredOrder))

    def stored_order(self, order_id: str, *, integration: int) -> StoredOrder | None:
        """An incoming order, by our ``order_id``; None if none is stored (yet)."""
        return _at_most_one(*self._with_order_id(order_id, integration))

    def stored_orders_with_id(self, order_id: str, *, integration: int) -> tuple[StoredOrder, ...]:
        """All incoming orders with this ``order_id``. There are several if a later push created another."""
        return self._with_order_id(order_id, integration)[0]

    def stored_orders(self, *, integration: int) -> list[StoredOrder]:
        """All readable incoming orders of one integration. That an order is missing here proves nothing."""
        read = [replies.read_each(page, StoredOrder)[0] for page in self._pages(wire.orders(integration))]
        return list({row.id: row for rows in read for row in rows}.values())

    def order(self, stored: str) -> ReadOrder | None:
        """An incoming order with its lines, by Sendcloud's id; None if there is none."""
        reply = self._sender.send(wire.order(stored))
        return None if reply.status == wire.NOT_FOUND else replies.read(reply, ReadOrder)

    def delete_order(self, call: Call) -> bool:
        """Send ``wire.delete_order``; False when there was no such order."""
        return self._sender.send(call).status != wire.NOT_FOUND

    def announce(self, call: Call) -> Announced:
        """Send ``wire.announce``: buy a label. Costs money. 201 and 409 both give a shipment.

        Raises:
            Refused, Unreachable, RateLimited, Resting: nothing was bought.
            Unanswered, Broken: a label may have been bought; look for its reference before anything else.
        """
        reference = wire.reference_of(call)
        try:
            reply = self._sender.send(call)
            return Announced(replies.read_announced(reply, reference), existed=reply.status == wire.CONFLICT)
        except Unreadable as unread:
            return Announced(
                self._bought_shipment(reference, unread), existed=unread.http_status == wire.CONFLICT
            )

    def cancel(self, call: Call) -> str:
        """Send ``wire.cancel``: "cancelled" or "queued"."""
        return replies.read_cancellation(self._sender.send(call))

    def label_pdf(self, parcel: int) -> bytes:
        """The label of a parcel."""
        return self.document_pdf(parcel, LABEL)

    def document_pdf(self, parcel: int, kind: str) -> bytes:
        """A document of a parcel, by its kind."""
        return replies.read_pdf(self._sender.send(wire.parcel_pdf(parcel, kind)))

    def service_point(self, point: str) -> ServicePoint | None:
        """A service point; None if there is none with that id."""
        if not _SERVICE_POINT_ID.fullmatch(point):
            return None
        reply = self._sender.send(wire.service_point(int(point)))
        return None if reply.status == wire.NOT_FOUND else replies.read(reply, ServicePoint)

    def service_point_is_available(self, point: str) -> bool:
        """Whether the service point accepts parcels now."""
        if not _SERVICE_POINT_ID.fullmatch(point):
            return False
        reply = self._sender.send(wire.service_point_availability(int(point)))
        return reply.status != wire.NOT_FOUND and replies.read_availability(reply)

    def quote(self, query: JsonObject) -> Price | None:
        """The price of one shipping option, for a query with the vendor's filters; None if unknown."""
        options = replies.read_list(self._options.send(query, wire.optional), OfferedOption)
        named = [option for option in options if option.code == query["shipping_option_code"]]
        for error in (option.quote_error for option in named if option.price is None and option.quote_error):
            log_event(
                log, logging.INFO, "price_not_told", error.description or error.code, about=named[0].code
            )
        return named[0].price if len(named) == 1 else None

    def option_offers(
        self, option: str, *, to_country: str, from_country: str = "", reserve: int = 0
    ) -> list[OfferedOption]:
        """A shipping option between two countries, once for each of the account's contracts; none if it is not offered.

        ``reserve``: not sent if the minute's limit would then allow fewer other writes than this.
        """
        countries = {"to_address": to_country, "from_address": from_country}
        addresses: JsonObject = {name: {"country_code": code} for name, code in countries.items() if code}
        reply = self._options.send(
            {"shipping_option_code": option, **addresses}, partial(wire.optional, reserve=reserve)
        )
        return [offered for offered in replies.read_list(reply, OfferedOption) if offered.code == option]

    def check_address(self, address: JsonObject, carrier: str, *, reserve: int = 0) -> AddressCheck:
        """Whether a carrier of the account accepts an address. ``reserve``: as for ``option_offers``."""
        call = wire.optional(wire.validate_address(address, carrier), reserve=reserve)
        return replies.read_bare(self._sender.send(call), AddressCheck)

    def _bought_shipment(self, reference: str, unread: Unreadable) -> Shipment:
        """The shipment of an unreadable response, looked up by its reference.

        Raises:
            Unanswered: it is not found, or the look-up failed.
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
        return _matching(order_id, _unique_orders(pages), lambda entry: entry.order_id, pages), pages

    def _with_reference(self, reference: str) -> tuple[tuple[Shipment, ...], list[Reply]]:
        pages = self._pages(wire.shipments(external_reference_id=reference))
        rows = _unique_shipments(pages)
        return _matching(reference, rows, lambda shipment: shipment.external_reference_id, pages), pages

    def _pages(self, call: Call) -> list[Reply]:
        return list(walk(self._sender, call, replies.next_link))

    def _all_rows(self, call: Call, model: type[Model]) -> list[Model]:
        return [row for page in self._pages(call) for row in replies.read_list(page, model)]


def _unique_shipments(pages: Sequence[Reply]) -> tuple[Shipment, ...]:
    """The shipments without duplicates: one that changes during the walk may be on two pages."""
    rows = (row for page in pages for row in replies.read_list(page, Shipment))
    return tuple({row.id: row for row in rows}.values())


def _unique_orders(pages: Sequence[Reply]) -> tuple[StoredOrder, ...]:
    rows = (row for page in pages for row in replies.read_list(page, StoredOrder))
    return tuple({row.id: row for row in rows}.values())


def _matching(
    wanted: str, rows: Sequence[Model], value_of: Callable[[Model], str], pages: Sequence[Reply]
) -> tuple[Model, ...]:
    """The rows with exactly the wanted value. A filter that ignores case, or finds parts of a number, returns others too.

    Raises:
        Unreadable: a row does not even contain the value, so the filter was ignored.
    """
    if not all(wanted.casefold() in value_of(row).casefold() for row in rows):
        raise pages[0].unreadable("a row does not match the filter")
    return tuple(row for row in rows if value_of(row) == wanted)


def _at_most_one(found: Sequence[Model], pages: Sequence[Reply]) -> Model | None:
    if len(found) > 1:
        raise pages[0].unreadable(f"{len(found)} rows have the same identifier")
    return found[0] if found else None


def _outcome_unknown(reference: str, unread: Unreadable) -> Unanswered:
    return Unanswered(
        f"Sendcloud's response to the purchase {reference} can't be read, and no shipment is found by its reference",
        api=unread.api,
        method=unread.method,
        path=unread.path,
        http_status=unread.http_status,
        hint="exactsend buys nothing for this delivery until it knows whether a label exists.",
    )
