from typing import Any

import pytest

from exactsend.domain.problems import Code, Held
from exactsend.domain.shown_problem import shown
from exactsend.sendcloud.models import SenderAddress
from exactsend.trade.consignment import Consignment
from exactsend.trade.customs import (
    customs_details,
    customs_information,
    importer_numbers,
    invoice_number,
    is_declared,
)
from exactsend.trade.customs_areas import TERRITORIES, area_of, needs_customs
from exactsend.trade.customs_items import declared_items, undeclared_items
from exactsend.trade.pricing import shipment_pricing
from exactsend.trade.recipient import recipient
from exactsend.trade.sender import Area, TaxNumber, sender_area
from exactsend.trade.units import count_pieces
from tests.documents import ROOT, quoted, table
from tests.trade.builders import (
    a_consignment,
    a_delivery,
    a_directory,
    a_line,
    a_policy,
    an_account,
    an_address,
    an_item,
    an_order,
    some_goods,
)

KNOWN = {"hs_code": "620520", "country_of_origin": "NL"}


@pytest.mark.parametrize(
    ("sender", "to", "declared"),
    [
        (("NL", "1017 GC"), ("DE", "10115"), False),
        (("NL", ""), ("CH", "8001"), True),
        (("NL", ""), ("GB", "SW1A 1AA"), True),
        (("NL", ""), ("GB", "BT1 5GS"), False),
        (("GB", "SW1A 1AA"), ("GB", "bt1 5gs"), True),
        (("GB", "SW1A 1AA"), ("IM", "IM1 1AA"), False),
        (("GB", "SW1A 1AA"), ("GB", "JE2 3AB"), True),
        (("NL", ""), ("MC", "98000"), False),
        (("FR", "75001"), ("FR", "98000"), False),
        (("NL", ""), ("PT", "9000-001"), False),
        (("ES", "28001"), ("ES", "35001"), True),
        (("ES", "35001"), ("ES", "38001"), False),
        (("ES", "28001"), ("ES", "07001"), False),
        (("FR", "75001"), ("FR", "F-97400"), True),
        (("FR", "97400"), ("RE", "97410"), False),
        (("IT", "20121"), ("IT", "23041"), True),
        (("DE", "10115"), ("DE", "27498"), True),
        (("DE", "10115"), ("DE", "78266"), True),
        (("FI", "00100"), ("FI", "FI-22100"), True),
        (("FI", "22100"), ("AX", "22101"), False),
        (("GR", "10431"), ("GR", "630 86"), True),
        (("NL", ""), ("CW", ""), True),
        (("US", "10001"), ("US", "94105"), False),
    ],
)
def test_goods_are_declared_between_areas_and_not_within_one(
    sender: tuple[str, str],
    to: tuple[str, str],
    declared: bool,  # noqa: FBT001 - parametrised
) -> None:
    assert needs_customs(*sender, *to) is declared


def test_every_territory_lies_in_the_area_its_row_says() -> None:
    assert all(
        area_of(row.country, prefix + "999") == row.area
        for row in TERRITORIES
        for prefix in row.postal_prefixes or ("",)
    )


def to_switzerland(**changes: Any) -> Consignment:  # noqa: ANN401 - any field of the consignment
    directory = a_directory(an_address(country="CH", postcode="8001", city="Zürich"))
    return a_consignment(**{"delivery": a_delivery(), "directory": directory, **changes})


def items(consignment: Consignment, **customs: object) -> list[Any]:
    policy, pricing = a_policy(customs=customs), shipment_pricing(consignment)
    lines = [count_pieces(goods, pricing, policy.weight) for goods in consignment.goods]
    return declared_items(lines, consignment, policy.customs, pricing)


def test_an_item_is_declared_with_code_origin_weight_and_price() -> None:
    (item,) = items(to_switzerland(), **KNOWN)

    assert item == {
        "item_id": "line-1",
        "sku": "SHIRT",
        "description": "Shirt blue",
        "quantity": 2,
        "hs_code": "620520",
        "origin_country": "NL",
        "weight": {"value": 0.25, "unit": "kg"},
        "price": {"value": "12.65", "currency": "EUR"},
    }


def test_the_items_own_code_and_origin_come_before_the_configured_ones() -> None:
    goods = some_goods(item=an_item(statistical_code="6109.10 00", FreeTextField_02="uk"))

    (item,) = items(to_switzerland(goods=(goods,)), **KNOWN, country_of_origin_field="FreeTextField_02")

    assert (item["hs_code"], item["origin_country"]) == ("61091000", "GB")


@pytest.mark.parametrize(
    ("goods", "customs", "code"),
    [
        (some_goods(), {"country_of_origin": "NL"}, Code.HS_CODE_MISSING),
        (some_goods(item=an_item(statistical_code="shirt")), KNOWN, Code.HS_CODE_INVALID),
        (some_goods(item=an_item(statistical_code="62052")), KNOWN, Code.HS_CODE_INVALID),
        (some_goods(), {"hs_code": "620520"}, Code.ORIGIN_MISSING),
        (
            some_goods(item=an_item(FreeTextField_02="China")),
            {**KNOWN, "country_of_origin_field": "FreeTextField_02"},
            Code.ORIGIN_INVALID,
        ),
        (some_goods(item=an_item(gross_weight=None)), KNOWN, Code.WEIGHT_MISSING),
        (some_goods(order_line=a_line(amount_fc=0)), KNOWN, Code.PRICE_MISSING),
        (some_goods(order_line=None), KNOWN, Code.PRICE_MISSING),
    ],
)
def test_what_customs_want_is_never_invented(goods: Any, customs: dict[str, str], code: Code) -> None:  # noqa: ANN401 - parametrised
    with pytest.raises(Held) as held:
        items(to_switzerland(goods=(goods,)), **customs)

    assert held.value.problem.code == code
    assert shown(held.value.problem).remedy


def test_more_lines_than_a_parcel_may_declare_are_held() -> None:
    with pytest.raises(Held) as held:
        items(to_switzerland(goods=(some_goods(),) * 1001), **KNOWN)

    assert held.value.problem.code == Code.TOO_MANY_LINES


def test_within_one_area_items_are_listed_only_if_everything_is_known_of_all() -> None:
    policy, pricing = a_policy(customs=KNOWN), shipment_pricing(a_consignment())
    whole = count_pieces(some_goods(), pricing, policy.weight)
    without_price = count_pieces(some_goods(order_line=None), pricing, policy.weight)

    assert len(undeclared_items([whole, whole], policy.customs, pricing)) == 2
    assert not undeclared_items([whole, without_price], policy.customs, pricing)
    assert not undeclared_items([whole], a_policy().customs, pricing)


def test_the_invoice_is_numbered_by_order_and_delivery() -> None:
    assert invoice_number(to_switzerland()) == "4711/20001"
    assert invoice_number(a_consignment()) == "4711"


def information(sender: Area, **changes: Any) -> Any:  # noqa: ANN401 - JSON
    account = an_account(vat_number="CHE-123.456.789", eori_number="DE 1234567")
    consignment = to_switzerland(directory=a_directory(account, an_address(country="CH")))
    policy = a_policy(**changes)
    return customs_information(consignment, recipient(consignment, policy), policy, sender)


def test_a_consumer_is_b2c_and_a_company_is_b2b() -> None:
    assert information(Area("NL"))["export_type"] == "commercial_b2c"
    company = {"mode": "manual", "name": "account", "company_name": "account"}
    assert information(Area("NL"), customer=company)["export_type"] == "commercial_b2b"
    assert information(Area("NL"), customs={"export_type": "private"})["export_type"] == "private"


def test_the_importers_numbers_go_along_with_the_senders() -> None:
    eori = TaxNumber("EORI", "NL", "NL12345678")

    numbers = information(Area("NL", tax_numbers=(eori,)))["tax_numbers"]

    assert numbers["sender"] == [{"name": "EORI", "country_code": "NL", "value": "NL12345678"}]
    assert numbers["importer_of_record"] == [
        {"name": "EORI", "country_code": "DE", "value": "DE1234567"},
        {"name": "VAT", "country_code": "CH", "value": "CHE123456789"},
    ]


def test_no_numbers_are_sent_that_would_replace_the_senders_unseen() -> None:
    assert "tax_numbers" not in information(Area("NL"))


def test_numbers_that_are_none_are_left_out() -> None:
    assert importer_numbers(an_account(eori_number="?"), "CH") == ()
    assert importer_numbers(None, "CH") == ()


def test_a_shipment_type_is_never_mapped_to_another() -> None:
    with pytest.raises(Held) as held:
        information(Area("NL"), customs={"shipment_type": "returned_goods"})
    assert held.value.problem.code == Code.SHIPMENT_TYPE_NOT_FOR_LABELS

    consignment, policy = to_switzerland(), a_policy(customs={"shipment_type": "documents"})
    with pytest.raises(Held) as held:
        customs_details(consignment, recipient(consignment, policy), policy)
    assert held.value.problem.code == Code.SHIPMENT_TYPE_NOT_FOR_ORDERS


def test_the_tax_numbers_of_the_sender_address_come_along() -> None:
    eori = {"name": "EORI", "country_code": "NL", "value": "NL123456789"}
    address = SenderAddress.model_validate({"id": 17, "country_code": "NL", "tax_numbers": [eori]})

    area = sender_area(a_consignment(), a_policy(), [address], division_country="NL")

    assert area.tax_numbers == (TaxNumber("EORI", "NL", "NL123456789"),)


def test_the_sender_lies_where_the_warehouses_sender_address_does() -> None:
    addresses = [
        SenderAddress(id=17, country_code="NL"),
        SenderAddress(id=18, country_code="ES", postal_code="35001"),
    ]
    consignment = a_consignment(orders=(an_order(warehouse_code="2"),))

    mapped = sender_area(consignment, a_policy(warehouses={"2": 18}), addresses, division_country="NL")
    unmapped = sender_area(consignment, a_policy(), addresses, division_country="uk")

    assert mapped == Area("ES", "35001", tax_numbers=())
    assert unmapped == Area("GB", tax_numbers=None)
    assert is_declared(mapped, recipient(consignment, a_policy()))


@pytest.mark.parametrize(("countries", "area"), [(("NL", "BE"), "NL"), (("NL", "GB"), ""), ((), "")])
def test_where_the_divisions_country_is_not_known_the_sender_addresses_tell_it(
    countries: tuple[str, ...], area: str
) -> None:
    addresses = [SenderAddress(id=number, country_code=name) for number, name in enumerate(countries)]

    found = sender_area(a_consignment(), a_policy(), addresses, division_country="")

    assert found == Area(area)


def test_the_documented_places_are_those_of_the_table_with_their_sources() -> None:
    told = [
        (place, country, tuple(code.rstrip("…") for code in quoted(codes)), area, *sources)
        for place, country, codes, area, *sources in table(
            ROOT / "docs" / "customs.md", "place", "addressed with"
        )
    ]

    assert told == [
        (
            territory.name,
            territory.country,
            territory.postal_prefixes,
            territory.area,
            territory.status_source or "not confirmed",
            (territory.postal_source or "not confirmed") if territory.postal_prefixes else "",
        )
        for territory in TERRITORIES
    ]
