"""Sales orders: place, approve, edit, cancel and delete them."""

from collections.abc import Sequence
from datetime import date, timedelta

from exactsend.sandbox.exact.office.locked_division import locked
from exactsend.sandbox.exact.office.master_data import DELIVERY, VISIT, MasterData
from exactsend.sandbox.exact.rows import StoredRow, StoredValue, first

OPEN, PARTIAL, COMPLETE, CANCELLED = 12, 20, 21, 45
"""Statuses of orders and of their lines."""

_AWAITING, _APPROVED = 0, 2

OrderLine = tuple[str, float, float]
"""Item code, quantity, net price per piece."""


class Orders(MasterData):
    """The sales side of the office."""

    @locked
    def place_order(
        self,
        account: str,
        lines: Sequence[OrderLine],
        *,
        contact: str | None = None,
        address: str | None = None,
        method: str | None = None,
        warehouse: str | None = "1",
        your_ref: str | None = None,
        order_date: date | None = None,
        approved: bool = True,
        currency: str | None = None,
        **fields: StoredValue,
    ) -> int:
        """Place an order and return its number.

        Args:
            account: the customer who orders and receives, by name or id; ``DeliverTo`` in ``fields`` overrides the receiver.
            lines: the ordered items.
            contact: id of the contact person, for ordering and for delivery.
            address: id of the delivery address; None: the account's main address.
            method: code of the shipping method.
            warehouse: code of the warehouse.
            your_ref: the customer's reference.
            order_date: None: today.
            approved: whether the order may be delivered.
            currency: None: the division's.
            fields: further fields of the order header, by Exact's names.
        """
        owner = self.account(account)
        number = self.division.next_number("order")
        today = order_date or self.world.clock().date()
        header: dict[str, StoredValue] = {
            "OrderNumber": number,
            "OrderedBy": owner.key,
            "DeliverTo": owner.key,
            "InvoiceTo": owner.key,
            "OrderedByContactPerson": contact,
            "DeliverToContactPerson": contact,
            "InvoiceToContactPerson": contact,
            "DeliveryAddress": address or self._usual_address(owner),
            "ShippingMethod": self.row_id("ShippingMethods", "Code", method),
            "WarehouseID": self.row_id("Warehouses", "Code", warehouse),
            "YourRef": your_ref,
            "OrderDate": today,
            "DeliveryDate": today,
            "Currency": currency or self.division.currency,
            "Status": OPEN,
            "DeliveryStatus": OPEN,
            "InvoiceStatus": OPEN,
            "ApprovalStatus": _APPROVED if approved else _AWAITING,
            "Approved": self.world.clock() if approved else None,
        }
        order = self.division.add("SalesOrders", header | fields)
        for line in lines:
            self._add_line(order, line, Created=order["Created"])
        return number

    @locked
    def add_line(self, number: int, item: str, quantity: float, net_price: float) -> None:
        """Add a line to an order; only the line gets a new row version."""
        self._add_line(self.order(number), (item, quantity, net_price))

    @locked
    def approve_order(self, number: int) -> None:
        """Approve an order."""
        self.edit_order(number, ApprovalStatus=_APPROVED, Approved=self.world.clock())

    @locked
    def unapprove_order(self, number: int) -> None:
        """Withdraw the approval of an order."""
        self.edit_order(number, ApprovalStatus=_AWAITING, Approved=None)

    @locked
    def edit_order(self, number: int, **fields: StoredValue) -> None:
        """Change fields of an order's header."""
        self.division.change("SalesOrders", self.order(number), fields)

    @locked
    def edit_order_line(self, number: int, item: str, **fields: StoredValue) -> None:
        """Change fields of the order line of an item; the header's row version does not change."""
        self.division.change("SalesOrderLines", self.order_line(number, item), fields)

    @locked
    def change_quantity(self, number: int, item: str, quantity: float) -> None:
        """Change the ordered quantity of an item."""
        line = self.order_line(number, item)
        amount = round(quantity * line.amount("NetPrice"), 2)
        self.division.change("SalesOrderLines", line, {"Quantity": quantity, "AmountFC": amount})

    @locked
    def cancel_order(self, number: int) -> None:
        """Cancel an order with all its lines."""
        for line in self.order_lines(number):
            self.division.change("SalesOrderLines", line, {"DeliveryStatus": CANCELLED})
        self.edit_order(number, Status=CANCELLED, DeliveryStatus=CANCELLED)

    @locked
    def delete_order(self, number: int) -> None:
        """Delete an order with all its lines."""
        order = self.order(number)
        for line in self.order_lines(number):
            self.division.remove("SalesOrderLines", line)
        self.division.remove("SalesOrders", order)

    @locked
    def commit_order_late(self, number: int, by: timedelta) -> None:
        """Show an order on the sync endpoints only after this time, with its current row version."""
        self.order(number).changed_at += by

    def order(self, number: int) -> StoredRow:
        """The current row of an order."""
        return self.row("SalesOrders", "OrderNumber", number)

    def order_id(self, number: int) -> str:
        """The ``OrderID`` of an order."""
        return self.order(number).key

    def order_numbers(self) -> list[int]:
        """All order numbers, oldest first."""
        return [order.number("OrderNumber") for order in self.division.table("SalesOrders")]

    def order_lines(self, number: int) -> list[StoredRow]:
        """The lines of an order."""
        return self.division.table("SalesOrderLines").find("OrderID", self.order(number).key)

    def order_line(self, number: int, item: str) -> StoredRow:
        """The order line of an item."""
        wanted = self.item(item).key
        found = first(line for line in self.order_lines(number) if line["Item"] == wanted)
        if found is None:
            raise LookupError(f"order {number} has no line with item {item}")
        return found

    def _add_line(self, order: StoredRow, line: OrderLine, **fields: StoredValue) -> None:
        code, quantity, net_price = line
        item = self.item(code)
        number = len(self.division.table("SalesOrderLines").find("OrderID", order.key)) + 1
        self.division.add(
            "SalesOrderLines",
            {
                "OrderID": order.key,
                "OrderNumber": order["OrderNumber"],
                "LineNumber": number,
                "Item": item.key,
                "Description": item["Description"],
                "Quantity": float(quantity),
                "QuantityDelivered": 0.0,
                "QuantityInvoiced": 0.0,
                "UnitCode": item["Unit"],
                "UnitPrice": float(net_price),
                "NetPrice": float(net_price),
                "AmountFC": round(quantity * net_price, 2),
                "VATPercentage": 0.21,
                "DeliveryDate": order["DeliveryDate"],
                "DeliveryStatus": OPEN,
                "InvoiceStatus": OPEN,
                "UseDropShipment": 0,
                **fields,
            },
        )

    def _usual_address(self, account: StoredRow) -> str | None:
        addresses = self.division.table("Addresses").find("Account", account.key)
        main = {address["Type"]: address.key for address in addresses if address["Main"]}
        return main.get(DELIVERY) or main.get(VISIT)
