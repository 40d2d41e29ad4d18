"""Fields that Exact shows but does not store in the row: names and codes of the rows that it refers to.

They are looked up on each read, so that a corrected name shows everywhere at once, as in Exact.
"""

from collections.abc import Callable, Mapping

from exactsend.sandbox.exact.rows import StoredRow, StoredValue
from exactsend.sandbox.exact.state import SandboxDivision

_ACCOUNT_CODE_WIDTH = 18

_Reference = tuple[str, str, str]
"""The referring field, the table that it refers to, and the field shown."""


def _party(prefix: str) -> dict[str, _Reference]:
    return {
        f"{prefix}Name": (prefix, "Accounts", "Name"),
        f"{prefix}ContactPersonFullName": (f"{prefix}ContactPerson", "Contacts", "FullName"),
    }


_SHIPPING_METHOD: dict[str, _Reference] = {
    "ShippingMethodCode": ("ShippingMethod", "ShippingMethods", "Code"),
    "ShippingMethodDescription": ("ShippingMethod", "ShippingMethods", "Description"),
}
_DOCUMENT: dict[str, _Reference] = {"DocumentSubject": ("Document", "Documents", "Subject")}
_ITEM: dict[str, _Reference] = {
    "ItemCode": ("Item", "Items", "Code"),
    "ItemDescription": ("Item", "Items", "Description"),
}

_REFERENCES: Mapping[str, Mapping[str, _Reference]] = {
    "SalesOrders": {
        **_party("OrderedBy"),
        **_party("DeliverTo"),
        **_party("InvoiceTo"),
        **_SHIPPING_METHOD,
        **_DOCUMENT,
        "WarehouseCode": ("WarehouseID", "Warehouses", "Code"),
        "WarehouseDescription": ("WarehouseID", "Warehouses", "Description"),
    },
    "SalesOrderLines": {
        **_ITEM,
        "OrderStatus": ("OrderID", "SalesOrders", "Status"),
        "UnitDescription": ("Item", "Items", "UnitDescription"),
    },
    "GoodsDeliveries": {
        **_SHIPPING_METHOD,
        **_DOCUMENT,
        "DeliveryAccountCode": ("DeliveryAccount", "Accounts", "Code"),
        "DeliveryAccountName": ("DeliveryAccount", "Accounts", "Name"),
        "DeliveryContactPersonFullName": ("DeliveryContact", "Contacts", "FullName"),
        "WarehouseCode": ("Warehouse", "Warehouses", "Code"),
        "WarehouseDescription": ("Warehouse", "Warehouses", "Description"),
    },
    "GoodsDeliveryLines": {
        **_ITEM,
        "DeliveryDate": ("EntryID", "GoodsDeliveries", "DeliveryDate"),
        "SalesOrderLineNumber": ("SalesOrderLineID", "SalesOrderLines", "LineNumber"),
    },
    "Addresses": {
        "AccountName": ("Account", "Accounts", "Name"),
        "ContactName": ("Contact", "Contacts", "FullName"),
        "WarehouseCode": ("Warehouse", "Warehouses", "Code"),
        "WarehouseDescription": ("Warehouse", "Warehouses", "Description"),
    },
    "Contacts": {"AccountName": ("Account", "Accounts", "Name")},
    "Documents": {
        "AccountCode": ("Account", "Accounts", "Code"),
        "AccountName": ("Account", "Accounts", "Name"),
        "TypeDescription": ("Type", "DocumentTypes", "Description"),
    },
}

_STATUS_NAMES = {12: "Open", 20: "Partial", 21: "Complete", 45: "Cancelled"}
_APPROVAL_NAMES = {0: "Awaiting approval", 1: "Automatic", 2: "Approved"}


def field_value(division: SandboxDivision, table: str, row: StoredRow, name: str) -> StoredValue:
    """The value of a field: stored, looked up or computed; None when it is null."""
    if name in row.values:
        return row.values[name]
    reference = _REFERENCES.get(table, {}).get(name)
    if reference is not None:
        field, other_table, other_field = reference
        other = division.table(other_table).get(row[field])
        return None if other is None else field_value(division, other_table, other, other_field)
    compute = _COMPUTED.get((table, name)) or _COMPUTED.get(("", name))
    return None if compute is None else compute(division, row)


def padded_account_code(code: str) -> str:
    """An account code as Exact stores it: 18 characters, padded with spaces on the left."""
    return code.rjust(_ACCOUNT_CODE_WIDTH)


def _order_amount(division: SandboxDivision, row: StoredRow) -> float:
    lines = division.table("SalesOrderLines").find("OrderID", row.key)
    return round(sum(line.amount("AmountFC") for line in lines), 2)


def _status_name(field: str) -> Callable[[SandboxDivision, StoredRow], StoredValue]:
    return lambda _division, row: _STATUS_NAMES.get(row.number(field))


def _file_size(_division: SandboxDivision, row: StoredRow) -> StoredValue:
    content = row["Attachment"]
    return float(len(content)) if isinstance(content, bytes) else None


_COMPUTED: Mapping[tuple[str, str], Callable[[SandboxDivision, StoredRow], StoredValue]] = {
    ("", "Division"): lambda division, _row: division.code,
    ("", "Creator"): lambda division, _row: division.user.id,
    ("", "CreatorFullName"): lambda division, _row: division.user.name,
    ("", "Modifier"): lambda division, _row: division.user.id,
    ("", "ModifierFullName"): lambda division, _row: division.user.name,
    ("", "Timestamp"): lambda _division, row: row.version,
    ("SalesOrders", "ID"): lambda _division, row: row.key,
    ("SalesOrders", "AmountFC"): _order_amount,
    ("SalesOrders", "AmountDC"): _order_amount,
    ("SalesOrders", "AmountFCExclVat"): _order_amount,
    ("SalesOrders", "StatusDescription"): _status_name("Status"),
    ("SalesOrders", "DeliveryStatusDescription"): _status_name("DeliveryStatus"),
    ("SalesOrders", "ApprovalStatusDescription"): lambda _division, row: _APPROVAL_NAMES.get(
        row.number("ApprovalStatus")
    ),
    ("SalesOrderLines", "Status"): lambda _division, row: row["DeliveryStatus"],
    ("SalesOrderLines", "StatusDescription"): _status_name("DeliveryStatus"),
    ("SalesOrderLines", "DeliveryStatusDescription"): _status_name("DeliveryStatus"),
    ("SalesOrderLines", "AmountDC"): lambda _division, row: row["AmountFC"],
    ("DocumentAttachments", "FileSize"): _file_size,
}
