"""What an account ships with and from: carriers, options, contracts, sender addresses, rules, service points.

`carriers` has the reasons for refusals; `starting_data` has the values that each account starts with.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK".split())  # noqa: SIM905 - one line instead of thirty
LETTER = "sendcloud:letter"

OUTSIDE_CUSTOMS_UNION = (
    ("ES", ("35", "38", "51", "52")),
    ("DE", ("27498", "78266")),
    ("IT", ("23041", "22061")),
    ("FI", ("22",)),
    ("GR", ("63086",)),
    ("FR", ("971", "972", "973", "974", "975", "976", "977", "978", "984", "986", "987", "988")),
)
"""Parts of EU countries outside the customs union, by the beginning of their postal codes."""


def customs_area(country: str, postal_code: str) -> str:
    """The area within which goods need no customs papers: ``EU``, or the country itself."""
    if country == "GB" and postal_code.upper().startswith("BT"):
        return "EU"
    for member, beginnings in OUTSIDE_CUSTOMS_UNION:
        if country == member and postal_code.startswith(beginnings):
            return f"{country}-{postal_code}"
    return "EU" if country in EU else country


@dataclass(frozen=True)
class Carrier:
    """A carrier, with Sendcloud's code and name."""

    code: str
    name: str
    splits_house_number: bool = False
    """It needs the house number and refuses an address without one."""
    offers_service_points: bool = False
    phone_pattern: str = ""
    """The only form of phone number that it accepts; empty: any."""


@dataclass(frozen=True)
class Contract:
    """A carrier contract of the account."""

    contract_id: int
    carrier: Carrier
    country: str = "NL"
    is_active: bool = True
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class ShippingOption:
    """A shipping option: a carrier's product with its functionalities."""

    code: str
    name: str
    carrier: Carrier
    contract_id: int
    countries: frozenset[str]
    """Destinations; empty: everywhere that `outside_eu` allows."""
    outside_eu: bool = False
    max_weight_grams: int = 23_000
    min_weight_grams: int = 1
    required_fields: tuple[Literal["to_email", "to_telephone", "length", "width", "height"], ...] = ()
    last_mile: Literal["home_delivery", "service_point", "mailbox"] = "home_delivery"
    is_insurable: bool = True
    """Whether insurance can be added; without it, the option does not fit an insured shipment."""
    price: Decimal = Decimal("6.25")
    label_fee: Decimal = Decimal(0)
    """What Sendcloud charges for the label itself; not part of the quoted price."""
    is_tracked: bool = True
    lead_time_hours: int = 24

    @property
    def is_letter(self) -> bool:
        """Whether it is the unstamped letter, which serves for test labels."""
        return self.code == LETTER

    @property
    def needs_service_point(self) -> bool:
        """Whether it delivers only to service points."""
        return self.last_mile == "service_point"

    def goes_to(self, country: str) -> bool:
        """Whether it delivers to this country."""
        if self.outside_eu:
            return country not in EU
        return not self.countries or country in self.countries

    def takes(self, weight_grams: Decimal) -> bool:
        """Whether a parcel of this weight is within the option's range."""
        return self.min_weight_grams <= weight_grams <= self.max_weight_grams


@dataclass(frozen=True, kw_only=True)
class SenderAddress:
    """An address from which the account ships."""

    address_id: int
    company_name: str
    name: str
    address_line_1: str
    house_number: str
    postal_code: str
    city: str
    country_code: str
    email: str
    phone_number: str


@dataclass(frozen=True, kw_only=True)
class ShippingRule:
    """A rule of the account: when all conditions are true, it chooses the option, adds insurance, or both."""

    rule_id: int
    name: str
    option_code: str = ""
    """Empty: it does not change the option."""
    insured_value: Decimal | None = None
    countries: frozenset[str] = field(default_factory=frozenset)
    delivery_indicators: frozenset[str] = field(default_factory=frozenset)

    def applies(self, country: str, delivery_indicator: str) -> bool:
        """Whether its conditions are true; a rule without conditions always applies."""
        fits_country = not self.countries or country in self.countries
        return fits_country and (
            not self.delivery_indicators or delivery_indicator in self.delivery_indicators
        )


@dataclass(frozen=True, kw_only=True)
class ServicePoint:
    """A shop or locker where customers collect parcels."""

    point_id: int
    carrier: Carrier
    carrier_point_id: str
    name: str
    street: str
    house_number: str
    postal_code: str
    city: str
    country_code: str
    latitude: float
    longitude: float
    is_expired: bool = False
    is_available: bool = True
    shop_type: Literal["servicepoint", "locker", "post_office", "carrier_depot"] = "servicepoint"
