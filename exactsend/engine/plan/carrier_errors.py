"""What carriers and Sendcloud say, and what is behind it: a table of causes, each with where it is cured. Pure.

Some sentences stand for several causes: which one, the circumstances of the request tell.

The words are those of Sendcloud's own descriptions and help pages, and of carriers as their users quote them: UPS and InPost on phone
numbers, DPD and PostNL on lengths and postal codes, Deutsche Post on balances. What no row knows is told in the service's own words alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from exactsend.domain.problems import Code


class FieldPlace(Enum):
    """Where a cause is cured; the value is the template of the sentence that says so, ``{field}`` standing for Exact's field."""

    ADDRESS = "Correct {field} of the delivery address, or of the account or contact it comes from, in Exact"
    PERSON = "Correct {field} of the contact person or the account in Exact"
    ITEM = "Correct {field} of the item in Exact"
    CUSTOMS = "Check HS code, country of origin, weight and price of the items in Exact, and the customs table of the configuration"
    POINT = "Choose another service point with the customer and enter its id at the order in Exact"
    POINT_OPTION = "Name a shipping option that goes to service points in the configuration (service_points.shipping_option)"
    POINT_OR_OPTION = (
        "Choose another service point with the customer and enter its id at the order in Exact, or name a shipping option in the configuration "
        "that goes to service points there (service_points.shipping_option)"
    )
    METHOD = (
        "Choose another shipping method in Exact, or another shipping option in the configuration "
        "(labels.shipping_option, labels.shipping_methods)"
    )
    BAND = (
        "Correct the weight of the items in Exact, split the delivery, or map its shipping method to an option for that weight "
        "(labels.shipping_methods): many options are for a band of weights, such as kg=0-0.5 in their code, and exactsend doctor names the others"
    )
    RULE = (
        "Change that rule in Sendcloud under Settings > Shipping rules, or name a shipping option in the configuration "
        "(labels.shipping_option, labels.shipping_methods): then no rule is applied"
    )
    CHOICE = (
        "Make a shipping rule in Sendcloud, for which its plan must have them, or set a shipping default there; or name a shipping option in the "
        "configuration (labels.shipping_option, labels.shipping_methods)"
    )
    SENDER = "Correct the sender address at Sendcloud, or map the warehouse to another one in warehouses"
    PLAN = "Change the plan at Sendcloud, or wait until it allows labels again"
    SENDCLOUD = "Mend it at Sendcloud"
    CARRIER = "The carrier must be available again"


@dataclass(frozen=True)
class Circumstances:
    """What is known of a refused request beside the words."""

    rules: str = ""
    """The shipping rules that Sendcloud says it applied, and what they did."""
    rules_add: bool = False
    """One of them set more than the option."""
    by_rules: bool = False
    """Sendcloud's shipping rules were to be applied."""
    to_point: bool = False
    """It was to go to a service point."""
    option: str = ""
    """The shipping option that was asked for; empty where it was left to the rules."""
    country: str = ""
    """Where it was to go."""


NOTHING_KNOWN = Circumstances()


def _always(_circumstances: Circumstances) -> bool:
    return True


@dataclass(frozen=True)
class Cause:
    """One thing that can be wrong."""

    words: str
    """A regular expression. Compiled when something has failed: most runs need none of them."""
    code: Code | None
    """None: the failure keeps the code of what happened."""
    says: str
    """A template. Follows a colon, and has no full stop; ``{name}`` stands for the order or delivery, others for the circumstances."""
    place: FieldPlace
    field: str = ""
    when: Callable[[Circumstances], bool] = _always
    """Whether the circumstances go with it."""

    @property
    def is_passing(self) -> bool:
        """Time, or somebody who tells nobody here, may cure it: it is tried again by itself (S6)."""
        return self.place in {
            FieldPlace.CARRIER,
            FieldPlace.SENDCLOUD,
            FieldPlace.PLAN,
            FieldPlace.RULE,
            FieldPlace.CHOICE,
        }


def cause_of(said: str, circumstances: Circumstances = NOTHING_KNOWN) -> Cause | None:
    """What is behind these words, names of fields written with blanks; None where nobody here knows."""
    fitting = (cause for cause in CAUSES if cause.when(circumstances))
    return next((cause for cause in fitting if re.search(cause.words, said, re.IGNORECASE)), None)


_LACKS = r"required|blank|missing|empty|mandatory|must be (?:provided|specified|given|filled)|please provide|lacks?\b|needs?\b|no value"
_TOO_LONG = r"too long|max(?:imum)?\.? (?:length|\d+ char)|at most \d+ char|longer than|length exceeded|exceeds? .{0,40}(?:length|char)"
_POINT = r"service.?point|parcel.?shop|pick.?up.?(?:point|location)|\blocker|relay"
_PHONE = r"phone|\bmobile\b"
_EMAIL = r"\be-?mail"
_HS = r"hs.?code|tariff|harmoni[sz]ed|commodity code"
_ORIGIN = r"origin.?country|country.?of.?origin|country of manufacture"
_POSTAL = r"post(?:al)?.?code|\bzip\b|zip.?code"
_NO_OPTION = r"no shipping option could be found"
"""Sendcloud's sentence, which goes on with what was given. Its clients name the causes: a rule that adds insurance which the option can't have, a
service point of another country, a destination that is not served, a weight outside the option's band. Read in public code in November 2026."""
_NONE_THERE = rf"{_NO_OPTION}.{{0,40}}(?:country|postal)"

CAUSES = (
    # one sentence for several causes
    Cause(
        _NONE_THERE,
        Code.SHIPPING_RULE_CONFLICT,
        "a shipping rule of Sendcloud's panel asks for something that can't be had to {country} with that option ({rules})",
        FieldPlace.RULE,
        "shipping rules",
        when=lambda found: found.rules_add,
    ),
    Cause(
        _NONE_THERE,
        Code.SERVICE_POINT_ELSEWHERE,
        "the service point is in another country than {country}, or the shipping option does not go to service points there",
        FieldPlace.POINT_OR_OPTION,
        "service point",
        when=lambda found: found.to_point,
    ),
    Cause(
        _NONE_THERE,
        Code.SHIPPING_RULE_CONFLICT,
        "what Sendcloud's shipping rules chose does not go to {country} ({rules})",
        FieldPlace.RULE,
        "shipping rules",
        when=lambda found: bool(found.rules),
    ),
    Cause(
        _NONE_THERE,
        Code.SHIPPING_RULE_CONFLICT,
        "what Sendcloud's shipping rules chose does not go to {country}, or a rule adds something, such as insurance, that can't be had there",
        FieldPlace.RULE,
        "shipping rules",
        when=lambda found: found.by_rules,
    ),
    Cause(
        _NONE_THERE,
        Code.OPTION_UNAVAILABLE,
        "the shipping option {option} does not go to {country}, or not to that postcode",
        FieldPlace.METHOD,
        "ShippingMethod",
    ),
    Cause(
        rf"{_NO_OPTION}.{{0,40}}(?:weight|dimension)",
        Code.WEIGHT_OUT_OF_RANGE,
        "the shipping option takes no parcel of its weight or size",
        FieldPlace.BAND,
        "GrossWeight",
    ),
    Cause(
        rf"ship(?:.?with|ping.?option).{{0,60}}(?:{_LACKS})",
        Code.OPTION_UNAVAILABLE,
        "it was left to Sendcloud's shipping rules and defaults, and none of them chose a shipping option",
        FieldPlace.CHOICE,
        "ShippingMethod",
        when=lambda found: found.by_rules,
    ),
    # whose fields are named like the recipient's
    Cause(
        r"from.address|sender.?address|\bsender\b",
        Code.SENDER_REFUSED,
        "the sender address is not usable",
        FieldPlace.SENDER,
        "warehouses",
    ),
    Cause(
        r"house.?(?:number|no\b)|huisnummer|hausnummer|street.?number",
        Code.HOUSE_NUMBER_MISSING,
        "the delivery address of {name} has no house number that the carrier can read",
        FieldPlace.ADDRESS,
        "AddressLine1",
    ),
    # service points, before what is merely unavailable
    Cause(
        rf"(?:{_POINT}).{{0,60}}(?:{_LACKS})|(?:{_LACKS}).{{0,60}}(?:{_POINT})",
        Code.SERVICE_POINT_MISSING,
        "the shipping option goes to service points, and none is named",
        FieldPlace.METHOD,
        "ShippingMethod",
    ),
    Cause(
        rf"(?:does not|doesn't|can't|cannot) (?:be )?(?:deliver|ship|go|sent|used|support|offer)\w* (?:(?:to|for|with) )?(?:an? )?(?:{_POINT})",
        Code.OPTION_UNAVAILABLE,
        "the shipping option does not go to service points",
        FieldPlace.POINT_OPTION,
        "service_points.shipping_option",
    ),
    Cause(
        _POINT,
        Code.SERVICE_POINT_UNAVAILABLE,
        "the service point takes no such parcel",
        FieldPlace.POINT,
        "service point",
    ),
    # what only the account's owner can mend
    Cause(
        r"\b(?:your|the|this|current|free) (?:\w+ )?plan\b|\bsubscription\b|\blabel (?:limit|quota)",
        Code.PAYMENT_NEEDED,
        "the account's plan at Sendcloud allows no more labels, or not what was asked for",
        FieldPlace.PLAN,
    ),
    Cause(
        r"payment.?method|direct.?debit|insufficient|wallet|\bbalance\b|credit.?limit|outstanding invoice|unpaid",
        Code.PAYMENT_NEEDED,
        "the account at Sendcloud or at the carrier can't pay for it",
        FieldPlace.SENDCLOUD,
    ),
    Cause(
        r"\bcontract|credentials|(?:customer|account|billing).?number|(?:barcode|number) range|no permission|not authori[sz]ed|unauthori[sz]ed|authentication",
        Code.CONTRACT_UNUSABLE,
        "the carrier contract at Sendcloud is missing, not active or not allowed to do it",
        FieldPlace.SENDCLOUD,
    ),
    # time
    Cause(
        r"unavailable|temporar|try again|time.?d? ?out|timeout|service is down|internal (?:server )?error|could not connect|connecting to|maintenance|too many requests",
        None,
        "the carrier is not available at the moment",
        FieldPlace.CARRIER,
    ),
    # customs
    Cause(
        rf"(?:{_HS}).{{0,60}}(?:{_LACKS})|(?:{_LACKS}).{{0,40}}(?:{_HS})",
        Code.HS_CODE_MISSING,
        "an item has no HS code",
        FieldPlace.ITEM,
        "StatisticalCode",
    ),
    Cause(
        _HS,
        Code.HS_CODE_INVALID,
        "the HS code of an item is not accepted",
        FieldPlace.ITEM,
        "StatisticalCode",
    ),
    Cause(
        _ORIGIN,
        Code.ORIGIN_MISSING,
        "the country of origin of an item is missing or not accepted",
        FieldPlace.CUSTOMS,
        "customs.country_of_origin_field",
    ),
    Cause(
        r"\beori\b|\bvat.?(?:number|id)|\bioss\b|tax.?(?:number|id)",
        Code.CUSTOMS_NUMBER_MISSING,
        "customs want a number of the sender or the recipient (EORI, VAT) that is missing or not accepted",
        FieldPlace.PERSON,
        "EORINumber",
    ),
    Cause(
        r"items? weighs? more|weight of (?:the )?items|item weight",
        Code.WEIGHT_OUT_OF_RANGE,
        "its items weigh more than the parcel",
        FieldPlace.ITEM,
        "GrossWeight",
    ),
    Cause(
        r"customs|commercial.?invoice|declar(?:ation|ed)|parcel.items|export",
        Code.CUSTOMS_REFUSED,
        "something that customs ask for is missing or not accepted",
        FieldPlace.CUSTOMS,
    ),
    # who receives it
    Cause(
        rf"(?:{_PHONE}).{{0,60}}(?:{_LACKS})|(?:{_LACKS}).{{0,40}}(?:{_PHONE})",
        Code.PHONE_MISSING,
        "the carrier demands the recipient's phone number",
        FieldPlace.PERSON,
        "Phone",
    ),
    Cause(
        _PHONE,
        Code.PHONE_INVALID,
        "the carrier does not accept the recipient's phone number",
        FieldPlace.PERSON,
        "Phone",
    ),
    Cause(
        rf"(?:{_EMAIL}).{{0,60}}(?:{_LACKS})|(?:{_LACKS}).{{0,40}}(?:{_EMAIL})",
        Code.EMAIL_MISSING,
        "the carrier demands the recipient's e-mail address",
        FieldPlace.PERSON,
        "Email",
    ),
    Cause(
        _EMAIL,
        Code.EMAIL_INVALID,
        "the carrier does not accept the recipient's e-mail address",
        FieldPlace.PERSON,
        "Email",
    ),
    # where it goes
    Cause(_POSTAL, Code.ADDRESS_REFUSED, "the postcode is not accepted", FieldPlace.ADDRESS, "Postcode"),
    Cause(
        r"does not (?:deliver|ship)|not available (?:from|for|to|in)|not (?:valid|supported|allowed|served) (?:for|in|to|by)|origin to the destination|destination (?:country )?(?:is )?not",
        Code.OPTION_UNAVAILABLE,
        "the shipping option does not go there",
        FieldPlace.METHOD,
        "ShippingMethod",
    ),
    Cause(
        r"shipping.?(?:option|method|product)|ship.with|selected service",
        Code.OPTION_UNAVAILABLE,
        "the shipping option is not known or not available to the account",
        FieldPlace.METHOD,
        "ShippingMethod",
    ),
    Cause(
        rf"(?:company|name).{{0,40}}(?:{_TOO_LONG})",
        Code.ADDRESS_REFUSED,
        "the name is too long for the carrier",
        FieldPlace.PERSON,
        "Name",
    ),
    Cause(
        r"\bcity\b|\btown\b|locality",
        Code.ADDRESS_REFUSED,
        "the city is not accepted",
        FieldPlace.ADDRESS,
        "City",
    ),
    Cause(
        r"\bstate\b|province",
        Code.ADDRESS_REFUSED,
        "the state or province is missing or not accepted",
        FieldPlace.ADDRESS,
        "State",
    ),
    Cause(r"country", Code.ADDRESS_REFUSED, "the country is not accepted", FieldPlace.ADDRESS, "Country"),
    Cause(
        r"address.?line|street|address.[12]\b|\baddress\b",
        Code.ADDRESS_REFUSED,
        "the address is not accepted",
        FieldPlace.ADDRESS,
        "AddressLine1",
    ),
    Cause(r"\bname\b", Code.ADDRESS_REFUSED, "the name is not accepted", FieldPlace.PERSON, "Name"),
    # what is sent
    Cause(
        r"weight|too heavy|too light",
        Code.WEIGHT_OUT_OF_RANGE,
        "the carrier does not take its weight",
        FieldPlace.ITEM,
        "GrossWeight",
    ),
    Cause(
        r"dimension|\blength\b|\bwidth\b|\bheight\b|girth|volume",
        Code.DIMENSIONS_MISSING,
        "the carrier wants to know the parcel's size, or does not take it",
        FieldPlace.METHOD,
        "ShippingMethod",
    ),
)
"""The first that fits counts: what is particular stands before what is general."""
