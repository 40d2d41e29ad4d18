"""Keyed fingerprints (S15), to see whether something changed without storing it.

Two kinds must not be mixed up: of Exact's data, with which a label is compared later, and of a request, which also
changes with the configuration.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping

from exactsend.domain.policy import Policy
from exactsend.domain.problems import Held
from exactsend.exact.models import Account, Contact, GoodsDelivery, GoodsDeliveryLine
from exactsend.http.messages import Json
from exactsend.sendcloud.models import ShipmentAddress
from exactsend.trade.address import WrittenAddress, delivery_address
from exactsend.trade.amounts import bounded, plain
from exactsend.trade.consignment import Consignment, Goods
from exactsend.trade.parties import account_of, contact_of
from exactsend.trade.recipient import CONFIGURATION, Recipient
from exactsend.trade.text import clean

_GENERATED = frozenset({"external_reference_id"})
"""Fields that we generate, different for every attempt."""
_LINE = 12
"""Hexadecimal digits of a line's or recipient field's fingerprint: enough to tell a few versions apart."""
_FIELD = 4
"""The same for a field of a content fingerprint, which only shows which field changed."""
_ADDRESS_FIELDS = (
    "AddressLine1",
    "AddressLine2",
    "Postcode",
    "City",
    "State",
    "Country",
    "AddressPhone",
)
"""The fields of ``_address``, in its order; the last is the name, mostly the account's."""
_PHONE_DIGITS = 9
"""The last digits of a phone number, equal with and without the country code."""


def content_fingerprint(key: bytes, consignment: Consignment) -> str:
    """Fingerprint of recipient, lines and quantities in Exact; independent of the configuration.

    A few digits for each field follow, to show which one changed.
    """
    account, contact = account_of(consignment), contact_of(consignment)
    address = _address(consignment)
    said: dict[str, Json] = {
        "account": [*map(clean, (account.name, account.email, account.phone))] if account else None,
        "contact": _contact(contact) if contact else None,
        "address": address,
        "goods": [*sorted((_line(goods) for goods in consignment.goods), key=str)],
    }
    fields = _fields_of(account, contact, address, consignment.goods)
    return (
        _fingerprint(key, said)
        + ":"
        + "".join(_fingerprint(key, field)[:_FIELD] for field in fields.values())
    )


def _fields_of(
    account: Account | None, contact: Contact | None, address: Json, goods: Iterable[Goods]
) -> dict[str, Json]:
    """The values that a person would compare, by Exact's field names."""
    *lines, name = address if isinstance(address, list) else [address] * (len(_ADDRESS_FIELDS) + 1)
    pieces = sorted((_line(line) for line in goods), key=str)
    return {
        "Name": [clean(account.name) if account else None, name],
        "Email": clean(account.email) if account else None,
        "Phone": clean(account.phone) if account else None,
        "ContactPerson": _contact(contact) if contact else None,
        **dict(zip(_ADDRESS_FIELDS, lines, strict=True)),
        "GoodsDeliveryLines": [line[:2] for line in pieces],
        "QuantityDelivered": [line[2:] for line in pieces],
    }


def changed_fields(before: str, now: str) -> tuple[str, ...]:
    """The fields in which two contents differ, by Exact's names; empty if they are equal, or if that is unknown."""
    one, other = before.partition(":")[2], now.partition(":")[2]
    names = tuple(_fields_of(None, None, None, ()))
    if len(one) != len(other) or len(one) != len(names) * _FIELD:
        return ()
    parts = (slice(place, place + _FIELD) for place in range(0, len(one), _FIELD))
    return tuple(name for name, part in zip(names, parts, strict=True) if one[part] != other[part])


def is_same_content(before: str, now: str) -> bool:
    """Whether two contents are equal."""
    return before.partition(":")[0] == now.partition(":")[0]


def header_fingerprint(key: bytes, delivery: GoodsDelivery) -> str:
    """Fingerprint of a delivery without its lines and modification time."""
    return _fingerprint(key, delivery.model_dump(mode="json", exclude={"modified", "goods_delivery_lines"}))


def line_fingerprints(key: bytes, delivery: GoodsDelivery) -> tuple[str, ...]:
    """Fingerprints of a delivery's lines."""
    return tuple(sorted({line_fingerprint(key, line) for line in delivery.goods_delivery_lines or ()}))


def line_fingerprint(key: bytes, line: GoodsDeliveryLine) -> str:
    """Fingerprint of one line's goods. Short, since a delivery may have many."""
    goods = [line.item, clean(line.description), plain(bounded(line.quantity_delivered)), line.unit_code]
    return _fingerprint(key, [line.id, line.sales_order_line_id, line.sales_order_number, *goods])[:_LINE]


def request_fingerprint(key: bytes, body: dict[str, Json]) -> str:
    """Fingerprint of a request without the attempt's reference."""
    return _fingerprint(key, {name: value for name, value in body.items() if name not in _GENERATED})


def recipient_fingerprints(key: bytes, to: Recipient) -> dict[str, str]:
    """Fingerprints of a recipient's name, e-mail, phone and street. Values from the configuration are left out."""
    told = {
        "name": to.name,
        "email": to.email,
        "phone": to.phone,
        "street": to.address.address_line_1 + to.address.house_number,
    }
    sources = {"email": "email", "phone": "phone_number"}
    return _parts(
        key,
        {
            part: text
            for part, text in told.items()
            if to.sources.get(sources.get(part, part)) != CONFIGURATION
        },
    )


def address_fingerprints(key: bytes, address: ShipmentAddress) -> dict[str, str]:
    """The same for an address from Sendcloud."""
    return _parts(
        key,
        {
            "name": address.name,
            "email": address.email,
            "phone": address.phone_number,
            "street": address.address_line_1 + address.house_number,
        },
    )


def _parts(key: bytes, told: Mapping[str, str]) -> dict[str, str]:
    plain = {part: _letters(text) for part, text in told.items()}
    digits = "".join(letter for letter in plain.get("phone", "") if letter.isdigit())
    plain["phone"] = digits[-_PHONE_DIGITS:] if len(digits) >= _PHONE_DIGITS else ""
    return {part: _fingerprint(key, [part, text])[:_LINE] for part, text in plain.items() if text}


def _letters(text: str) -> str:
    return "".join(letter for letter in clean(text).casefold() if letter.isalnum())


def policy_fingerprint(key: bytes, policy: Policy, country: str, currency: str) -> str:
    """Fingerprint of a division's configuration, country and currency; the last two are empty if unknown."""
    return _fingerprint(key, [policy.model_dump(mode="json"), country, currency])


def _fingerprint(key: bytes, content: Json) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, canonical.encode("ascii"), hashlib.sha256).hexdigest()


def _contact(contact: Contact) -> list[Json]:
    phones = (contact.business_mobile, contact.mobile, contact.business_phone, contact.phone)
    return [clean(text) for text in (contact.full_name, contact.email, contact.business_email, *phones)]


def _address(consignment: Consignment) -> Json:
    try:
        address: WrittenAddress = delivery_address(consignment)
    except Held as held:
        return str(held.problem.code)
    lines = (
        address.line_1,
        address.line_2,
        address.postcode,
        address.city,
        address.state,
        address.country,
        address.phone,
    )
    return [clean(text) for text in (*lines, address.name)]


def _line(goods: Goods) -> list[Json]:
    return [
        goods.line_id,
        goods.item.id if goods.item else "",
        plain(bounded(goods.quantity)),
        clean(goods.unit_code),
    ]
