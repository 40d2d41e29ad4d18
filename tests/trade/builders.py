"""Records that are whole and ordinary: a test changes only what it is about."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from exactsend.domain.policy import Policy
from exactsend.exact.models import Account, Address, Contact, GoodsDelivery, Item, SalesOrder, SalesOrderLine
from exactsend.sendcloud.models import Shipment
from exactsend.trade.consignment import Consignment, Directory, Goods

KEY = b"a key for tests"


def an_account(**changes: Any) -> Account:  # noqa: ANN401 - any field of the record
    return Account(
        **{
            "id": "acc",
            "name": "Jansen BV",
            "email": "info@jansen.example",
            "phone": "030 231 9876",
            "country": "NL",
            **changes,
        }
    )


def a_contact(**changes: Any) -> Contact:  # noqa: ANN401 - likewise
    fields = {
        "id": "con",
        "account": "acc",
        "full_name": "Petra de Wit",
        "email": "petra@jansen.example",
        "mobile": "06 12345678",
    }
    return Contact(**{**fields, **changes})


def an_address(**changes: Any) -> Address:  # noqa: ANN401 - likewise
    fields = {
        "id": "adr",
        "account": "acc",
        "type": 4,
        "main": True,
        "address_line1": "Kerkstraat 12",
        "postcode": "1017 GC",
    }
    return Address(**{**fields, "city": "Amsterdam", "country": "NL", **changes})


def an_item(**changes: Any) -> Item:  # noqa: ANN401 - likewise
    fields = {
        "id": "itm",
        "code": "SHIRT",
        "description": "Shirt",
        "gross_weight": "0.25",
        "unit": "pc",
        "is_stock_item": 1,
    }
    return Item(**{**fields, **changes})


def a_line(**changes: Any) -> SalesOrderLine:  # noqa: ANN401 - likewise
    fields = {
        "id": "line-1",
        "order_id": "ord",
        "item": "itm",
        "item_code": "SHIRT",
        "description": "Shirt blue",
        "quantity": 2,
        "quantity_delivered": 0,
        "use_drop_shipment": False,
    }
    return SalesOrderLine(
        **{**fields, "unit_code": "pc", "amount_fc": "25.30", "amount_dc": "25.30", **changes}
    )


def an_order(**changes: Any) -> SalesOrder:  # noqa: ANN401 - likewise
    fields = {
        "division": 1234567,
        "order_id": "ord",
        "order_number": 4711,
        "status": 12,
        "approval_status": 2,
        "order_date": datetime(2026, 11, 20),  # noqa: DTZ001 - Exact's dates have no zone
        "ordered_by": "acc",
        "deliver_to": "acc",
        "delivery_address": "adr",
        "currency": "EUR",
        "sales_order_lines": (a_line(),),
    }
    return SalesOrder(**{**fields, **changes})


def a_delivery(**changes: Any) -> GoodsDelivery:  # noqa: ANN401 - likewise
    fields = {
        "division": 1234567,
        "entry_id": "del",
        "delivery_number": 20001,
        "tracking_number": None,
        "remarks": None,
        "document": None,
        "delivery_account": "acc",
        "delivery_address": "adr",
    }
    return GoodsDelivery(**{**fields, **changes})


def some_goods(**changes: Any) -> Goods:  # noqa: ANN401 - likewise
    fields = {"line_id": "line-1", "quantity": Decimal(2), "description": "Shirt blue", "unit_code": "pc"}
    return Goods(**{**fields, "item": an_item(), "order_line": a_line(), **changes})


def a_directory(*records: Account | Contact | Address | Item, **changes: Any) -> Directory:  # noqa: ANN401 - likewise
    """What was read: an ordinary account, address and item, and ``records`` beside or in place of them."""
    held = (an_account(), an_address(), an_item(), *records)
    return Directory(
        accounts={account.id: account for account in held if isinstance(account, Account)},
        contacts={contact.id: contact for contact in held if isinstance(contact, Contact)},
        addresses={address.id: address for address in held if isinstance(address, Address)},
        items={item.id: item for item in held if isinstance(item, Item)},
        **{"shipping_method_codes": {"met": "PNL"}, **changes},
    )


def a_consignment(**changes: Any) -> Consignment:  # noqa: ANN401 - likewise
    fields = {
        "incoming_number": "4711",
        "orders": (an_order(),),
        "goods": (some_goods(),),
        "directory": a_directory(),
    }
    return Consignment(**{**fields, **changes})


def a_policy(**tables: Any) -> Policy:  # noqa: ANN401 - tables as in the configuration
    return Policy.model_validate(tables)


def a_shipment(*numbers: str, **changes: Any) -> Shipment:  # noqa: ANN401 - any field of the resource
    parcels = [
        {
            "id": place,
            "status": {"code": "READY_TO_SEND", "message": "Ready to send"},
            "tracking_number": number,
            "tracking_url": f"https://track.example/?code={number}",
        }
        for place, number in enumerate(numbers, start=1)
    ]
    fields = {
        "id": "s-1",
        "order_number": "4711",
        "external_reference_id": None,
        "carrier": {"code": "postnl", "name": "PostNL"},
        "parcels": parcels,
    }
    return Shipment.model_validate({**fields, **changes})
