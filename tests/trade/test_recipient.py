import pytest

from exactsend.domain.problems import Code, Held
from exactsend.exact.models import Account, Address, Contact
from exactsend.trade.recipient import Recipient, recipient
from tests.trade.builders import (
    a_consignment,
    a_contact,
    a_delivery,
    a_directory,
    a_policy,
    an_account,
    an_address,
    an_order,
)


def who(*records: Account | Contact | Address, **customer: object) -> Recipient:
    order = an_order(deliver_to_contact_person="con")
    return recipient(
        a_consignment(orders=(order,), directory=a_directory(*records)), a_policy(customer=customer)
    )


def test_another_person_than_the_account_receives_it_and_the_account_is_the_company() -> None:
    found = who(a_contact())

    assert (found.name, found.company_name) == ("Petra de Wit", "Jansen BV")
    assert (found.email, found.phone) == ("petra@jansen.example", "+31612345678")


@pytest.mark.parametrize("name", ["", "  jansen  bv "])
def test_the_account_receives_it_where_the_contact_has_no_other_name(name: str) -> None:
    found = who(a_contact(full_name=name))

    assert (found.name, found.company_name, found.email) == ("Jansen BV", "", "info@jansen.example")


def test_names_are_compared_after_unicode_normalisation() -> None:
    found = who(an_account(name="Zo\u00eb Vis"), a_contact(full_name="Zoe\u0308 vis"))

    assert found.company_name == ""


def test_gaps_are_filled_from_the_address_and_the_other_party() -> None:
    found = who(a_contact(email="", mobile=""), an_address(phone="020-5551234"))

    assert (found.email, found.phone) == ("info@jansen.example", "+31205551234")
    assert found.sources["phone_number"] == "the delivery address"


def test_gaps_stay_open_where_the_operator_wants_that() -> None:
    found = who(a_contact(email="", mobile=""), fill_gaps=False)

    assert (found.email, found.phone) == ("", "")


def test_a_broken_email_is_passed_over_with_a_note_that_does_not_show_it() -> None:
    found = who(a_contact(email="petra at jansen"))

    assert found.email == "info@jansen.example"
    assert found.notes == ("The e-mail address of the contact person is left out: it is not a valid one.",)


def test_the_first_valid_of_several_emails_is_taken() -> None:
    assert who(a_contact(email="broken@; petra@jansen.example, x@y.example")).email == "petra@jansen.example"


def test_a_phone_number_is_read_as_the_country_of_its_party_writes_it() -> None:
    found = who(an_account(country="BE", phone="03 234 56 78"), a_contact(full_name=""))

    assert found.phone == "+3232345678"


def test_a_phone_number_that_is_none_at_home_is_read_as_written_where_the_parcel_goes() -> None:
    assert who(an_account(country="BE", phone="06 12345678"), a_contact(full_name="")).phone == "+31612345678"


def test_a_broken_entry_of_a_record_is_passed_over_for_its_next_one() -> None:
    found = who(
        a_contact(email="n/a", business_email="bo@x.example", mobile="ask", business_phone="030 2319876")
    )

    assert (found.email, found.phone) == ("bo@x.example", "+31302319876")
    assert found.notes == ()


def test_each_field_that_is_sent_tells_where_it_came_from() -> None:
    found = who(a_contact(email="", mobile=""), an_address(phone="020-5551234"))

    assert found.sources.keys() == found.body().keys()
    assert found.sources == {
        "name": "the contact person",
        "company_name": "the account",
        "address_line_1": "the delivery address of order 4711",
        "house_number": "the delivery address of order 4711, apart from the street",
        "postal_code": "the delivery address of order 4711",
        "city": "the delivery address of order 4711",
        "country_code": "the delivery address of order 4711",
        "email": "the account",
        "phone_number": "the delivery address",
    }


def test_the_one_who_ordered_counts_only_if_of_the_same_account() -> None:
    order = an_order(ordered_by="other", ordered_by_contact_person="con")
    stranger = a_contact(account="other")

    found = recipient(a_consignment(orders=(order,), directory=a_directory(stranger)), a_policy())

    assert found.name == "Jansen BV"


def test_the_deliverys_account_and_contact_come_before_the_orders() -> None:
    delivery = a_delivery(delivery_account="acc2", delivery_contact="con2")
    directory = a_directory(an_account(id="acc2", name="Bakker"), a_contact(id="con2", full_name="Bo Bakker"))

    found = recipient(a_consignment(delivery=delivery, directory=directory), a_policy())

    assert (found.name, found.company_name) == ("Bo Bakker", "Bakker")


def test_manual_takes_each_field_from_where_the_operator_says() -> None:
    found = who(
        a_contact(),
        an_address(contact_name="Gate 3", phone="020 555 1234"),
        mode="manual",
        name="delivery_address",
        company_name="none",
        email=["shipping@shop.example"],
        phone=["delivery_address", "account"],
    )

    assert (found.name, found.company_name) == ("Gate 3", "")
    assert (found.email, found.phone) == ("shipping@shop.example", "+31205551234")
    assert found.sources["email"] == "the configuration"


def test_manual_may_send_to_the_contacts_own_address() -> None:
    contact = a_contact(
        address_street="Lange Dreef",
        address_street_number="7",
        address_street_number_suffix="B",
        postcode="4131 NJ",
    )
    found = who(
        contact.model_copy(update={"city": "Vianen", "country": "NL"}),
        mode="manual",
        address=["contact", "account"],
    )

    assert (found.address.address_line_1, found.address.house_number) == ("Lange Dreef", "7 B")


@pytest.mark.parametrize(("literal", "sent"), [("+31 30 231 9876", "+31302319876"), ("030 2319876", "")])
def test_a_number_in_the_configuration_is_never_taken_for_one_of_the_destination(
    literal: str, sent: str
) -> None:
    found = who(an_address(country="DE", postcode="10115"), mode="manual", phone=[literal])

    assert found.phone == sent


def test_a_recipient_without_any_name_is_held() -> None:
    with pytest.raises(Held) as held:
        who(an_account(name=""), a_contact(full_name=""))

    assert held.value.problem.code == Code.NAME_MISSING


def test_empty_fields_are_left_out_of_the_body() -> None:
    body = who(an_account(email="", phone=""), a_contact(full_name="", email="", mobile="")).body()

    assert body == {
        "name": "Jansen BV",
        "address_line_1": "Kerkstraat",
        "house_number": "12",
        "postal_code": "1017 GC",
        "city": "Amsterdam",
        "country_code": "NL",
    }
