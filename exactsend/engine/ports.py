"""The interfaces of the two services that a run uses.

The real clients implement them, and so do the tests' fakes. Every method may raise the errors of ``exactsend.errors``.
A request without an answer raises; it never returns an empty answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from exactsend.errors import ApiError
from exactsend.exact.models import (
    Account,
    Address,
    Change,
    Contact,
    Deletion,
    Document,
    DocumentAttachment,
    GoodsDelivery,
    Item,
    ReachableDivision,
    SalesOrder,
    ShippingMethod,
    Stream,
    Warehouse,
)
from exactsend.exact.query_results import OrdersBy, ReadRows
from exactsend.http.messages import Call, Json
from exactsend.sendcloud.address_check import AddressCheck
from exactsend.sendcloud.models import (
    Announced,
    AuthMetadata,
    Integration,
    SenderAddress,
    ServicePoint,
    Shipment,
    ShipmentsWalk,
    StoredOrder,
)
from exactsend.sendcloud.offered_options import OfferedOption, Price

__all__ = ["Announced", "Exact", "Sendcloud", "ShipmentsWalk", "Stream"]


class Exact(Protocol):
    """One Exact division: what a run reads there, and what it writes."""

    def wall_time(self) -> datetime:
        """Exact's clock, as the local time without zone that its records have."""

    def division(self, *, plainly: bool = False) -> ReachableDivision | None:
        """This division as the sign-in sees it; None if the sign-in has no access. ``plainly``: read without a filter."""

    def orders_since(
        self,
        first_day: date,
        *,
        statuses: Sequence[int],
        extra_fields: Sequence[str] = (),
        orders_by: OrdersBy = OrdersBy.BULK,
    ) -> ReadRows[SalesOrder]:
        """Approved orders with their lines, dated ``first_day`` or later, with one of ``statuses``. A plainer ``orders_by`` returns more."""

    def orders(
        self,
        ids: Sequence[str],
        *,
        numbers: Mapping[str, int] = ...,
        extra_fields: Sequence[str] = (),
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[SalesOrder]:
        """These orders with their lines. ``apart``: groups that were refused before, each read by itself.

        ``numbers``: order numbers by id, as far as known. They save calls and don't change the answer.
        """

    def orders_by_number(
        self, numbers: Sequence[int], *, extra_fields: Sequence[str] = (), apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[SalesOrder]:
        """Orders with these numbers, as ``orders`` returns them."""

    def deliveries(
        self,
        ids: Sequence[str],
        *,
        numbers: Mapping[str, int] = ...,
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[GoodsDelivery]:
        """These deliveries with their lines. The arguments are those of ``orders``."""

    def deliveries_by_number(self, numbers: Sequence[int]) -> ReadRows[GoodsDelivery]:
        """Deliveries with these numbers, as ``deliveries`` returns them."""

    def accounts(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Account]:
        """These accounts."""

    def contacts(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Contact]:
        """These contact persons."""

    def addresses(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Address]:
        """These addresses."""

    def main_addresses_of(
        self, accounts: Sequence[str], *, apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[Address]:
        """The main delivery and visiting addresses (types 4 and 1) of these accounts. Unreadable ones are listed by account."""

    def items(
        self, ids: Sequence[str], *, extra_fields: Sequence[str] = (), apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[Item]:
        """These items."""

    def shipping_methods(self) -> list[ShippingMethod]:
        """All shipping methods."""

    def warehouses(self) -> list[Warehouse]:
        """All warehouses."""

    def changes(self, stream: Stream, *, after: int) -> Iterator[Change]:
        """Changes in ``stream`` with row versions above ``after``, in Exact's order."""

    def changes_by_date(
        self, stream: Stream, *, since: datetime, until: datetime | None = None
    ) -> Iterator[Change]:
        """Changes from ``since`` until before ``until`` (Exact's local time), without row versions.

        Raises:
            KeyError: the stream has no modification dates.
        """

    def first_page_of_changes(self, stream: Stream, *, after: int) -> tuple[list[Change], bool]:
        """The first page of changes with row versions above ``after``, and whether it is the last."""

    def deletions(self, *, after: int) -> list[Deletion]:
        """Deletions with row versions above ``after``."""

    def row_version_at(self, stream: Stream, moment: datetime) -> int | None:
        """The row version of the first row modified at or after ``moment`` (Exact's local time); None if there is none.

        Only for the streams in ``exact.endpoints.SYNC_TIMESTAMP_KNOWS``.
        """

    def user_has_right(self, endpoint: str, action: str) -> bool:
        """Whether the user who signed in may do this action at an endpoint."""

    def know_sizes(self, sizes: Mapping[str, int]) -> None:
        """Set the row counts of listings, by path, that were read recently, so that they are not counted again."""

    def sizes(self) -> dict[str, int]:
        """The row counts of listings, by path, as far as known."""

    def avoid(self, endpoints: Iterable[str]) -> None:
        """Use other endpoints instead of these where possible: they were refused recently."""

    def done_without(self) -> list[ApiError]:
        """The refusals worked around since the last call of this method."""

    def update_delivery(self, call: Call) -> None:
        """Write some fields of a goods delivery; the others stay."""

    def documents_with_subject(self, subject: str) -> list[Document]:
        """Documents with exactly this subject."""

    def create_document(self, call: Call) -> Document:
        """Create a document of the type "miscellaneous". Not idempotent."""

    def attachments(self, document: str) -> list[DocumentAttachment]:
        """The attachments of a document."""

    def attach(self, call: Call) -> DocumentAttachment:
        """Attach a file to a document. Not idempotent."""


class Sendcloud(Protocol):
    """One Sendcloud integration: what a run reads there, and what it writes."""

    def who_am_i(self) -> AuthMetadata:
        """The user and the integration that the keys belong to."""

    def integrations(self) -> list[Integration]:
        """All integrations of the account."""

    def sender_addresses(self) -> list[SenderAddress]:
        """All sender addresses of the account."""

    def server_date(self) -> datetime:
        """Sendcloud's clock."""

    def shipments_updated_after(self, moment: datetime, *, integration: int) -> ShipmentsWalk:
        """All shipments of one integration updated after ``moment``."""

    def shipments_with_number(
        self, order_number: str, *, integration: int | None = None
    ) -> tuple[Shipment, ...]:
        """All shipments with exactly this order number; of all integrations if ``integration`` is None."""

    def shipment_with_reference(self, reference: str) -> Shipment | None:
        """The shipment with this reference; None if there is none."""

    def shipment(self, shipment: str) -> Shipment | None:
        """One shipment by its id."""

    def push_orders(self, call: Call) -> tuple[StoredOrder, ...]:
        """Create or update up to 100 incoming orders, all or none. ``Refused`` names the bad ones by index in its pointers."""

    def stored_order(self, order_id: str, *, integration: int) -> StoredOrder | None:
        """An incoming order by our ``order_id``; None if none is stored (yet)."""

    def stored_orders(self, *, integration: int) -> list[StoredOrder]:
        """All incoming orders of one integration."""

    def delete_order(self, call: Call) -> bool:
        """Delete an incoming order; False when there was none."""

    def announce(self, call: Call) -> Announced:
        """Buy a label. Costs money. Both 201 and 409 return a shipment."""

    def cancel(self, call: Call) -> str:
        """Cancel a shipment: "cancelled" or "queued"."""

    def label_pdf(self, parcel: int) -> bytes:
        """The label of a parcel."""

    def service_point(self, point: str) -> ServicePoint | None:
        """A service point; None if the id is unknown."""

    def service_point_is_available(self, point: str) -> bool:
        """Whether parcels can be sent to a service point now."""

    def quote(self, question: dict[str, Json]) -> Price | None:
        """The price of one shipping option; None if Sendcloud quotes none."""

    def option_offers(
        self, option: str, *, to_country: str, from_country: str = "", reserve: int = 0
    ) -> list[OfferedOption]:
        """A shipping option on a route, once for each contract of the account; empty if it is not offered.

        ``reserve``: not sent if it would leave fewer writes than this in the current minute's limit.
        """

    def check_address(self, address: dict[str, Json], carrier: str, *, reserve: int = 0) -> AddressCheck:
        """A carrier's validation of an address. ``reserve``: as for ``option_offers``."""
