"""What a run needs from each side, as protocols: the questions this program asks, nothing more.

The real clients and the real ledger implement these; so do the fakes of the tests. Every method may raise the errors of
``exactsend.errors``; a question that was not answered is an exception, never an empty answer.
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
    """The questions asked of one Exact division, and the two things written there."""

    def wall_time(self) -> datetime:
        """Exact's own clock, as the wall time it stamps records with (no zone)."""

    def division(self, *, plainly: bool = False) -> ReachableDivision | None:
        """This division as the sign-in sees it; None when it can't be reached. ``plainly``: asked without a filter."""

    def orders_since(
        self,
        first_day: date,
        *,
        statuses: Sequence[int],
        extra_fields: Sequence[str] = (),
        way: OrdersBy = OrdersBy.BULK,
    ) -> ReadRows[SalesOrder]:
        """Approved orders dated ``first_day`` or later with one of ``statuses``, whole; more than that with a plainer ``way``."""

    def orders(
        self,
        ids: Sequence[str],
        *,
        numbers: Mapping[str, int] = ...,
        extra_fields: Sequence[str] = (),
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[SalesOrder]:
        """These orders, whole with their lines. The groups in ``apart`` were refused before: each is asked for by itself.

        ``numbers``: which of them bear which, as far as it is known. It saves calls, and changes no answer.
        """

    def orders_by_number(
        self, numbers: Sequence[int], *, extra_fields: Sequence[str] = (), apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[SalesOrder]:
        """The same by visible number."""

    def deliveries(
        self,
        ids: Sequence[str],
        *,
        numbers: Mapping[str, int] = ...,
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[GoodsDelivery]:
        """These deliveries, whole with their lines. ``numbers``: as of ``orders``."""

    def deliveries_by_number(self, numbers: Sequence[int]) -> ReadRows[GoodsDelivery]:
        """The same by visible number."""

    def accounts(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Account]:
        """These accounts."""

    def contacts(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Contact]:
        """These contact persons."""

    def addresses(self, ids: Sequence[str], *, apart: Sequence[Sequence[str]] = ()) -> ReadRows[Address]:
        """These addresses."""

    def main_addresses_of(
        self, accounts: Sequence[str], *, apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[Address]:
        """The main delivery and visiting addresses (types 4 and 1) of these accounts; unread by account."""

    def items(
        self, ids: Sequence[str], *, extra_fields: Sequence[str] = (), apart: Sequence[Sequence[str]] = ()
    ) -> ReadRows[Item]:
        """These items."""

    def shipping_methods(self) -> list[ShippingMethod]:
        """All shipping methods."""

    def warehouses(self) -> list[Warehouse]:
        """All warehouses."""

    def changes(self, stream: Stream, *, after: int) -> Iterator[Change]:
        """What changed in ``stream`` past the row version ``after``, in the order that Exact gives."""

    def changes_by_date(
        self, stream: Stream, *, since: datetime, until: datetime | None = None
    ) -> Iterator[Change]:
        """What changed at or after a wall time, and before another; row versions are not told. KeyError: this stream tells no dates."""

    def first_page_of_changes(self, stream: Stream, *, after: int) -> tuple[list[Change], bool]:
        """The first page of what changed past a row version, and whether that is all."""

    def deletions(self, *, after: int) -> list[Deletion]:
        """What was deleted past the row version ``after``."""

    def row_version_at(self, stream: Stream, moment: datetime) -> int | None:
        """The row version of the first row modified at or after ``moment`` (wall time); None where no row is that new.

        Only of the streams in ``exact.endpoints.SYNC_TIMESTAMP_KNOWS``.
        """

    def user_has_right(self, endpoint: str, action: str) -> bool:
        """Whether Exact says that the user who signed in has the right to this action at an endpoint."""

    def know_sizes(self, sizes: Mapping[str, int]) -> None:
        """How many rows listings have, by path: told of late, and not to be counted again."""

    def sizes(self) -> dict[str, int]:
        """The same, as far as it is known now."""

    def avoid(self, endpoints: Iterable[str]) -> None:
        """Ask these no more where there is another way: they were refused of late."""

    def done_without(self) -> list[ApiError]:
        """Refusals that were got round since the last time this was asked."""

    def update_delivery(self, call: Call) -> None:
        """Write some fields of a goods delivery; the rest stays."""

    def documents_with_subject(self, subject: str) -> list[Document]:
        """Documents that bear exactly this subject."""

    def create_document(self, call: Call) -> Document:
        """A new document of the type "miscellaneous". Not idempotent."""

    def attachments(self, document: str) -> list[DocumentAttachment]:
        """What is attached to a document."""

    def attach(self, call: Call) -> DocumentAttachment:
        """Attach a file to a document. Not idempotent."""


class Sendcloud(Protocol):
    """The questions asked of one Sendcloud integration, and what is written there."""

    def who_am_i(self) -> AuthMetadata:
        """The user and the integration that own the keys."""

    def integrations(self) -> list[Integration]:
        """All integrations of the account."""

    def sender_addresses(self) -> list[SenderAddress]:
        """All sender addresses of the account."""

    def server_date(self) -> datetime:
        """Sendcloud's own clock."""

    def shipments_updated_after(self, moment: datetime, *, integration: int) -> ShipmentsWalk:
        """All shipments of one integration that were updated after ``moment``."""

    def shipments_with_number(
        self, order_number: str, *, integration: int | None = None
    ) -> tuple[Shipment, ...]:
        """All shipments with exactly this order number; of all integrations where none is named."""

    def shipment_with_reference(self, reference: str) -> Shipment | None:
        """The shipment that used this reference; None when Sendcloud has none."""

    def shipment(self, shipment: str) -> Shipment | None:
        """One shipment by its id."""

    def push_orders(self, call: Call) -> tuple[StoredOrder, ...]:
        """Upsert up to 100 incoming orders, all or none. Refused names the culprit's index in its pointers."""

    def stored_order(self, order_id: str, *, integration: int) -> StoredOrder | None:
        """An incoming order by our ``order_id``; None when none is stored (yet)."""

    def stored_orders(self, *, integration: int) -> list[StoredOrder]:
        """All incoming orders of one integration."""

    def delete_order(self, call: Call) -> bool:
        """Delete an incoming order; False when there was none."""

    def announce(self, call: Call) -> Announced:
        """Buy a label. Costs money. 201 and 409 both give a shipment."""

    def cancel(self, call: Call) -> str:
        """Cancel a shipment: "cancelled" or "queued"."""

    def label_pdf(self, parcel: int) -> bytes:
        """The label of a parcel."""

    def service_point(self, point: str) -> ServicePoint | None:
        """A service point; None when there is none with that id."""

    def service_point_is_available(self, point: str) -> bool:
        """Whether parcels can be sent to it now."""

    def quote(self, question: dict[str, Json]) -> Price | None:
        """What one shipping option would cost; None where it is not told."""

    def option_offers(
        self, option: str, *, to_country: str, from_country: str = "", reserve: int = 0
    ) -> list[OfferedOption]:
        """A shipping option on its way, under each contract that the account has for it; none where it is not offered.

        ``reserve``: not sent if the minute's limit would then allow fewer other writes than this.
        """

    def check_address(self, address: dict[str, Json], carrier: str, *, reserve: int = 0) -> AddressCheck:
        """What a carrier of the account would say of an address. ``reserve``: as for ``option_offers``."""
