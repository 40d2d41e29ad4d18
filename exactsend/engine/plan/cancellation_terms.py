"""Until when cancelling a label is free, and what happens to the money afterwards. Pure.

Sendcloud does not return a shipment's deadline. Its guide lists the carriers' hours: mostly 23:59 of the carrier's day.
An unused label is refunded after that too, on the next invoice, if it is cancelled within 42 days; settling takes up to
two weeks. DHL Germany and Chronopost have their own rules, and labels of UPS with paperless customs papers can't be
cancelled.

Source: Sendcloud, guide "Cancel a shipment" (sendcloud.dev/docs/shipments/cancel-a-shipment) and help centre, article
360025143991, read in November 2026.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from exactsend.domain.templates import sentence

CANCELLABLE_FOR = timedelta(days=42)
"""After the purchase. Later Sendcloud refuses."""
_USUAL = time(23, 59)


@dataclass(frozen=True)
class _Rule:
    """A carrier's own deadline."""

    carrier: str
    zone: str
    at: time
    """On the day the label was made, if it was made before ``made_before``."""
    made_before: time
    made_from: time | None = None
    """A label made from this time on can be cancelled free for ``lasts``. Nothing is documented for the time between."""
    lasts: timedelta = timedelta(0)


_DHL_GERMANY, _CHRONOPOST = "dhl_de", "chronopost"
"""Sendcloud's carrier codes."""
_RULES = {
    _DHL_GERMANY: _Rule(
        "DHL Germany",
        "Europe/Berlin",
        time(17, 55),
        made_before=time(16, 0),
        made_from=time(18, 0),
        lasts=timedelta(hours=2),
    ),
    _CHRONOPOST: _Rule("Chronopost", "Europe/Paris", time(18, 0), made_before=time(18, 0)),
}
_ZONES = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "CH": "Europe/Zurich",
    "CZ": "Europe/Prague",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "ES": "Europe/Madrid",
    "FI": "Europe/Helsinki",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "GR": "Europe/Athens",
    "IE": "Europe/Dublin",
    "IT": "Europe/Rome",
    "LU": "Europe/Luxembourg",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
    "SE": "Europe/Stockholm",
}
"""The time zone of a sender's day, by country; UTC for other countries."""


def free_until(made: datetime | None, *, carrier: str = "", country: str = "") -> datetime | None:
    """Until when cancelling is free, in the sender's time zone.

    Args:
        made: when the label was made.
        carrier: Sendcloud's carrier code.
        country: the sender's country.

    Returns:
        None if that is not documented for a label made at that hour, or if the time is unknown.
    """
    if made is None:
        return None
    rule = _RULES.get(carrier)
    zone = rule.zone if rule else _ZONES.get(country, "")
    local = made.astimezone(ZoneInfo(zone) if zone else UTC)
    if rule is None:
        return datetime.combine(local.date(), _USUAL, local.tzinfo)
    if local.time() < rule.made_before:
        return datetime.combine(local.date(), rule.at, local.tzinfo)
    return local + rule.lasts if rule.made_from and local.time() >= rule.made_from else None


def refund_terms(carrier: str = "") -> str:
    """The terms in general, without the time for one label."""
    if carrier == _DHL_GERMANY:
        return sentence(
            "It is free until the deadline of DHL Germany: 17:55 where the label was made before 16:00, two hours later where it was made after "
            "18:00; after that it can't be cancelled."
        )
    if carrier == _CHRONOPOST:
        return sentence(
            "It is free until 18:00 of the day it was made, the deadline of Chronopost; later Sendcloud's support cancels it, within 42 days."
        )
    return sentence(
        "It is free until the carrier's deadline, mostly 23:59 of the day it was made; later it is refunded on the next invoice where the "
        "parcel was not shipped, within 42 days."
    )


def cancelling_text(made: datetime | None, now: datetime, *, carrier: str = "", country: str = "") -> str:
    """What cancelling this label costs now, as a sentence."""
    if made is None:
        return sentence("Cancelling: {terms}", terms=refund_terms(carrier))
    if now > made + CANCELLABLE_FOR:
        return sentence("The label is older than 42 days: Sendcloud cancels it no more.")
    text = f"{_deadline(free_until(made, carrier=carrier, country=country), now, carrier)} {_afterwards(made, carrier)}"
    if carrier == "ups":
        return sentence("{text} UPS cancels no label with paperless customs papers.", text=text)
    return text


def _deadline(until: datetime | None, now: datetime, carrier: str) -> str:
    """Whether cancelling is free now, as a sentence."""
    rule = _RULES.get(carrier)
    if until is None:
        return sentence(
            "Until when {carrier} cancels a label of that hour is not known.", carrier=_name(carrier)
        )
    text = f"{until:%Y-%m-%d %H:%M}"
    if now > until:
        whose = (
            sentence("The deadline of {carrier}", carrier=_name(carrier))
            if rule
            else sentence("What is mostly the carrier's deadline")
        )
        return sentence(
            "{whose}, {until} ({zone}), is over.", whose=whose, until=text, zone=str(until.tzinfo)
        )
    whose = (
        sentence("the deadline of {carrier}", carrier=_name(carrier))
        if rule
        else sentence("mostly the carrier's deadline")
    )
    return sentence(
        "Cancelling is free until {until} ({zone}), {whose}.", until=text, zone=str(until.tzinfo), whose=whose
    )


def _afterwards(made: datetime, carrier: str) -> str:
    """What happens if the label is cancelled after the deadline, as a sentence."""
    last_day = f"{made + CANCELLABLE_FOR:%Y-%m-%d}"
    if carrier == _DHL_GERMANY:
        return sentence("After the deadline it can't be cancelled.")
    if carrier == _CHRONOPOST:
        return sentence(
            "After the deadline Sendcloud's support cancels it, until {last_day}.", last_day=last_day
        )
    return sentence(
        "After the deadline it is refunded on the next invoice, which may take two weeks, where the parcel was not shipped and it is cancelled by "
        "{last_day}.",
        last_day=last_day,
    )


def _name(carrier: str) -> str:
    rule = _RULES.get(carrier)
    return rule.carrier if rule else carrier
