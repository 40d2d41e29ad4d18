from decimal import Decimal

import pytest

from exactsend.domain.policy import Policy
from exactsend.sendcloud.models import ShipmentAddress
from exactsend.trade.consignment import Consignment
from exactsend.trade.fingerprint import (
    address_fingerprints,
    content_fingerprint,
    is_same_content,
    recipient_fingerprints,
    request_fingerprint,
)
from exactsend.trade.recipient import recipient
from tests.trade.builders import (
    KEY,
    a_consignment,
    a_contact,
    a_directory,
    an_account,
    an_address,
    an_order,
    some_goods,
)

ORDINARY = content_fingerprint(KEY, a_consignment())


@pytest.mark.parametrize(
    "changed",
    [
        a_consignment(goods=(some_goods(quantity=Decimal(3)),)),
        a_consignment(goods=(some_goods(), some_goods(line_id="line-2"))),
        a_consignment(directory=a_directory(an_address(address_line1="Kerkstraat 14"))),
        a_consignment(directory=a_directory(an_address(type=2))),
        a_consignment(directory=a_directory(an_account(name="Jansen & Zn"))),
        a_consignment(
            orders=(an_order(ordered_by_contact_person="con"),), directory=a_directory(a_contact())
        ),
    ],
)
def test_what_exact_says_of_recipient_lines_and_quantities_shows(changed: Consignment) -> None:
    assert not is_same_content(content_fingerprint(KEY, changed), ORDINARY)


@pytest.mark.parametrize(
    "same",
    [
        a_consignment(goods=(some_goods(quantity=Decimal("2.000")),)),
        a_consignment(orders=(an_order(your_ref="new", shipping_method="met", status=21),)),
        a_consignment(directory=a_directory(an_address(id="adr", address_line1="  Kerkstraat   12 "))),
    ],
)
def test_nothing_else_does(same: Consignment) -> None:
    assert content_fingerprint(KEY, same) == ORDINARY


def test_the_order_of_the_lines_does_not_matter() -> None:
    goods, two = some_goods(), some_goods(line_id="line-2")

    assert content_fingerprint(KEY, a_consignment(goods=(goods, two))) == content_fingerprint(
        KEY, a_consignment(goods=(two, goods))
    )


def test_without_the_key_nothing_can_be_compared() -> None:
    assert content_fingerprint(b"another", a_consignment()) != ORDINARY


def test_a_request_is_the_same_with_another_reference_only() -> None:
    first = request_fingerprint(
        KEY, {"external_reference_id": "exact-1-del-1", "parcels": [{"a": 1, "b": 2}]}
    )

    assert first == request_fingerprint(
        KEY, {"parcels": [{"b": 2, "a": 1}], "external_reference_id": "exact-1-del-2"}
    )
    assert first != request_fingerprint(
        KEY, {"external_reference_id": "exact-1-del-1", "parcels": [{"a": 1, "b": 3}]}
    )


def recipient_of(**customer: object) -> dict[str, str]:
    policy = Policy.model_validate({"customer": customer})
    return recipient_fingerprints(KEY, recipient(a_consignment(), policy))


def test_what_sendcloud_tells_of_the_recipient_that_was_sent_is_known() -> None:
    to = recipient(a_consignment(), Policy())

    assert address_fingerprints(KEY, ShipmentAddress.model_validate(to.body())) == recipient_fingerprints(
        KEY, to
    )


@pytest.mark.parametrize("written", ["0031 6 12345678", "06-12345678", "+31612345678"])
def test_a_phone_number_is_the_same_in_each_spelling(written: str) -> None:
    spelled = address_fingerprints(KEY, ShipmentAddress(phone_number=written))

    assert spelled == address_fingerprints(KEY, ShipmentAddress(phone_number="+31 6 1234 5678"))


def test_what_the_configuration_gives_to_everybody_says_nothing() -> None:
    manual = recipient_of(mode="manual", email=["shop@shop.example"], phone=["+31201234567"])

    assert {"name", "street"} == manual.keys()
