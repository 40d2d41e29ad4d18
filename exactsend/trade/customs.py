"""The customs data of a consignment (T6): reason and type of export, invoice, and the parties' numbers.

``customs_areas`` decides whether it is needed; ``customs_items`` has the items.
"""

import re
from collections.abc import Sequence

from exactsend.domain.policy import CustomsPolicy, Policy
from exactsend.domain.problems import Code, hold
from exactsend.exact.models import Account
from exactsend.http.messages import Json
from exactsend.trade.consignment import Consignment
from exactsend.trade.country import country_code
from exactsend.trade.customs_areas import needs_customs
from exactsend.trade.parties import account_of
from exactsend.trade.recipient import Recipient
from exactsend.trade.sender import Area, TaxNumber
from exactsend.trade.text import clean

_LONGEST_INVOICE_NUMBER = 40
_LONGEST_TAX_NUMBER = 100
"""Sendcloud, Shipments API v3, ``customs_information``."""
_EORI = re.compile(r"[A-Z]{2}(?=.*[0-9])[A-Z0-9]{1,15}")
_VAT = re.compile(r".*[0-9].*")
"""Both have digits; words in these fields ("applied for") are no numbers."""


def is_declared(sender: Area, recipient: Recipient) -> bool:
    """Whether a consignment needs a customs declaration."""
    to = recipient.address
    return needs_customs(sender.country, sender.postal_code, to.country_code, to.postal_code)


def invoice_number(consignment: Consignment) -> str:
    """The commercial invoice number, made from the order's and the delivery's."""
    number = str(consignment.order.order_number)
    if consignment.delivery is not None:
        number = f"{number}/{consignment.delivery.delivery_number}"
    return number[:_LONGEST_INVOICE_NUMBER]


def customs_details(consignment: Consignment, recipient: Recipient, policy: Policy) -> dict[str, Json]:
    """The customs data of an incoming order.

    Raises:
        Held: incoming orders don't have the configured shipment type.
    """
    if policy.customs.shipment_type == "documents":
        raise hold(Code.SHIPMENT_TYPE_NOT_FOR_ORDERS, {"name": consignment.name})
    details: dict[str, Json] = {
        "commercial_invoice_number": invoice_number(consignment),
        "shipment_type": policy.customs.shipment_type,
        "export_type": _export_type(recipient, policy.customs),
    }
    if numbers := importer_numbers(account_of(consignment), recipient.address.country_code):
        details["tax_numbers"] = {"receiver": _json_rows(numbers), "importer_of_record": _json_rows(numbers)}
    return details


def customs_information(
    consignment: Consignment, recipient: Recipient, policy: Policy, sender: Area
) -> dict[str, Json]:
    """The customs data of a shipment.

    Tax numbers are sent only if the sender's own are known: Sendcloud accepts all three lists or none, and given lists
    replace the numbers of the sender address, without which little is exported (Sendcloud, Shipments API v3,
    ``from_address``).

    Raises:
        Held: shipments don't have the configured shipment type.
    """
    if policy.customs.shipment_type == "returned_goods":
        raise hold(Code.SHIPMENT_TYPE_NOT_FOR_LABELS, {"name": consignment.name})
    information: dict[str, Json] = {
        "invoice_number": invoice_number(consignment),
        "export_reason": policy.customs.shipment_type,
        "export_type": _export_type(recipient, policy.customs),
    }
    numbers = importer_numbers(account_of(consignment), recipient.address.country_code)
    if numbers and sender.tax_numbers is not None:
        information["tax_numbers"] = {
            "sender": _json_rows(sender.tax_numbers),
            "receiver": _json_rows(numbers),
            "importer_of_record": _json_rows(numbers),
        }
    return information


def importer_numbers(account: Account | None, country: str) -> tuple[TaxNumber, ...]:
    """The importer's EORI and VAT numbers, as far as the account has them."""
    if account is None:
        return ()
    eori, vat = _compact(account.eori_number), _compact(account.vat_number)
    found = []
    if _EORI.fullmatch(eori):
        found.append(TaxNumber("EORI", country_code(eori[:2]), eori))
    if _VAT.fullmatch(vat):
        found.append(TaxNumber("VAT", country_code(vat[:2]) or country_code(account.country) or country, vat))
    return tuple(found)


def _compact(number: str) -> str:
    return re.sub(r"[ .\-]", "", clean(number)).upper()[:_LONGEST_TAX_NUMBER]


def _json_rows(numbers: Sequence[TaxNumber]) -> list[Json]:
    return [
        {"name": number.name, "country_code": number.country_code, "value": number.value}
        for number in numbers
    ]


def _export_type(recipient: Recipient, policy: CustomsPolicy) -> str:
    if policy.export_type != "auto":
        return policy.export_type
    return "commercial_b2b" if recipient.company_name else "commercial_b2c"
