"""Goods deliveries and the documents that are linked to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from exactsend.sandbox.exact.office.locked_division import locked
from exactsend.sandbox.exact.office.orders import CANCELLED, COMPLETE, OPEN, PARTIAL, Orders
from exactsend.sandbox.exact.rows import StoredRow, StoredValue

_UNAPPROVED = 0
_MISCELLANEOUS = 55
_LOCATION_IDS = 10**9
"""Ids of storage locations are made from numbers above this one, which rows never reach."""


@dataclass(frozen=True)
class Attachment:
    """A file on a document."""

    name: str
    content: bytes


class Deliveries(Orders):
    """The warehouse side of the office."""

    @locked
    def deliver(
        self,
        orders: int | Sequence[int],
        quantities: Mapping[str, float] | None = None,
        *,
        warehouse: str | None = None,
        address: str | None = None,
        **fields: StoredValue,
    ) -> int:
        """Deliver goods of an order or of several; returns the delivery number.

        Args:
            orders: the order numbers; the first order gives the delivery its account, address and method.
            quantities: item code → how many; None: everything that is still open.
            warehouse: code of the warehouse; None: the order's.
            address: id of the delivery address; None: the order's.
            fields: further fields of the delivery header, by Exact's names.

        Raises:
            ValueError: an order is not approved or is cancelled, or there is nothing left to deliver.
        """
        numbers = [orders] if isinstance(orders, int) else list(orders)
        picked = self._picked(numbers, quantities)
        head = self.order(numbers[0])
        number = self.division.next_number("delivery")
        header: dict[str, StoredValue] = {
            "DeliveryNumber": number,
            "EntryNumber": number,
            "DeliveryAccount": head["DeliverTo"],
            "DeliveryAddress": address or head["DeliveryAddress"],
            "DeliveryContact": head["DeliverToContactPerson"],
            "DeliveryDate": self.world.clock().date(),
            "ShippingMethod": head["ShippingMethod"],
            "Warehouse": self.row_id("Warehouses", "Code", warehouse) or head["WarehouseID"],
            "Description": head["Description"],
        }
        delivery = self.division.add("GoodsDeliveries", header | fields)
        for line_number, (line, quantity) in enumerate(picked, start=1):
            self._deliver_line(delivery, line_number, line, quantity)
        for order_number in numbers:
            self._update_status(order_number)
        return number

    @locked
    def edit_delivery(self, number: int, **fields: StoredValue) -> None:
        """Change fields of a delivery's header."""
        self.division.change("GoodsDeliveries", self.delivery(number), fields)

    @locked
    def edit_delivery_line(self, number: int, item: str, **fields: StoredValue) -> None:
        """Change fields of the delivery line of an item; the header's row version does not change."""
        wanted = self.item(item).key
        for line in self.delivery_lines(number):
            if line["Item"] == wanted:
                self.division.change("GoodsDeliveryLines", line, fields)

    @locked
    def split_delivery_line(self, number: int, item: str, location: str, quantity: float) -> None:
        """Take part of a line from another storage location; the API then shows the line's id twice."""
        wanted = self.item(item).key
        for line in [line for line in self.delivery_lines(number) if line["Item"] == wanted][:1]:
            rest = line.amount("QuantityDelivered") - quantity
            at: dict[str, StoredValue] = {
                "StorageLocation": self.division.new_id(line.sequence + _LOCATION_IDS)
            }
            part: dict[str, StoredValue] = {"StorageLocationCode": location, "QuantityDelivered": quantity}
            self.division.add_twin("GoodsDeliveryLines", line, at | part)
            self.division.change("GoodsDeliveryLines", line, {"QuantityDelivered": rest})

    @locked
    def delete_delivery(self, number: int) -> None:
        """Delete a delivery; its goods are open on the order again."""
        delivery = self.delivery(number)
        orders = self.orders_of(number)
        for line in self.delivery_lines(number):
            self._undeliver_line(line)
        self.division.remove("GoodsDeliveries", delivery)
        for order_number in orders:
            self._update_status(order_number)

    @locked
    def link_document(self, number: int, subject: str) -> str:
        """Create a document of the shop and link it to a delivery; returns its id."""
        values: dict[str, StoredValue] = {"Subject": subject, "Type": _MISCELLANEOUS}
        document = self.division.add("Documents", values)
        self.edit_delivery(number, Document=document.key)
        return document.key

    @locked
    def commit_delivery_late(self, number: int, by: timedelta) -> None:
        """Show a delivery on the sync endpoints only after this time, with its current row version."""
        for row in (self.delivery(number), *self.delivery_lines(number)):
            row.changed_at += by

    def delivery(self, number: int) -> StoredRow:
        """The current row of a delivery."""
        return self.row("GoodsDeliveries", "DeliveryNumber", number)

    def delivery_id(self, number: int) -> str:
        """The ``EntryID`` of a delivery."""
        return self.delivery(number).key

    def delivery_numbers(self) -> list[int]:
        """All delivery numbers, oldest first."""
        return [delivery.number("DeliveryNumber") for delivery in self.division.table("GoodsDeliveries")]

    def delivery_lines(self, number: int) -> list[StoredRow]:
        """The lines of a delivery."""
        return self.division.table("GoodsDeliveryLines").find("EntryID", self.delivery(number).key)

    def orders_of(self, number: int) -> list[int]:
        """The numbers of the orders that a delivery belongs to."""
        return sorted({line.number("SalesOrderNumber") for line in self.delivery_lines(number)})

    def tracking(self, number: int) -> str:
        """The tracking number of a delivery; empty when there is none."""
        return self.delivery(number).text("TrackingNumber")

    def remarks(self, number: int) -> str:
        """The remarks of a delivery; empty when there are none."""
        return self.delivery(number).text("Remarks")

    def document(self, number: int) -> StoredRow | None:
        """The document that is linked to a delivery."""
        return self.division.table("Documents").get(self.delivery(number)["Document"])

    def attachments(self, number: int) -> list[Attachment]:
        """The files on the document that is linked to a delivery."""
        document = self.document(number)
        return [] if document is None else self.attachments_of(document.key)

    def attachments_of(self, document_id: str) -> list[Attachment]:
        """The files on a document."""
        rows = self.division.table("DocumentAttachments").find("Document", document_id)
        contents = [(row.text("FileName"), row["Attachment"]) for row in rows]
        return [Attachment(name, content) for name, content in contents if isinstance(content, bytes)]

    def documents(self) -> list[StoredRow]:
        """Every document, oldest first."""
        return list(self.division.table("Documents"))

    def _picked(
        self, numbers: list[int], quantities: Mapping[str, float] | None
    ) -> list[tuple[StoredRow, float]]:
        wanted = {self.item(code).key: quantity for code, quantity in (quantities or {}).items()}
        picked: list[tuple[StoredRow, float]] = []
        for number in numbers:
            self._check_deliverable(number)
            for line in self.order_lines(number):
                left = line.amount("Quantity") - line.amount("QuantityDelivered")
                item = line.text("Item")
                quantity = left if quantities is None else min(left, wanted.get(item, 0))
                if quantity:
                    picked.append((line, quantity))
                    wanted[item] = wanted.get(item, quantity) - quantity
        if not picked:
            raise ValueError(f"nothing left to deliver of {numbers}")
        return picked

    def _check_deliverable(self, number: int) -> None:
        order = self.order(number)
        if order["ApprovalStatus"] == _UNAPPROVED or order["Status"] == CANCELLED:
            raise ValueError(f"order {number} is not approved, or is cancelled")

    def _deliver_line(self, delivery: StoredRow, line_number: int, line: StoredRow, quantity: float) -> None:
        self.division.add(
            "GoodsDeliveryLines",
            {
                "EntryID": delivery.key,
                "LineNumber": line_number,
                "Item": line["Item"],
                "Description": line["Description"],
                "QuantityDelivered": quantity,
                "QuantityOrdered": line["Quantity"],
                "SalesOrderLineID": line.key,
                "SalesOrderNumber": line["OrderNumber"],
                "Unitcode": line["UnitCode"],
            },
        )
        self._set_delivered(line, line.amount("QuantityDelivered") + quantity)

    def _undeliver_line(self, line: StoredRow) -> None:
        ordered = self.row("SalesOrderLines", "ID", line["SalesOrderLineID"])
        self._set_delivered(ordered, ordered.amount("QuantityDelivered") - line.amount("QuantityDelivered"))
        self.division.remove("GoodsDeliveryLines", line)

    def _set_delivered(self, line: StoredRow, delivered: float) -> None:
        status = COMPLETE if delivered >= line.amount("Quantity") else PARTIAL if delivered else OPEN
        changes: dict[str, StoredValue] = {"QuantityDelivered": delivered, "DeliveryStatus": status}
        self.division.change("SalesOrderLines", line, changes)

    def _update_status(self, order_number: int) -> None:
        """Set an order's status according to its lines."""
        statuses = {line["DeliveryStatus"] for line in self.order_lines(order_number)}
        status = statuses.pop() if len(statuses) == 1 else PARTIAL
        self.edit_order(order_number, Status=status, DeliveryStatus=status)
