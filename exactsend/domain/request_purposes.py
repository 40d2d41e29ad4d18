"""The purpose of each optional request: what is not done while it is refused, and what would allow it. Pure.

A refused request stops only what needs its answer (S13). ``status``, ``doctor``, the report and docs/safety.md show
these sentences.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exactsend.domain.division_records import RefusedQuestion
from exactsend.errors import NAMELESS


@dataclass(frozen=True)
class Purpose:
    """The purpose of a request."""

    not_done: str
    """What is not done, or done differently, without its answer."""
    right: str = ""
    """The right that Exact's reference names for it; empty if there is none, and for Sendcloud."""
    is_optional: bool = True
    """True: runs end as usual without its answer. False: they end with status 7, because something due could not be done."""


SALES_ORDERS, WMS, CRM = "Sales orders", "Logistics wms", "Crm accounts"
ITEMS, DOCUMENTS, ADMINISTRATION = (
    "Logistics items",
    "Organization documents",
    "Organization administration",
)
"""Rights on an app's registration (Exact, REST API reference: the scope of each resource)."""

_APIECE = "{what} are asked for by id instead, fifteen in a call, which takes more calls."
_OTHERWISE = "{what} are found by their date of change instead, which takes more calls."

PURPOSES: Mapping[tuple[str, str, str], Purpose] = {
    ("exact", "GET", "current/Me"): Purpose("Exact's clock is taken from the date of its answers."),
    ("exact", "GET", "system/Divisions?Code"): Purpose(
        "All divisions are read instead of this one.", ADMINISTRATION
    ),
    ("exact", "GET", "system/Divisions"): Purpose(
        "Country and currency are those read last; where none were, the country is that of the sender addresses. "
        "A moved or blocked division is not noticed.",
        ADMINISTRATION,
    ),
    ("exact", "GET", "users/UserHasRights"): Purpose(
        "Whether an empty answer means that the user may not see the records can't be asked; it counts as none.",
        ADMINISTRATION,
    ),
    ("exact", "GET", "read/sync/Sync/SyncTimestamp"): Purpose(
        _OTHERWISE.format(what="Changes"), ADMINISTRATION
    ),
    ("exact", "GET", "sync/Deleted"): Purpose(
        "Deleted orders are noticed only when they are read again.", ADMINISTRATION
    ),
    ("exact", "GET", "sync/SalesOrder/SalesOrderHeaders"): Purpose(
        _OTHERWISE.format(what="Changed orders"), SALES_ORDERS
    ),
    ("exact", "GET", "sync/SalesOrder/SalesOrderLines"): Purpose(
        "Open orders are read again once an hour to notice changed lines.", SALES_ORDERS
    ),
    ("exact", "GET", "sync/SalesOrder/GoodsDeliveries"): Purpose(
        _OTHERWISE.format(what="Changed deliveries"), WMS
    ),
    ("exact", "GET", "sync/SalesOrder/GoodsDeliveryLines"): Purpose(
        _OTHERWISE.format(what="Changed delivery lines"), WMS
    ),
    ("exact", "GET", "sync/CRM/Accounts"): Purpose(_OTHERWISE.format(what="Corrected accounts"), CRM),
    ("exact", "GET", "sync/CRM/Contacts"): Purpose(_OTHERWISE.format(what="Corrected contact persons"), CRM),
    ("exact", "GET", "sync/CRM/Addresses"): Purpose(_OTHERWISE.format(what="Corrected addresses"), CRM),
    ("exact", "GET", "sync/Logistics/Items"): Purpose(_OTHERWISE.format(what="Corrected items"), ITEMS),
    ("exact", "GET", "bulk/SalesOrder/SalesOrders"): Purpose(
        "The first orders are read sixty at a time, which takes more calls.", SALES_ORDERS
    ),
    ("exact", "GET", "salesorder/SalesOrders?OrderDate"): Purpose(
        "The first orders are asked for by their status alone, which takes more calls.", SALES_ORDERS
    ),
    ("exact", "GET", "salesorder/SalesOrders?Status"): Purpose(
        "Orders from before the first run are not sent.", SALES_ORDERS, is_optional=False
    ),
    ("exact", "GET", "salesorder/SalesOrders?Modified"): Purpose(
        "Only changes of open orders are noticed, within an hour; new orders are not.",
        SALES_ORDERS,
        is_optional=False,
    ),
    ("exact", "GET", "salesorder/GoodsDeliveries?Modified"): Purpose(
        "Only changes of open deliveries are noticed, within an hour; new deliveries are not.",
        WMS,
        is_optional=False,
    ),
    ("exact", "GET", "salesorder/GoodsDeliveryLines?Modified"): Purpose(
        "Open deliveries are read again once an hour to notice changed lines.", WMS
    ),
    **{
        ("exact", "GET", f"{path}?Modified"): Purpose(
            f"Corrected {what} are noticed within an hour, when what is open is read again.", right
        )
        for path, what, right in (
            ("crm/Accounts", "accounts", CRM),
            ("crm/Contacts", "contact persons", CRM),
            ("crm/Addresses", "addresses", CRM),
            ("logistics/Items", "items", ITEMS),
        )
    },
    **{
        ("exact", "GET", f"{path}{NAMELESS}"): Purpose(
            f"These rows are passed over, since {what} can't be read without its id. The others go on.", right
        )
        for path, what, right in (
            ("salesorder/SalesOrders", "an order", SALES_ORDERS),
            ("bulk/SalesOrder/SalesOrders", "an order", SALES_ORDERS),
            ("salesorder/GoodsDeliveries", "a delivery", WMS),
            ("salesorder/GoodsDeliveryLines", "a delivery", WMS),
            ("crm/Accounts", "an account", CRM),
            ("crm/Contacts", "a contact person", CRM),
            ("crm/Addresses", "an address", CRM),
            ("logistics/Items", "an item", ITEMS),
        )
    },
    ("exact", "GET", "salesorder/SalesOrders"): Purpose(
        "No order is sent, and no label bought. Labels that exist are written back.",
        SALES_ORDERS,
        is_optional=False,
    ),
    ("exact", "GET", "salesorder/SalesOrders?OrderNumber"): Purpose(
        _APIECE.format(what="Orders"), SALES_ORDERS
    ),
    ("exact", "GET", "salesorder/GoodsDeliveries?DeliveryNumber"): Purpose(
        _APIECE.format(what="Deliveries"), WMS
    ),
    ("exact", "GET", "salesorder/SalesOrderLines"): Purpose(
        "Orders that came without their lines wait. Everything else goes on.", SALES_ORDERS
    ),
    ("exact", "GET", "salesorder/GoodsDeliveries"): Purpose(
        "No label is bought and none written back. Orders are sent.", WMS, is_optional=False
    ),
    ("exact", "GET", "salesorder/GoodsDeliveryLines"): Purpose(
        "Deliveries that came without their lines wait. Everything else goes on.", WMS
    ),
    ("exact", "GET", "crm/Accounts"): Purpose(
        "Orders and deliveries wait, since whose they are can't be read. Labels that exist are written back.",
        CRM,
        is_optional=False,
    ),
    ("exact", "GET", "crm/Contacts"): Purpose(
        "Orders and deliveries with a contact person wait. Everything else goes on.", CRM, is_optional=False
    ),
    ("exact", "GET", "crm/Addresses"): Purpose(
        "Orders and deliveries wait, since where they go can't be read. Labels that exist are written back.",
        CRM,
        is_optional=False,
    ),
    ("exact", "GET", "logistics/Items"): Purpose(
        "Orders and deliveries wait, since what they hold can't be read. Labels that exist are written back.",
        ITEMS,
        is_optional=False,
    ),
    ("exact", "GET", "logistics/Items/$count"): Purpose(
        "Items are read in smaller groups, which may take more calls.", ITEMS
    ),
    ("exact", "GET", "crm/Accounts/$count"): Purpose(
        "Accounts are read in smaller groups, which may take more calls.", CRM
    ),
    ("exact", "GET", "crm/Contacts/$count"): Purpose(
        "Contact persons are read in smaller groups, which may take more calls.", CRM
    ),
    ("exact", "GET", "crm/Addresses/$count"): Purpose(
        "Addresses are read in smaller groups, which may take more calls.", CRM
    ),
    ("exact", "GET", "sales/ShippingMethods"): Purpose(
        "Orders wait whose shipping method decides how they are sent. Deliveries, which name it, go on.",
        SALES_ORDERS,
    ),
    ("exact", "PUT", "salesorder/GoodsDeliveries"): Purpose(
        "No tracking is written back; labels are bought all the same.", WMS, is_optional=False
    ),
    ("exact", "GET", "documents/Documents"): Purpose(
        "Labels are not attached where an earlier run may have attached them. Tracking is written back.",
        DOCUMENTS,
    ),
    ("exact", "POST", "documents/Documents"): Purpose(
        "Labels are not attached to deliveries. Tracking is written back.", DOCUMENTS
    ),
    ("exact", "GET", "documents/DocumentAttachments"): Purpose(
        "Labels are not attached where the delivery has a document already. Tracking is written back.",
        DOCUMENTS,
    ),
    ("exact", "POST", "documents/DocumentAttachments"): Purpose(
        "Labels are not attached to deliveries. Tracking is written back.", DOCUMENTS
    ),
    ("sendcloud", "GET", "shipments"): Purpose(
        "No order is sent and no label bought, since whether a label exists can't be asked. Known labels are written back.",
        is_optional=False,
    ),
    ("sendcloud", "GET", "shipments?order_number"): Purpose(
        "No label is bought, since whether one exists can't be asked. Everything else goes on.",
        is_optional=False,
    ),
    ("sendcloud", "GET", "shipments/{id}"): Purpose(
        "Labels whose tracking was not known yet wait for the next walk through all shipments.",
        is_optional=False,
    ),
    ("sendcloud", "GET", "orders"): Purpose(
        "Whether incoming orders still exist in the panel is not checked, and a label is not bought where that counts."
    ),
    ("sendcloud", "POST", "orders"): Purpose(
        "No order is sent to Incoming orders. Labels are bought and written back.", is_optional=False
    ),
    ("sendcloud", "DELETE", "orders/{id}"): Purpose(
        "Incoming orders that are no longer wanted stay in the panel. Don't make labels from them.",
        is_optional=False,
    ),
    ("sendcloud", "GET", "addresses/sender-addresses"): Purpose(
        "Sender addresses are those read last; where none were, parcels count as sent from the division's country."
    ),
    ("sendcloud", "POST", "shipments/announce"): Purpose(
        "No label is bought with a shipping option of ours. Everything else goes on.", is_optional=False
    ),
    ("sendcloud", "POST", "shipments/announce-with-shipping-rules"): Purpose(
        "No label is bought by Sendcloud's rules. Everything else goes on.", is_optional=False
    ),
    ("sendcloud", "GET", "parcels/{id}/documents/label"): Purpose(
        "Labels are not attached to deliveries. Tracking is written back."
    ),
    ("sendcloud", "GET", "service-points/{id}"): Purpose(
        "Deliveries to a service point wait. Everything else goes on."
    ),
    ("sendcloud", "POST", "service-points/{id}/check-availability"): Purpose(
        "Deliveries to a service point wait. Everything else goes on."
    ),
    ("sendcloud", "POST", "shipping-options"): Purpose(
        "What an option demands is not checked before a label is bought, and prices are not quoted. The number is written even for labels without tracking."
    ),
    ("sendcloud", "POST", "addresses/validate"): Purpose(
        "Addresses are not checked before a label is bought."
    ),
}

_UNKNOWN = Purpose("What needs its answer waits.")


def purpose_of(service: str, method: str, endpoint: str) -> Purpose:
    """The purpose of a request."""
    return PURPOSES.get((service, method, endpoint), _UNKNOWN)


def remedy_for(refused: RefusedQuestion) -> str:
    """What a person can do about a refused request: a sentence with the commands to type."""
    if refused.service == "sendcloud":
        return (
            "Check in Sendcloud's panel what the keys of this integration may do, then run: exactsend doctor"
            if refused.status in {401, 403}
            else "Nothing to correct here is known: run exactsend doctor, and report it if it stays."
        )
    if refused.endpoint.endswith(NAMELESS):
        return "Open in Exact what was changed last and save it once more; if it stays, report it to Exact's support."
    right = purpose_of(refused.service, refused.method, refused.endpoint).right
    if refused.status in {401, 403}:
        named = f' "{right}"' if right else ""
        return (
            f"Give the app the right{named} at apps.exactonline.com, and the user who signed in the right to it in Exact, "
            "then run: exactsend connect. To see which of the two is missing: exactsend doctor"
        )
    return "Nothing to correct here is known: run exactsend doctor, and report it if it stays."
