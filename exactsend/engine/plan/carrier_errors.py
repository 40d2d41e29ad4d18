"""What carriers and Sendcloud say, and what is behind it: a table of causes, each with where it is cured. Pure.

Some sentences have several causes: the circumstances of the request show which one.

The words are those of Sendcloud's own descriptions and help pages, and of carriers as their users quote them: UPS and InPost on phone
numbers, DPD and PostNL on lengths and postal codes, Deutsche Post on balances. An error that no row knows is reported in the service's own words alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from exactsend.domain.problems import Code, Phrase


class FieldPlace(Enum):
    """Where a cause is cured; the value is the key of the words that say so."""

    ADDRESS = "address"
    PERSON = "person"
    ITEM = "item"
    CUSTOMS = "customs"
    POINT = "point"
    POINT_OPTION = "point_option"
    POINT_OR_OPTION = "point_or_option"
    METHOD = "method"
    BAND = "band"
    RULE = "rule"
    CHOICE = "choice"
    SENDER = "sender"
    PLAN = "plan"
    SENDCLOUD = "sendcloud"
    CARRIER = "carrier"


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
    key: str
    """Of its words."""
    place: FieldPlace
    field: str = ""
    when: Callable[[Circumstances], bool] = _always
    """Whether the circumstances go with it."""
    names: tuple[str, ...] = ()
    """What its words name: ``name`` is the order or delivery, others are circumstances."""

    def says(self, name: str, found: Circumstances) -> Phrase:
        """The cause in words."""
        known = {"name": name, "rules": found.rules, "option": found.option}
        known["country"] = found.country or "the destination"
        return Phrase(f"cause.{self.key}", {called: known[called] for called in self.names})

    @property
    def cure(self) -> Phrase:
        """Where it is cured, in words."""
        is_named = self.place in {FieldPlace.ADDRESS, FieldPlace.PERSON, FieldPlace.ITEM}
        return Phrase(f"cure.{self.place.value}", {"field": self.field} if is_named else {})

    @property
    def is_passing(self) -> bool:
        """Time may cure it, or somebody elsewhere: it is tried again automatically (S6)."""
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
        "rule_adds",
        FieldPlace.RULE,
        "shipping rules",
        when=lambda found: found.rules_add,
        names=(
            "country",
            "rules",
        ),
    ),
    Cause(
        _NONE_THERE,
        Code.SERVICE_POINT_ELSEWHERE,
        "point_abroad",
        FieldPlace.POINT_OR_OPTION,
        "service point",
        when=lambda found: found.to_point,
        names=("country",),
    ),
    Cause(
        _NONE_THERE,
        Code.SHIPPING_RULE_CONFLICT,
        "rules_country",
        FieldPlace.RULE,
        "shipping rules",
        when=lambda found: bool(found.rules),
        names=(
            "country",
            "rules",
        ),
    ),
    Cause(
        _NONE_THERE,
        Code.SHIPPING_RULE_CONFLICT,
        "rules_country_or_addition",
        FieldPlace.RULE,
        "shipping rules",
        when=lambda found: found.by_rules,
        names=("country",),
    ),
    Cause(
        _NONE_THERE,
        Code.OPTION_UNAVAILABLE,
        "option_country",
        FieldPlace.METHOD,
        "ShippingMethod",
        names=(
            "country",
            "option",
        ),
    ),
    Cause(
        rf"{_NO_OPTION}.{{0,40}}(?:weight|dimension)",
        Code.WEIGHT_OUT_OF_RANGE,
        "option_weight_or_size",
        FieldPlace.BAND,
        "GrossWeight",
    ),
    Cause(
        rf"ship(?:.?with|ping.?option).{{0,60}}(?:{_LACKS})",
        Code.OPTION_UNAVAILABLE,
        "no_option_chosen",
        FieldPlace.CHOICE,
        "ShippingMethod",
        when=lambda found: found.by_rules,
    ),
    # whose fields are named like the recipient's
    Cause(
        r"from.address|sender.?address|\bsender\b",
        Code.SENDER_REFUSED,
        "sender",
        FieldPlace.SENDER,
        "warehouses",
    ),
    Cause(
        r"house.?(?:number|no\b)|huisnummer|hausnummer|street.?number",
        Code.HOUSE_NUMBER_MISSING,
        "house_number",
        FieldPlace.ADDRESS,
        "AddressLine1",
        names=("name",),
    ),
    # service points, before what is merely unavailable
    Cause(
        rf"(?:{_POINT}).{{0,60}}(?:{_LACKS})|(?:{_LACKS}).{{0,60}}(?:{_POINT})",
        Code.SERVICE_POINT_MISSING,
        "no_service_point",
        FieldPlace.METHOD,
        "ShippingMethod",
    ),
    Cause(
        rf"(?:does not|doesn't|can't|cannot) (?:be )?(?:deliver|ship|go|sent|used|support|offer)\w* (?:(?:to|for|with) )?(?:an? )?(?:{_POINT})",
        Code.OPTION_UNAVAILABLE,
        "option_no_service_points",
        FieldPlace.POINT_OPTION,
        "service_points.shipping_option",
    ),
    Cause(
        _POINT,
        Code.SERVICE_POINT_UNAVAILABLE,
        "service_point",
        FieldPlace.POINT,
        "service point",
    ),
    # what only the account's owner can mend
    Cause(
        r"\b(?:your|the|this|current|free) (?:\w+ )?plan\b|\bsubscription\b|\blabel (?:limit|quota)",
        Code.PAYMENT_NEEDED,
        "plan",
        FieldPlace.PLAN,
    ),
    Cause(
        r"payment.?method|direct.?debit|insufficient|wallet|\bbalance\b|credit.?limit|outstanding invoice|unpaid",
        Code.PAYMENT_NEEDED,
        "payment",
        FieldPlace.SENDCLOUD,
    ),
    Cause(
        r"\bcontract|credentials|(?:customer|account|billing).?number|(?:barcode|number) range|no permission|not authori[sz]ed|unauthori[sz]ed|authentication",
        Code.CONTRACT_UNUSABLE,
        "contract",
        FieldPlace.SENDCLOUD,
    ),
    # time
    Cause(
        r"unavailable|temporar|try again|time.?d? ?out|timeout|service is down|internal (?:server )?error|could not connect|connecting to|maintenance|too many requests",
        None,
        "carrier_unavailable",
        FieldPlace.CARRIER,
    ),
    # customs
    Cause(
        rf"(?:{_HS}).{{0,60}}(?:{_LACKS})|(?:{_LACKS}).{{0,40}}(?:{_HS})",
        Code.HS_CODE_MISSING,
        "no_hs_code",
        FieldPlace.ITEM,
        "StatisticalCode",
    ),
    Cause(
        _HS,
        Code.HS_CODE_INVALID,
        "hs_code",
        FieldPlace.ITEM,
        "StatisticalCode",
    ),
    Cause(
        _ORIGIN,
        Code.ORIGIN_MISSING,
        "origin",
        FieldPlace.CUSTOMS,
        "customs.country_of_origin_field",
    ),
    Cause(
        r"\beori\b|\bvat.?(?:number|id)|\bioss\b|tax.?(?:number|id)",
        Code.CUSTOMS_NUMBER_MISSING,
        "customs_number",
        FieldPlace.PERSON,
        "EORINumber",
    ),
    Cause(
        r"items? weighs? more|weight of (?:the )?items|item weight",
        Code.WEIGHT_OUT_OF_RANGE,
        "items_heavier",
        FieldPlace.ITEM,
        "GrossWeight",
    ),
    Cause(
        r"customs|commercial.?invoice|declar(?:ation|ed)|parcel.items|export",
        Code.CUSTOMS_REFUSED,
        "customs",
        FieldPlace.CUSTOMS,
    ),
    # who receives it
    Cause(
        rf"(?:{_PHONE}).{{0,60}}(?:{_LACKS})|(?:{_LACKS}).{{0,40}}(?:{_PHONE})",
        Code.PHONE_MISSING,
        "phone_missing",
        FieldPlace.PERSON,
        "Phone",
    ),
    Cause(
        _PHONE,
        Code.PHONE_INVALID,
        "phone",
        FieldPlace.PERSON,
        "Phone",
    ),
    Cause(
        rf"(?:{_EMAIL}).{{0,60}}(?:{_LACKS})|(?:{_LACKS}).{{0,40}}(?:{_EMAIL})",
        Code.EMAIL_MISSING,
        "email_missing",
        FieldPlace.PERSON,
        "Email",
    ),
    Cause(
        _EMAIL,
        Code.EMAIL_INVALID,
        "email",
        FieldPlace.PERSON,
        "Email",
    ),
    # where it goes
    Cause(_POSTAL, Code.ADDRESS_REFUSED, "postcode", FieldPlace.ADDRESS, "Postcode"),
    Cause(
        r"does not (?:deliver|ship)|not available (?:from|for|to|in)|not (?:valid|supported|allowed|served) (?:for|in|to|by)|origin to the destination|destination (?:country )?(?:is )?not",
        Code.OPTION_UNAVAILABLE,
        "option_destination",
        FieldPlace.METHOD,
        "ShippingMethod",
    ),
    Cause(
        r"shipping.?(?:option|method|product)|ship.with|selected service",
        Code.OPTION_UNAVAILABLE,
        "option_unknown",
        FieldPlace.METHOD,
        "ShippingMethod",
    ),
    Cause(
        rf"(?:company|name).{{0,40}}(?:{_TOO_LONG})",
        Code.ADDRESS_REFUSED,
        "name_too_long",
        FieldPlace.PERSON,
        "Name",
    ),
    Cause(
        r"\bcity\b|\btown\b|locality",
        Code.ADDRESS_REFUSED,
        "city",
        FieldPlace.ADDRESS,
        "City",
    ),
    Cause(
        r"\bstate\b|province",
        Code.ADDRESS_REFUSED,
        "state",
        FieldPlace.ADDRESS,
        "State",
    ),
    Cause(r"country", Code.ADDRESS_REFUSED, "country", FieldPlace.ADDRESS, "Country"),
    Cause(
        r"address.?line|street|address.[12]\b|\baddress\b",
        Code.ADDRESS_REFUSED,
        "address",
        FieldPlace.ADDRESS,
        "AddressLine1",
    ),
    Cause(r"\bname\b", Code.ADDRESS_REFUSED, "name", FieldPlace.PERSON, "Name"),
    # what is sent
    Cause(
        r"weight|too heavy|too light",
        Code.WEIGHT_OUT_OF_RANGE,
        "weight",
        FieldPlace.ITEM,
        "GrossWeight",
    ),
    Cause(
        r"dimension|\blength\b|\bwidth\b|\bheight\b|girth|volume",
        Code.DIMENSIONS_MISSING,
        "size",
        FieldPlace.METHOD,
        "ShippingMethod",
    ),
)
"""The first that fits counts, so particular rows come before general ones."""
