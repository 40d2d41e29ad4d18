"""What a dry run's purchases would cost: asked once for each question, and given up at the first that is not answered."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from exactsend.engine.gather.prices import with_prices
from exactsend.engine.plan.actions import ActionKind, Outcome, OutcomeKind, Subject
from exactsend.errors import Unreachable
from exactsend.http.messages import Json
from exactsend.sendcloud.models import SenderAddress
from exactsend.sendcloud.offered_options import OfferedOption, Price

EUROS = Price(value=Decimal("6.25"), currency="EUR")


@dataclass
class Quoting:
    """A Sendcloud that has one price for everything, until it is down."""

    answers: int = 100
    asked: list[dict[str, Json]] = field(default_factory=list)

    def sender_addresses(self) -> list[SenderAddress]:
        return [SenderAddress(id=17, country_code="NL", postal_code="3511 NK")]

    def quote(self, question: dict[str, Json]) -> Price:
        self.asked.append(question)
        if len(self.asked) > self.answers:
            raise Unreachable("Sendcloud can't be reached", api="sendcloud")
        return EUROS


def a_purchase(weight: str = "1.4", **changes: Any) -> Outcome:  # noqa: ANN401 - any field
    body: dict[str, Json] = {
        "to_address": {"country_code": "DE", "postal_code": "10115"},
        "from_address": {"sender_address_id": 17},
        "ship_with": {"properties": {"shipping_option_code": "postnl:standard"}},
        "parcels": [{"weight": {"value": weight, "unit": "kg"}}],
    }
    fields = {"cost_bearing": True, "request": body, **changes}
    return Outcome(ActionKind.LABEL_BUY, Subject(delivery_number=20001), OutcomeKind.PLANNED, **fields)


def prices(sendcloud: Quoting, *outcomes: Outcome) -> list[Price | None]:
    return [outcome.price for outcome in with_prices(sendcloud, outcomes, division_country="NL")]  # type: ignore[arg-type]  # it answers what is asked


def test_what_is_asked_is_the_parcel_on_its_way() -> None:
    sendcloud = Quoting()

    assert prices(sendcloud, a_purchase()) == [EUROS]
    assert sendcloud.asked == [
        {
            "from_address": {"country_code": "NL", "postal_code": "3511 NK"},
            "to_address": {"country_code": "DE", "postal_code": "10115"},
            "shipping_option_code": "postnl:standard",
            "parcels": [{"weight": {"value": "1.4", "unit": "kg"}}],
            "calculate_quotes": True,
        }
    ]


def test_the_same_question_is_asked_once() -> None:
    sendcloud = Quoting()

    assert prices(sendcloud, a_purchase(), a_purchase(), a_purchase("2")) == [EUROS] * 3
    assert len(sendcloud.asked) == 2


def test_the_first_question_that_is_not_answered_is_the_last() -> None:
    sendcloud = Quoting(answers=0)

    assert prices(sendcloud, a_purchase(), a_purchase("2")) == [None, None]
    assert len(sendcloud.asked) == 1


def test_prices_that_were_told_before_it_stay() -> None:
    sendcloud = Quoting(answers=1)

    assert prices(sendcloud, a_purchase(), a_purchase("2"), a_purchase()) == [EUROS, None, EUROS]


def test_what_is_no_purchase_or_is_left_to_the_rules_is_not_asked() -> None:
    sendcloud = Quoting()
    by_rules = a_purchase(request={"parcels": []})
    stopped = Outcome(ActionKind.LABEL_BUY, Subject(), OutcomeKind.SKIPPED, cost_bearing=True)

    assert prices(sendcloud, by_rules, stopped) == [None, None]
    assert sendcloud.asked == []


def test_several_quotes_or_none_are_no_price() -> None:
    quote = {"price": {"total": {"value": "6.25", "currency": "EUR"}}}

    def price_of(quotes: list[object] | None) -> Price | None:
        return OfferedOption.model_validate({"code": "x", "quotes": quotes}).price

    assert price_of([quote]) == EUROS
    without_currency = {"price": {"total": {"value": "6.25"}}}
    assert (price_of(None), price_of([]), price_of([quote, quote])) == (None,) * 3
    assert (price_of([{}]), price_of([without_currency])) == (None,) * 2
