from decimal import Decimal

import pytest

from exactsend.facts import Consignment
from exactsend.mapping.fingerprint import content_fingerprint, request_fingerprint
from tests.mapping.builders import (
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
    assert content_fingerprint(KEY, changed) != ORDINARY


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
    one, two = some_goods(), some_goods(line_id="line-2")

    assert content_fingerprint(KEY, a_consignment(goods=(one, two))) == content_fingerprint(
        KEY, a_consignment(goods=(two, one))
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
