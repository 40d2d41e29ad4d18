"""Chooses the address of a consignment from Exact's records and maps it to Sendcloud's form (T3).

Never uses a postal or invoice address, and never guesses: a named address that cannot be read holds the consignment.
"""

from dataclasses import dataclass

from exactsend.domain.problems import Code, hold
from exactsend.domain.templates import capitalized, sentence
from exactsend.exact.models import INVOICE, POSTAL, Account, Address, Contact
from exactsend.trade.consignment import Consignment
from exactsend.trade.country import country_code, state_code
from exactsend.trade.house_number import split_house_number
from exactsend.trade.parties import account_id, account_of
from exactsend.trade.text import clean

__all__ = ["PostalAddress", "WrittenAddress", "delivery_address", "postal_address", "split_house_number"]


@dataclass(frozen=True)
class WrittenAddress:
    """An address as Exact has it."""

    record: str
    """Its name in messages: "the delivery address of order 4711"."""
    line_1: str = ""
    line_2: str = ""
    """Exact's second and third line."""
    postcode: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    phone: str = ""
    name: str = ""
    """The name in the address record."""
    house_number: str = ""
    """Only for contact persons, where Exact has it in a field of its own."""

    @property
    def is_empty(self) -> bool:
        """Whether it has nothing to deliver to."""
        return not (self.line_1 or self.line_2 or self.city)


@dataclass(frozen=True)
class PostalAddress:
    """An address as it is sent to Sendcloud."""

    record: str
    """Where in Exact to correct it."""
    address_line_1: str
    postal_code: str
    city: str
    country_code: str
    house_number: str = ""
    address_line_2: str = ""
    state_province_code: str = ""


def delivery_address(consignment: Consignment) -> WrittenAddress:
    """The delivery address in Exact's records.

    Raises:
        Held: there is none, or the named one cannot be read or is no delivery address.
    """
    delivery, directory = consignment.delivery, consignment.directory
    if delivery is not None and delivery.delivery_address:
        return _named(
            consignment,
            delivery.delivery_address,
            sentence("delivery {number}", number=delivery.delivery_number),
        )
    if named := _of_the_orders(consignment):
        return _named(consignment, named, sentence("order {number}", number=consignment.order.order_number))
    account, whose = account_id(consignment), sentence("the account of {name}", name=consignment.name)
    if main := directory.delivery_address_of(account):
        return of_address(main, sentence("the main delivery address of {whose}", whose=whose))
    if main := directory.visiting_address_of(account):
        return of_address(main, sentence("the main visiting address of {whose}", whose=whose))
    found = account_of(consignment)
    if found is None or (own := of_account(found, whose)).is_empty:
        raise hold(Code.ADDRESS_MISSING, {"name": capitalized(consignment.name)})
    return own


def of_address(address: Address, record: str) -> WrittenAddress:
    """An address record."""
    return WrittenAddress(
        record,
        *_lines(address.address_line1, address.address_line2, address.address_line3),
        postcode=clean(address.postcode),
        city=clean(address.city),
        state=address.state,
        country=address.country,
        phone=address.phone,
        name=clean(address.contact_name) or clean(address.account_name),
    )


def of_account(account: Account, record: str) -> WrittenAddress:
    """The address on the account itself."""
    return WrittenAddress(
        record,
        *_lines(account.address_line1, account.address_line2, account.address_line3),
        postcode=clean(account.postcode),
        city=clean(account.city),
        state=account.state,
        country=account.country,
        phone=account.phone,
        name=clean(account.name),
    )


def of_contact(contact: Contact, record: str) -> WrittenAddress:
    """A contact person's address, which has the house number in its own field."""
    number = clean(f"{contact.address_street_number} {contact.address_street_number_suffix}")
    return WrittenAddress(
        record,
        clean(contact.address_street),
        postcode=clean(contact.postcode),
        city=clean(contact.city),
        country=contact.country,
        name=clean(contact.full_name),
        house_number=number,
    )


def postal_address(written: WrittenAddress) -> PostalAddress:
    """The address for Sendcloud: house number split off if certain, country and state as ISO codes.

    Raises:
        Held: the country is no code, or a required field is empty.
    """
    country = country_code(written.country)
    if not country:
        raise hold(Code.COUNTRY_UNKNOWN, {"record": written.record})
    for text, field in (
        (written.line_1, "AddressLine1"),
        (written.postcode, "Postcode"),
        (written.city, "City"),
    ):
        if not text:
            raise hold(Code.ADDRESS_INCOMPLETE, {"record": written.record}, variant=field)
    street, number = _street_and_number(written, country)
    return PostalAddress(
        record=written.record,
        address_line_1=street,
        house_number=number,
        address_line_2=written.line_2,
        postal_code=written.postcode,
        city=written.city,
        country_code=country,
        state_province_code=state_code(written.state, country),
    )


def _street_and_number(written: WrittenAddress, country: str) -> tuple[str, str]:
    if written.house_number:
        return written.line_1, written.house_number
    return split_house_number(written.line_1, country) or (written.line_1, "")


def _of_the_orders(consignment: Consignment) -> str:
    """The delivery address of the orders, if they agree."""
    named = {order.delivery_address or "" for order in consignment.orders}
    if len(named) > 1:
        raise hold(Code.ADDRESS_MISSING, {"name": consignment.name}, variant="orders_differ")
    return named.pop()


def _named(consignment: Consignment, address: str, whose: str) -> WrittenAddress:
    found = consignment.directory.addresses.get(address)
    if found is None:
        raise hold(Code.ADDRESS_MISSING, {"name": whose}, variant="unreadable")
    if found.type in {POSTAL, INVOICE}:
        raise hold(Code.ADDRESS_MISSING, {"name": whose}, variant="not_to_deliver_to")
    return of_address(found, sentence("the delivery address of {whose}", whose=whose))


def _lines(first: str, second: str, third: str) -> tuple[str, str]:
    """The first non-empty line, and the others joined."""
    filled = [line for line in map(clean, (first, second, third)) if line]
    return (filled[0], ", ".join(filled[1:])) if filled else ("", "")
