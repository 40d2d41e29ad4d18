"""Where a consignment goes (T3): which of Exact's addresses, and how it reads at Sendcloud.

Never a postal or an invoice address, and never a guess: an address that is named but cannot be read holds the consignment.
"""

from dataclasses import dataclass

from exactsend.domain.problems import Code, hold
from exactsend.domain.templates import beginning, sentence
from exactsend.exact.models import INVOICE, POSTAL, Account, Address, Contact
from exactsend.trade.consignment import Consignment
from exactsend.trade.country import country_code, state_code
from exactsend.trade.house_number import split_house_number
from exactsend.trade.parties import account_id, account_of
from exactsend.trade.text import clean

__all__ = ["PostalAddress", "WrittenAddress", "delivery_address", "postal_address", "split_house_number"]


@dataclass(frozen=True)
class WrittenAddress:
    """An address as it stands in Exact."""

    record: str
    """How messages call it: "the delivery address of order 4711"."""
    line_1: str = ""
    line_2: str = ""
    """Exact's second and third line."""
    postcode: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    phone: str = ""
    name: str = ""
    """Who stands on it, as far as the record says."""
    house_number: str = ""
    """Only where Exact keeps it apart: with contact persons."""

    @property
    def is_empty(self) -> bool:
        """Nothing that a parcel could be brought to stands there."""
        return not (self.line_1 or self.line_2 or self.city)


@dataclass(frozen=True)
class PostalAddress:
    """An address as it is sent to Sendcloud."""

    record: str
    """Where in Exact it can be corrected."""
    address_line_1: str
    postal_code: str
    city: str
    country_code: str
    house_number: str = ""
    address_line_2: str = ""
    state_province_code: str = ""


def delivery_address(consignment: Consignment) -> WrittenAddress:
    """The address that Exact's records say the goods go to.

    Raises:
        Held: none is known, or the one that is named cannot be read or is no address to deliver to.
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
        raise hold(Code.ADDRESS_MISSING, {"name": beginning(consignment.name)})
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
    """The lines that stand on the account itself."""
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
    """The address of a contact person, whose house number Exact keeps apart."""
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
    """The address as Sendcloud wants it: house number apart where there is no doubt, country and state as ISO codes.

    Raises:
        Held: its country is no code, or something that every address needs is missing.
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
    """The delivery address that the orders agree on."""
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
    """The first line that is filled, and the others joined."""
    filled = [line for line in map(clean, (first, second, third)) if line]
    return (filled[0], ", ".join(filled[1:])) if filled else ("", "")
