"""What people do on both sides while exactsend looks away: in Exact's office, in Sendcloud's panel, and to its state folder.

Each act finds something that it can be done to, by a number that wraps around, or does nothing. Judges nothing.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from exactsend.sandbox import starting_worlds
from exactsend.sandbox.exact.office.orders import CANCELLED
from exactsend.sandbox.sendcloud.records import Order, Shipment
from exactsend.sandbox.sendcloud.statuses import FAILED
from tests.end_to_end.shop import Shop

T = TypeVar("T")

STREETS = (
    ("Kanaalstraat 12", "3531 GV", "Utrecht", "NL"),
    ("Meir 12 bus 3", "2000", "Antwerpen", "BE"),
    ("Dorpsstraat", "1861 KX", "Bergen", "NL"),
    ("Kastanienallee 7", "10435", "Berlin", "DE"),
)
"""The third has no house number: its label fails until the address is corrected."""
_STREET_NAMES = [line.split()[0] for line, _, _, _ in STREETS]
PERSONAL = ("Vermeulen", "shop.example", "0612345678", "612345678", "3531 GV", "1861 KX", *_STREET_NAMES)
"""What of these customers must stand in no file of the state."""
REMARK = "Please ring twice"
EXACT = (
    "fewer", "more", "approve", "unapprove", "cancel_order", "delete_order", "spoil_address", "correct_address", "move_away",
    "delete_delivery", "deliver_fewer", "type_tracking",
)  # fmt: skip
"""What people do in Exact beside placing orders and delivering them."""
PANEL = (
    "make_label", "make_label", "edit_entry", "delete_entry", "cancel_label", "restore_label", "retry_failed", "announce_anew",
    "label_by_our_other_app", "label_elsewhere",
)  # fmt: skip
"""What people and other apps do at Sendcloud."""


def one_of(found: Sequence[T], which: int) -> T | None:
    """The one of that number, counted round and round; None of nothing."""
    return found[which % len(found)] if found else None


@dataclass
class People:
    """The people, and what they have done that excuses exactsend from finishing a delivery."""

    shop: Shop
    backups: Path
    touched: set[str] = field(default_factory=set)
    """Numbers of orders that a person labelled, cancelled or took in the panel, or changed after they were delivered."""
    tracked_by_hand: set[int] = field(default_factory=set)
    """Deliveries whose tracking number a person typed in."""
    remarked: set[int] = field(default_factory=set)
    """Deliveries whose remarks say something."""
    customers: int = 0
    last: int | None = None
    """The order that was dealt with last."""
    has_lost_memory: bool = False
    """The state was deleted, or an old one put back."""

    # ── orders ───────────────────────────────────────────────────────────────────────────────────

    def place(self, street: int, quantity: int, *, lamps: int, approved: bool, method: str) -> None:
        """An order of mugs, perhaps with lamps, by a customer of its own."""
        line, postcode, city, country = STREETS[street]
        office = self.shop.office
        self.customers += 1
        account = office.add_account(
            f"Vermeulen {self.customers} B.V.",
            country=country,
            email=f"v{self.customers}@shop.example",
            phone="0612345678",
        )
        address = office.add_address(account, line, postcode=postcode, city=city, country=country, main=True)
        lines = [("MUG", float(quantity), 12.5), *([("LAMP", float(lamps), 20.0)] if lamps else [])]
        office.place_order(account, lines, address=address, method=method, approved=approved)

    def orders(self, *, delivered: bool | None = None) -> list[int]:
        """The orders that are not cancelled; those of which something, or nothing, is delivered."""
        office = self.shop.office
        alive = [number for number in office.order_numbers() if office.order(number)["Status"] != CANCELLED]
        return [number for number in alive if delivered in (None, self.is_begun(number))]

    def _order(self, found: Sequence[int], which: int) -> int | None:
        """One of these orders; zero means the one that was dealt with last, where it is among them."""
        self.last = self.last if which == 0 and self.last in found else one_of(found, which)
        return self.last

    def is_begun(self, order: int) -> bool:
        """Whether something of an order is delivered."""
        return any(line.amount("QuantityDelivered") for line in self.shop.office.order_lines(order))

    def left(self, order: int) -> dict[str, float]:
        """Item id → how many are still to be delivered."""
        lines = self.shop.office.order_lines(order)
        rest = {
            line.text("Item"): line.amount("Quantity") - line.amount("QuantityDelivered") for line in lines
        }
        return {item: quantity for item, quantity in rest.items() if quantity > 0}

    def deliverable(self) -> list[int]:
        """The orders that are approved and not delivered in full."""
        approved = [order for order in self.orders() if self.shop.office.order(order)["ApprovalStatus"] == 2]
        return [number for number in approved if self.left(number)]

    def fewer(self, which: int) -> None:
        """Order one mug of an order that is not delivered yet."""
        self._order_mugs(which, 1)

    def more(self, which: int) -> None:
        """Order seven."""
        self._order_mugs(which, 7)

    def _order_mugs(self, which: int, quantity: int) -> None:
        if order := self._order(self.orders(delivered=False), which):
            self.shop.office.change_quantity(order, "MUG", quantity)

    def approve(self, which: int) -> None:
        """Approve an order."""
        if order := self._order(self.orders(), which):
            self.shop.office.approve_order(order)

    def unapprove(self, which: int) -> None:
        """Take an approval back, delivered or not."""
        if order := self._order(self.orders(), which):
            self._touch_if_begun(order)
            self.shop.office.unapprove_order(order)

    def cancel_order(self, which: int) -> None:
        """Cancel an order, delivered or not."""
        if order := self._order(self.orders(), which):
            self._touch_if_begun(order)
            self.shop.office.cancel_order(order)

    def delete_order(self, which: int) -> None:
        """Delete an order of which nothing is delivered."""
        if order := self._order(self.orders(delivered=False), which):
            self.shop.office.delete_order(order)

    def correct_address(self, which: int) -> None:
        """Give an order's delivery address a house number."""
        self._readdress(which, 0)

    def spoil_address(self, which: int) -> None:
        """Take the house number away."""
        self._readdress(which, 2)

    def move_away(self, which: int) -> None:
        """The customer has moved abroad."""
        self._readdress(which, 3)

    def _readdress(self, which: int, street: int) -> None:
        if order := self._order(self.orders(), which):
            line, postcode, city, country = STREETS[street]
            self._touch_if_begun(order)
            self.shop.office.correct_address(
                self.shop.address_of(order), AddressLine1=line, Postcode=postcode, City=city, Country=country
            )

    def _touch_if_begun(self, order: int) -> None:
        if self.is_begun(order):
            self.touched.add(str(order))

    # ── deliveries ───────────────────────────────────────────────────────────────────────────────

    def deliver(self, which: int) -> None:
        """All that is left of an order."""
        if order := self._order(self.deliverable(), which):
            self.remarked.add(self.shop.office.deliver(order, Remarks=REMARK))

    def deliver_part(self, which: int) -> None:
        """One mug or lamp of an order."""
        if order := self._order(self.deliverable(), which):
            item = next(iter(self.left(order)))
            code = self.shop.office.row("Items", "ID", item).text("Code")
            self.shop.office.deliver(order, {code: 1})

    def deliver_together(self, which: int) -> None:
        """Two orders in one delivery."""
        found = self.deliverable()
        if len(found) > 1:
            pair = {one_of(found, which), one_of(found, which + 1)}
            self.shop.office.deliver(sorted(number for number in pair if number))

    def delivery(self, which: int) -> int | None:
        """A delivery that stands in Exact."""
        return one_of(self.shop.office.delivery_numbers(), which)

    def delete_delivery(self, which: int) -> None:
        """Take a delivery back; its goods are open again."""
        if (delivery := self.delivery(which)) is not None:
            self._touch(delivery)
            self.shop.office.delete_delivery(delivery)

    def deliver_fewer(self, which: int) -> None:
        """Correct the delivery: it was one piece."""
        if (delivery := self.delivery(which)) is not None:
            self._touch(delivery)
            item = self.shop.office.delivery_lines(delivery)[0].text("Item")
            code = self.shop.office.row("Items", "ID", item).text("Code")
            self.shop.office.edit_delivery_line(delivery, code, QuantityDelivered=1)

    def type_tracking(self, which: int) -> None:
        """Type a tracking number into a delivery that has none."""
        delivery = self.delivery(which)
        if delivery is not None and not self.shop.office.tracking(delivery):
            self._touch(delivery)
            self.tracked_by_hand.add(delivery)
            self.shop.office.edit_delivery(delivery, TrackingNumber=self.typed(delivery))

    def typed(self, delivery: int) -> str:
        """The tracking number that a person types into a delivery."""
        return f"HAND{delivery}"

    def _touch(self, delivery: int) -> None:
        self.touched |= {str(order) for order in self.shop.office.orders_of(delivery)}

    # ── the panel ────────────────────────────────────────────────────────────────────────────────

    def incoming(self, which: int) -> Order | None:
        """An incoming order of this shop; zero means that of the order dealt with last, where it stands."""
        found = self.shop.panel.incoming()
        of_last = [order for order in found if order.order_number.partition("/")[0] == str(self.last)]
        return one_of((which == 0 and of_last) or found, which)

    def make_label(self, which: int) -> None:
        """Make the label of an incoming order by hand."""
        if entry := self.incoming(which):
            self._touch_number(entry.order_number)
            self.shop.panel.make_label(entry.order_number, "postnl:standard")

    def edit_entry(self, which: int) -> None:
        """Send an incoming order to another place than Exact says."""
        if entry := self.incoming(which):
            self._touch_number(entry.order_number)
            self.shop.panel.edit_order(entry.order_number, postal_code="9999 ZZ", house_number="1")

    def delete_entry(self, which: int) -> None:
        """Remove an incoming order."""
        if entry := self.incoming(which):
            self._touch_number(entry.order_number)
            self.shop.panel.delete_order(entry.order_number)

    def label_by_our_other_app(self, which: int) -> None:
        """Sendcloud's own app for Exact makes a label too."""
        self._label_by_another_app(which, "3531 GV")

    def label_elsewhere(self, which: int) -> None:
        """Another shop has an order of the same number, to another place."""
        self._label_by_another_app(which, "1234 AB")

    def _label_by_another_app(self, which: int, postal_code: str) -> None:
        if order := self._order(self.orders(), which):
            self._touch_number(str(order))
            self.shop.label_by_another_app(str(order), postal_code)

    def cancel_label(self, which: int) -> None:
        """Cancel a live label."""
        if label := one_of(self.shop.panel.labels(), which):
            self._touch_number(label.order_number)
            self.shop.panel.cancel_label(shipment_id=label.shipment_id)

    def restore_label(self, which: int) -> None:
        """The carrier rejects a cancellation."""
        if label := one_of(self._shipments("CANCELLED"), which):
            self._touch_number(label.order_number)
            self.shop.panel.restore_label(label)

    def retry_failed(self, which: int) -> None:
        """Correct the address of a failed announcement in the panel and announce it again."""
        self._announce_again(which, as_new_shipment=False)

    def announce_anew(self, which: int) -> None:
        """The same, as a shipment of its own."""
        self._announce_again(which, as_new_shipment=True)

    def _announce_again(self, which: int, *, as_new_shipment: bool) -> None:
        if label := one_of(self._shipments(FAILED), which):
            self._touch_number(label.order_number)
            self.shop.panel.retry_failed(
                label.order_number, as_new_shipment=as_new_shipment, house_number="99"
            )

    def _shipments(self, status: str) -> list[Shipment]:
        return [
            shipment
            for shipment in self.shop.sandbox.world.sendcloud.shipments()
            if shipment.status == status
        ]

    def _touch_number(self, number: str) -> None:
        order, _, delivery = number.partition("/")
        self.touched.add(order)
        if delivery and int(delivery) in self.shop.office.delivery_numbers():
            self._touch(int(delivery))

    # ── the state folder ─────────────────────────────────────────────────────────────────────────

    @property
    def ledger(self) -> Path:
        """The folder of the division's ledger."""
        return self.shop.process.state / str(starting_worlds.DIVISION)

    def back_up(self) -> None:
        """Copy the ledger away."""
        if self.ledger.exists():
            shutil.rmtree(self.backups, ignore_errors=True)
            shutil.copytree(self.ledger, self.backups)

    def put_back(self) -> None:
        """Put the copy back."""
        if self.backups.exists():
            self.has_lost_memory = True
            shutil.rmtree(self.ledger, ignore_errors=True)
            shutil.copytree(self.backups, self.ledger)

    def lose_state(self) -> None:
        """Delete the ledger."""
        self.has_lost_memory = self.has_lost_memory or self.ledger.exists()
        shutil.rmtree(self.ledger, ignore_errors=True)
