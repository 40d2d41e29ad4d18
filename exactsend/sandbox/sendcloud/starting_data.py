"""The accounts, options and service points that the Sendcloud side of each world starts with.

The demo and the tests rely on these numbers. There are no orders and shipments at the start.
"""

from decimal import Decimal

from exactsend.sandbox.sendcloud.accounts import Account
from exactsend.sandbox.sendcloud.catalogue import (
    EU,
    LETTER,
    Carrier,
    Contract,
    SenderAddress,
    ServicePoint,
    ShippingOption,
    ShippingRule,
)
from exactsend.sandbox.sendcloud.world import SendcloudWorld

POSTNL = Carrier("postnl", "PostNL", splits_house_number=True, offers_service_points=True)
DPD = Carrier("dpd", "DPD", offers_service_points=True)
DHL_EXPRESS = Carrier("dhl_express", "DHL Express")
SENDCLOUD = Carrier("sendcloud", "Sendcloud")
INPOST_GB = Carrier("inpost_gb", "InPost GB", phone_pattern=r"07\d{9}")
"""No account has it at the start."""

CONTRACTS = (
    Contract(517, POSTNL, name="PostNL Sendcloud"),
    Contract(518, DPD, name="DPD Sendcloud"),
    Contract(519, DHL_EXPRESS, name="DHL Express Sendcloud"),
    Contract(520, SENDCLOUD, name="Unstamped letter"),
)

_POSTNL_COUNTRIES = frozenset({"NL", "BE", "DE", "LU", "FR", "AT", "ES", "IT"})

OPTIONS = (
    ShippingOption(
        code="postnl:standard",
        name="PostNL Standard",
        carrier=POSTNL,
        contract_id=517,
        countries=_POSTNL_COUNTRIES,
    ),
    ShippingOption(
        code="postnl:service-point",
        name="PostNL Service Point",
        carrier=POSTNL,
        contract_id=517,
        countries=frozenset({"NL", "BE"}),
        last_mile="service_point",
        price=Decimal("5.40"),
    ),
    ShippingOption(
        code="dpd:home",
        name="DPD Home",
        carrier=DPD,
        contract_id=518,
        countries=EU,
        max_weight_grams=31_500,
        price=Decimal("8.95"),
        lead_time_hours=48,
    ),
    ShippingOption(
        code="dpd:service-point",
        name="DPD Pickup",
        carrier=DPD,
        contract_id=518,
        countries=frozenset({"NL", "BE"}),
        max_weight_grams=20_000,
        last_mile="service_point",
        price=Decimal("5.95"),
    ),
    ShippingOption(
        code="dhl_express:worldwide",
        name="DHL Express Worldwide",
        carrier=DHL_EXPRESS,
        contract_id=519,
        countries=frozenset(),
        outside_eu=True,
        max_weight_grams=70_000,
        required_fields=("to_email", "to_telephone"),
        price=Decimal("39.50"),
    ),
    ShippingOption(
        code=LETTER,
        name="Unstamped letter",
        carrier=SENDCLOUD,
        contract_id=520,
        countries=frozenset(),
        last_mile="mailbox",
        price=Decimal(0),
        label_fee=Decimal("0.15"),
        is_tracked=False,
    ),
)

PREFERRED_OPTIONS = (
    ShippingRule(rule_id=1, name="Netherlands", option_code="postnl:standard", countries=frozenset({"NL"})),
    ShippingRule(rule_id=2, name="Rest of the EU", option_code="dpd:home", countries=EU - {"NL"}),
    ShippingRule(rule_id=3, name="Rest of the world", option_code="dhl_express:worldwide"),
)

RULES = (
    ShippingRule(
        rule_id=315157,
        name="Chosen at checkout: pick-up point",
        option_code="postnl:service-point",
        delivery_indicators=frozenset({"Pick-up point", "PNLSP", "PostNL service point"}),
    ),
    ShippingRule(
        rule_id=315158,
        name="Chosen at checkout: letter",
        option_code=LETTER,
        delivery_indicators=frozenset({"Letter"}),
    ),
)

MAIN_WAREHOUSE = SenderAddress(
    address_id=17,
    company_name="Sandbox Shop B.V.",
    name="Main warehouse",
    address_line_1="Oudegracht",
    house_number="231",
    postal_code="3511 NK",
    city="Utrecht",
    country_code="NL",
    email="warehouse@sandbox-shop.example",
    phone_number="+31302000000",
)
SECOND_WAREHOUSE = SenderAddress(
    address_id=18,
    company_name="Sandbox Shop B.V.",
    name="Second warehouse",
    address_line_1="Noorderlaan",
    house_number="98",
    postal_code="2030",
    city="Antwerpen",
    country_code="BE",
    email="antwerp@sandbox-shop.example",
    phone_number="+3232000000",
)

SERVICE_POINTS = (
    ServicePoint(
        point_id=10875349,
        carrier=POSTNL,
        carrier_point_id="NL-161203",
        name="Boekhandel De Kade",
        street="Vredenburg",
        house_number="40",
        postal_code="3511 BD",
        city="Utrecht",
        country_code="NL",
        latitude=52.0929,
        longitude=5.1136,
    ),
    ServicePoint(
        point_id=10875350,
        carrier=POSTNL,
        carrier_point_id="NL-161204",
        name="Sigarenmagazijn (closed)",
        street="Nachtegaalstraat",
        house_number="12",
        postal_code="3581 AC",
        city="Utrecht",
        country_code="NL",
        latitude=52.0907,
        longitude=5.1303,
        is_expired=True,
    ),
    ServicePoint(
        point_id=20011,
        carrier=DPD,
        carrier_point_id="BE10023",
        name="Dagbladhandel Zuid",
        street="Nationalestraat",
        house_number="111",
        postal_code="2000",
        city="Antwerpen",
        country_code="BE",
        latitude=51.2143,
        longitude=4.3986,
    ),
)


def add_first_account(world: SendcloudWorld) -> None:
    """Add the account of the demo's shop, with its options and service points."""
    add_account_without_service_points(world)
    world.service_points.extend(SERVICE_POINTS)


def add_account_without_service_points(world: SendcloudWorld) -> None:
    """Add the account of the demo's shop without service points."""
    _fill_account(
        world.add_account(
            public_key="sandbox-public",
            secret_key="sandbox-secret",  # noqa: S106 - the sandbox's secret is no secret
            user_id=4242,
            integration_id=7001,
            shop_name="Sandbox Shop",
        )
    )


def add_second_account(world: SendcloudWorld) -> None:
    """Add another Sendcloud user, for the second division."""
    _fill_account(
        world.add_account(
            public_key="sandbox2-public",
            secret_key="sandbox2-secret",  # noqa: S106 - the sandbox's secret is no secret
            user_id=4343,
            integration_id=7002,
            shop_name="Second Shop",
        )
    )


def _fill_account(account: Account) -> None:
    account.sender_addresses.extend((MAIN_WAREHOUSE, SECOND_WAREHOUSE))
    account.contracts.extend(CONTRACTS)
    account.options.extend(OPTIONS)
    account.rules.extend(RULES)
    account.preferred_options.extend(PREFERRED_OPTIONS)
