from decimal import Decimal

import pytest

from exactsend.domain.problems import Code, Held
from exactsend.trade.consignment import Goods
from exactsend.trade.pricing import Pricing, order_pricing, shipment_pricing
from exactsend.trade.text import clean, cut
from exactsend.trade.units import Pieces, count_pieces, declared_grams, total_of
from tests.trade.builders import a_consignment, a_directory, a_line, a_policy, an_item, an_order, some_goods

EUROS = Pricing("EUR", of_division=False)


def count(goods: Goods) -> Pieces:
    return count_pieces(goods, EUROS, a_policy().weight)


def test_a_line_is_counted_with_the_weight_and_price_of_one() -> None:
    found = count(some_goods())

    assert (found.count, found.description, found.grams) == (2, "Shirt blue", 250)
    assert (found.price, found.total) == (Decimal("12.65"), Decimal("25.30"))


def test_a_part_of_a_line_has_that_part_of_its_amount() -> None:
    assert count(some_goods(quantity=Decimal(1))).total == Decimal("12.65")


def test_a_fractional_quantity_becomes_one_piece_that_says_its_quantity() -> None:
    goods = some_goods(quantity=Decimal("2.5"), unit_code="pc", order_line=a_line(quantity="2.5"))

    found = count(goods)

    assert (found.count, found.description) == (1, "2.5 pc Shirt blue")
    assert (found.grams, found.price) == (625, Decimal("25.30"))


def test_pieces_lighter_than_a_gram_are_declared_together() -> None:
    screws = some_goods(
        quantity=Decimal(1000), item=an_item(gross_weight="0.0002"), order_line=a_line(quantity=1000)
    )

    found = count(screws)

    assert (found.count, found.grams, found.description) == (1, 200, "1000 pc Shirt blue")


def test_a_piece_is_declared_with_a_gram_at_least() -> None:
    assert count(some_goods(quantity=Decimal(1), item=an_item(gross_weight="0.0002"))).grams == 1


def test_pieces_cheaper_than_a_cent_are_declared_together() -> None:
    found = count(some_goods(quantity=Decimal(10000), order_line=a_line(quantity=10000, amount_fc=20)))

    assert (found.count, found.price) == (1, Decimal("20.00"))


def test_items_never_weigh_more_than_their_lines_do() -> None:
    found = count(some_goods(quantity=Decimal(3), item=an_item(gross_weight="0.0019")))

    assert declared_grams([found]) == 3


def test_an_amount_below_zero_is_nothing() -> None:
    assert count(some_goods(order_line=a_line(amount_fc=-5))).total == 0


def test_lines_without_an_amount_count_as_nothing_together() -> None:
    assert total_of([count(some_goods()), count(some_goods(order_line=None))]) == Decimal("25.30")


def test_the_orders_own_currency_is_taken_where_sendcloud_takes_it() -> None:
    assert order_pricing(a_consignment(orders=(an_order(currency="usd "),))) == Pricing(
        "USD", of_division=False
    )


def test_else_the_amounts_in_the_divisions_currency() -> None:
    found = order_pricing(a_consignment(orders=(an_order(currency="CHF"),)))

    assert found == Pricing("EUR", of_division=True)
    assert found.line_total(some_goods(order_line=a_line(amount_dc="9"))) == 9


def test_neither_of_them_holds_an_incoming_order_but_not_a_shipment() -> None:
    consignment = a_consignment(
        orders=(an_order(currency="CHF"),), directory=a_directory(division_currency="SEK")
    )

    with pytest.raises(Held) as held:
        order_pricing(consignment)

    assert held.value.problem.code == Code.CURRENCY_UNKNOWN
    assert shipment_pricing(consignment) == Pricing("CHF", of_division=False)


def test_orders_in_different_currencies_are_priced_in_the_divisions() -> None:
    orders = (an_order(), an_order(order_id="o2", order_number=4712, currency="USD"))

    assert shipment_pricing(a_consignment(orders=orders)) == Pricing("EUR", of_division=True)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("  a\tb\r\nc ", "a b c"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("a\ud800b", "ab"),
        ("a\u200b\u202eb", "ab"),
        ("a\x00b", "a b"),
    ],
)
def test_text_is_normal_printable_and_on_one_line(written: str, sent: str) -> None:
    assert clean(written) == sent


def test_text_is_cut_to_the_vendors_length() -> None:
    assert cut("ab cd", 3) == "ab"
