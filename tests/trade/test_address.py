import pytest

from exactsend.domain.problems import Code, Held, Problem
from exactsend.domain.shown_problem import shown
from exactsend.exact.models import SalesOrder
from exactsend.trade.address import PostalAddress, delivery_address, postal_address
from exactsend.trade.consignment import Directory
from exactsend.trade.country import country_code, state_code
from tests.trade.builders import a_consignment, a_delivery, a_directory, an_account, an_address, an_order

NO_ADDRESS = an_order(delivery_address=None)


def sent_to(order: SalesOrder, directory: Directory) -> PostalAddress:
    return postal_address(delivery_address(a_consignment(orders=(order,), directory=directory)))


def refusal(order: SalesOrder, directory: Directory) -> Problem:
    with pytest.raises(Held) as held:
        sent_to(order, directory)
    return held.value.problem


def test_the_deliverys_address_comes_before_the_orders() -> None:
    directory = a_directory(an_address(id="adr2", address_line1="Dam 1"))

    found = delivery_address(a_consignment(delivery=a_delivery(delivery_address="adr2"), directory=directory))

    assert (found.line_1, found.record) == ("Dam 1", "the delivery address of delivery 20001")


def test_without_one_the_accounts_main_delivery_address_is_taken() -> None:
    found = sent_to(NO_ADDRESS, a_directory(an_address(id="visit", type=1, address_line1="Dam 1")))

    assert found.address_line_1 == "Kerkstraat"


def test_then_its_main_visiting_address_but_never_a_postal_one() -> None:
    directory = a_directory(
        an_address(type=2),
        an_address(id="inv", type=3),
        an_address(id="visit", type=1, address_line1="Dam 1"),
    )

    assert sent_to(NO_ADDRESS, directory).address_line_1 == "Dam"


def test_then_the_lines_of_the_account_itself() -> None:
    account = an_account(address_line1="Spui 70", postcode="2511 BT", city="Den Haag")

    assert sent_to(NO_ADDRESS, a_directory(account, an_address(main=False))).address_line_1 == "Spui"


def test_no_address_at_all_is_held() -> None:
    assert refusal(NO_ADDRESS, a_directory(an_address(main=False))).code == Code.ADDRESS_MISSING


def test_a_named_address_that_cannot_be_read_is_held_not_replaced() -> None:
    assert refusal(an_order(delivery_address="gone"), a_directory()).code == Code.ADDRESS_MISSING


def test_a_named_postal_address_is_held() -> None:
    assert refusal(an_order(), a_directory(an_address(type=2))).code == Code.ADDRESS_MISSING


def test_orders_of_one_delivery_that_go_to_different_doors_are_held() -> None:
    orders = (an_order(), an_order(order_id="o2", order_number=4712, delivery_address="adr2"))

    with pytest.raises(Held) as held:
        delivery_address(a_consignment(orders=orders, delivery=a_delivery(delivery_address=None)))

    assert held.value.problem.code == Code.ADDRESS_MISSING


@pytest.mark.parametrize(
    ("field", "name"), [("address_line1", "street"), ("postcode", "postcode"), ("city", "city")]
)
def test_a_missing_part_is_named_without_showing_the_rest(field: str, name: str) -> None:
    problem = refusal(an_order(), a_directory(an_address(**{field: ""})))

    assert problem.code == Code.ADDRESS_INCOMPLETE
    assert shown(problem).message == f"In Exact, the delivery address of order 4711 has no {name}."


@pytest.mark.parametrize("country", ["", "N", "Nederland", "1A"])
def test_a_country_that_is_no_code_is_held(country: str) -> None:
    assert refusal(an_order(), a_directory(an_address(country=country))).code == Code.COUNTRY_UNKNOWN


def test_lines_two_and_three_are_joined() -> None:
    found = sent_to(an_order(), a_directory(an_address(address_line2="Gate 3", address_line3="Hall B")))

    assert found.address_line_2 == "Gate 3, Hall B"


@pytest.mark.parametrize(("written", "code"), [(" nl ", "NL"), ("UK", "GB"), ("el", "GR"), ("NLD", "")])
def test_countries_become_iso_codes(written: str, code: str) -> None:
    assert country_code(written) == code


@pytest.mark.parametrize(
    ("state", "country", "code"),
    [("ny", "US", "US-NY"), ("IT-RM", "IT", "IT-RM"), ("XX", "US", ""), ("NH", "NL", ""), ("", "US", "")],
)
def test_a_state_is_sent_only_where_it_makes_an_iso_code(state: str, country: str, code: str) -> None:
    assert state_code(state, country) == code
