"""The recipient of a consignment (T2): name, company, e-mail, phone and address, each from the record that the operator's rule names.

``sources`` says where each value came from, for ``explain``, without the value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from exactsend.domain.policy import CustomerPolicy, Policy
from exactsend.domain.problems import Code, Held, hold
from exactsend.domain.templates import capitalized, sentence
from exactsend.exact.models import Contact
from exactsend.http.messages import Json
from exactsend.trade.address import (
    PostalAddress,
    WrittenAddress,
    delivery_address,
    of_account,
    of_contact,
    postal_address,
)
from exactsend.trade.consignment import Consignment
from exactsend.trade.contact_details import e164_phone, first_email
from exactsend.trade.country import country_code
from exactsend.trade.parties import account_of, contact_of
from exactsend.trade.text import clean, folded

ACCOUNT, CONTACT, ADDRESS, NONE = "account", "contact", "delivery_address", "none"
CONFIGURATION = "the configuration"
"""The source of values from the configuration."""
_CALLED = {ACCOUNT: "the account", CONTACT: "the contact person", ADDRESS: "the delivery address"}


@dataclass(frozen=True)
class Recipient:
    """The recipient, ready to be sent; empty fields are not sent."""

    name: str
    address: PostalAddress
    company_name: str = ""
    email: str = ""
    phone: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each field of ``body`` came from: a phrase without personal data."""
    notes: tuple[str, ...] = ()
    """What was left out and why, without personal data."""

    def body(self) -> dict[str, Json]:
        """The address in Sendcloud's orders and shipments; empty fields are left out, never null."""
        fields: dict[str, Json] = {
            "name": self.name,
            "company_name": self.company_name,
            "address_line_1": self.address.address_line_1,
            "house_number": self.address.house_number,
            "address_line_2": self.address.address_line_2,
            "postal_code": self.address.postal_code,
            "city": self.address.city,
            "country_code": self.address.country_code,
            "state_province_code": self.address.state_province_code,
            "email": self.email,
            "phone_number": self.phone,
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True)
class _Written:
    """The values in Exact's records, by the sources that the operator's rule may name."""

    names: Mapping[str, Sequence[str]]
    emails: Mapping[str, Sequence[str]]
    phones: Mapping[str, Sequence[str]]
    countries: Mapping[str, Sequence[str]]
    """The countries whose phone number formats are tried; a number in the configuration must have its country code."""


@dataclass(frozen=True)
class _Sources:
    """The sources to try for each field, in order; an empty list sends nothing."""

    name: Sequence[str]
    company_name: Sequence[str]
    email: Sequence[str]
    phone: Sequence[str]


@dataclass(frozen=True)
class _Found:
    """One field's value, its source, and what was skipped."""

    value: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()


def recipient(consignment: Consignment, policy: Policy) -> Recipient:
    """The recipient of a consignment.

    Raises:
        Held: there is no delivery address, an incomplete one, or no name.
    """
    goes_to = _address_by(consignment, policy.customer)
    address = postal_address(goes_to)
    written = _written(consignment, goes_to, address.country_code)
    sources = (
        _manual(policy.customer) if policy.customer.mode == "manual" else _dynamic(written, policy.customer)
    )
    name = _first(sources.name, written.names, lambda text, _: clean(text), "name")
    if not name.value:
        raise _name_missing(consignment)
    found = {
        "name": name,
        "company_name": _first(
            sources.company_name, written.names, lambda text, _: clean(text), "company name"
        ),
        "email": _first(sources.email, written.emails, lambda text, _: first_email(text), "e-mail address"),
        "phone_number": _first(sources.phone, written.phones, _phone_reader(written), "phone number"),
    }
    to = Recipient(
        name=name.value,
        address=address,
        company_name=found["company_name"].value,
        email=found["email"].value,
        phone=found["phone_number"].value,
        notes=tuple(note for part in found.values() for note in part.notes),
    )
    told = {
        field: found[field].source if field in found else _address_source(address, field)
        for field in to.body()
    }
    return replace(to, sources=told)


def _written(consignment: Consignment, goes_to: WrittenAddress, region: str) -> _Written:
    account, contact = account_of(consignment), contact_of(consignment)
    account_country = (country_code(account.country) if account else "") or region
    contact_country = (country_code(contact.country) if contact else "") or account_country
    return _Written(
        names={
            ACCOUNT: (account.name,) if account else (),
            CONTACT: (contact.full_name,) if contact else (),
            ADDRESS: (goes_to.name,),
        },
        emails={
            ACCOUNT: (account.email,) if account else (),
            CONTACT: (contact.email, contact.business_email) if contact else (),
        },
        phones={
            ACCOUNT: (account.phone,) if account else (),
            CONTACT: _phones_of(contact) if contact else (),
            ADDRESS: (goes_to.phone,),
        },
        countries={
            ACCOUNT: (account_country, region),
            CONTACT: (contact_country, region),
            ADDRESS: (region,),
        },
    )


def _phones_of(contact: Contact) -> tuple[str, ...]:
    """A contact's phone numbers: mobile first, business before private, to reach somebody at delivery (Exact describes Mobile as a business phone)."""
    return contact.business_mobile, contact.mobile, contact.business_phone, contact.phone


def _phone_reader(written: _Written) -> Callable[[str, str], str]:
    """A function that reads a number in its owner's national format, else in the destination's."""

    def read(text: str, source: str) -> str:
        numbers = (e164_phone(text, country) for country in written.countries.get(source, ("",)))
        return next((number for number in numbers if number), "")

    return read


def _dynamic(written: _Written, customer: CustomerPolicy) -> _Sources:
    """All from the contact person if it is not the account itself, else all from the account."""
    contact, account = (folded("".join(written.names[party])) for party in (CONTACT, ACCOUNT))
    one_person = not contact or contact == account
    party, other = (ACCOUNT, CONTACT) if one_person else (CONTACT, ACCOUNT)
    return _Sources(
        name=(party,),
        company_name=() if one_person else (ACCOUNT,),
        email=(party, other) if customer.fill_gaps else (party,),
        phone=(party, ADDRESS, other) if customer.fill_gaps else (party,),
    )


def _manual(customer: CustomerPolicy) -> _Sources:
    company = customer.company_name
    return _Sources(
        name=customer.name,
        company_name=company[: company.index(NONE)] if NONE in company else company,
        email=customer.email,
        phone=customer.phone,
    )


def _first(
    sources: Sequence[str], written: Mapping[str, Sequence[str]], read: Callable[[str, str], str], called: str
) -> _Found:
    """The first source with a value that can be sent. A source that names no record is a literal text."""
    notes: list[str] = []
    for source in sources:
        record = _CALLED.get(source)
        texts = written.get(source, ()) if record else (source,)
        if value := next(filter(None, (read(text, source) for text in texts)), ""):
            return _Found(value, record or CONFIGURATION, tuple(notes))
        if any(map(clean, texts)):
            notes.append(f"The {called} of {record or CONFIGURATION} is left out: it is not a valid one.")
    return _Found(notes=tuple(notes))


def _address_by(consignment: Consignment, customer: CustomerPolicy) -> WrittenAddress:
    if customer.mode == "dynamic":
        return delivery_address(consignment)
    account, contact = account_of(consignment), contact_of(consignment)
    for source in customer.address:
        if source == ADDRESS:
            return delivery_address(consignment)
        found = None
        if source == ACCOUNT and account is not None:
            found = of_account(account, sentence("the account of {name}", name=consignment.name))
        if source == CONTACT and contact is not None:
            found = of_contact(contact, sentence("the contact person of {name}", name=consignment.name))
        if found is not None and not found.is_empty:
            return found
    raise hold(Code.ADDRESS_MISSING, {"name": capitalized(consignment.name)}, variant="not_by_rule")


def _address_source(address: PostalAddress, field: str) -> str:
    return f"{address.record}, apart from the street" if field == "house_number" else address.record


def _name_missing(consignment: Consignment) -> Held:
    return hold(Code.NAME_MISSING, {"name": consignment.name})
