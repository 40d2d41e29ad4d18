from decimal import Decimal

import pytest

from exactsend.domain.policy import WeightPolicy
from exactsend.trade.consignment import Goods
from exactsend.trade.weight import line_grams, parcel_grams, weight_number, weight_text
from tests.trade.builders import an_item, some_goods

KILOGRAMS = WeightPolicy()


def weighing(gross: object = None, net: object = None, **changes: object) -> Goods:
    return some_goods(item=an_item(gross_weight=gross, net_weight=net, **changes))


def test_gross_comes_before_net() -> None:
    assert line_grams(weighing("0.25", "0.2"), KILOGRAMS) == 500


@pytest.mark.parametrize("gross", [None, 0, "-1"])
def test_net_is_taken_where_there_is_no_gross(gross: object) -> None:
    assert line_grams(weighing(gross, "0.2"), KILOGRAMS) == 400


def test_the_default_stands_in_for_an_item_without_a_weight() -> None:
    assert line_grams(weighing(), WeightPolicy(default_item=Decimal("0.5"))) == 1000


@pytest.mark.parametrize(
    ("unit", "grams"), [("kg", "1000"), ("g", "1"), ("lb", "453.59237"), ("oz", "28.349523125")]
)
def test_every_unit_becomes_grams(unit: str, grams: str) -> None:
    policy = WeightPolicy.model_validate({"unit": unit})

    assert line_grams(weighing("0.5"), policy) == Decimal(grams)


def test_a_line_in_another_unit_than_the_items_weighs_nobody_knows_what() -> None:
    assert line_grams(some_goods(unit_code="box"), WeightPolicy(default_item=Decimal(1))) is None


def test_a_parcel_weighs_what_its_lines_weigh_rounded_up() -> None:
    assert parcel_grams([weighing("0.0001", unit=""), weighing("0.25")], KILOGRAMS) == 501


def test_a_parcel_of_unknown_weight_weighs_the_default() -> None:
    assert parcel_grams([weighing()], WeightPolicy(default_parcel=Decimal("1.2"))) == 1200
    assert parcel_grams([weighing()], KILOGRAMS) is None


def test_a_parcel_never_weighs_less_than_its_items() -> None:
    light = WeightPolicy(default_parcel=Decimal("0.1"))

    assert parcel_grams([weighing(), weighing("0.25")], light) == 500
    assert parcel_grams([weighing("0.25")], KILOGRAMS, declared=700) == 700


def test_a_parcel_weighs_a_gram_at_least() -> None:
    assert parcel_grams([weighing("0.0000001")], KILOGRAMS) is None
    assert parcel_grams([weighing()], WeightPolicy(default_parcel=Decimal("0.0000001"))) == 1


def test_weights_are_written_as_sendcloud_wants_them() -> None:
    assert weight_text(1250) == {"value": "1.25", "unit": "kg"}
    assert weight_text(20000) == {"value": "20", "unit": "kg"}
    assert weight_number(1) == {"value": 0.001, "unit": "kg"}
