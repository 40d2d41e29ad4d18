"""What cancelling a label costs now, in words: free until a deadline, refunded afterwards, or not possible any more. Pure."""

from datetime import datetime

from exactsend.domain.shown_problem import phrase_text
from exactsend.domain.templates import sentence
from exactsend.engine.plan.cancellation_terms import (
    CANCELLABLE_FOR,
    CHRONOPOST,
    DHL_GERMANY,
    RULES,
    free_until,
    refund_terms,
)
from exactsend.sendcloud.models import Shipment


def cancellation_terms(shipment: Shipment, now: datetime) -> str:
    """Until when a label can be cancelled, and what it costs."""
    if shipment.is_being_cancelled:
        return "Its cancellation is under way already."
    carrier = shipment.carrier.code if shipment.carrier else ""
    country = shipment.from_address.country_code
    return cancelling_text(shipment.announced_at, now, carrier=carrier, country=country)


def cancelling_text(made: datetime | None, now: datetime, *, carrier: str = "", country: str = "") -> str:
    """What cancelling this label costs now."""
    if made is None:
        return sentence("Cancelling: {terms}", terms=phrase_text(refund_terms(carrier)))
    if now > made + CANCELLABLE_FOR:
        return sentence("The label is older than 42 days: Sendcloud cancels it no more.")
    terms = f"{_deadline(free_until(made, carrier=carrier, country=country), now, carrier)} {_afterwards(made, carrier)}"
    if carrier == "ups":
        return sentence("{terms} UPS cancels no label with paperless customs papers.", terms=terms)
    return terms


def _deadline(until: datetime | None, now: datetime, carrier: str) -> str:
    """Whether cancelling is free now."""
    rule = RULES.get(carrier)
    if until is None:
        return sentence(
            "Until when {carrier} cancels a label of that hour is not known.", carrier=_name(carrier)
        )
    deadline = f"{until:%Y-%m-%d %H:%M}"
    if now > until:
        whose = (
            sentence("The deadline of {carrier}", carrier=_name(carrier))
            if rule
            else sentence("What is mostly the carrier's deadline")
        )
        return sentence(
            "{whose}, {until} ({zone}), is over.", whose=whose, until=deadline, zone=str(until.tzinfo)
        )
    whose = (
        sentence("the deadline of {carrier}", carrier=_name(carrier))
        if rule
        else sentence("mostly the carrier's deadline")
    )
    return sentence(
        "Cancelling is free until {until} ({zone}), {whose}.",
        until=deadline,
        zone=str(until.tzinfo),
        whose=whose,
    )


def _afterwards(made: datetime, carrier: str) -> str:
    """What a cancellation after the deadline comes to."""
    last_day = f"{made + CANCELLABLE_FOR:%Y-%m-%d}"
    if carrier == DHL_GERMANY:
        return sentence("After the deadline it can't be cancelled.")
    if carrier == CHRONOPOST:
        return sentence(
            "After the deadline Sendcloud's support cancels it, until {last_day}.", last_day=last_day
        )
    return sentence(
        "After the deadline it is refunded on the next invoice, which may take two weeks, where the parcel was not shipped and it is cancelled by "
        "{last_day}.",
        last_day=last_day,
    )


def _name(carrier: str) -> str:
    rule = RULES.get(carrier)
    return rule.carrier if rule else carrier
