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

from exactsend.domain.problems import Phrase

CANCELLABLE_FOR = timedelta(days=42)
"""After the purchase. Later Sendcloud refuses."""
_USUAL = time(23, 59)


@dataclass(frozen=True)
class CarrierRule:
    """A carrier's own deadline."""

    carrier: str
    zone: str
    at: time
    """On the day the label was made, if it was made before ``made_before``."""
    made_before: time
    made_from: time | None = None
    """A label made from this time on can be cancelled free for ``lasts``. Nothing is documented for the time between."""
    lasts: timedelta = timedelta(0)


DHL_GERMANY, CHRONOPOST = "dhl_de", "chronopost"
"""Sendcloud's carrier codes."""
RULES = {
    DHL_GERMANY: CarrierRule(
        "DHL Germany",
        "Europe/Berlin",
        time(17, 55),
        made_before=time(16, 0),
        made_from=time(18, 0),
        lasts=timedelta(hours=2),
    ),
    CHRONOPOST: CarrierRule("Chronopost", "Europe/Paris", time(18, 0), made_before=time(18, 0)),
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
    rule = RULES.get(carrier)
    zone = rule.zone if rule else _ZONES.get(country, "")
    local = made.astimezone(ZoneInfo(zone) if zone else UTC)
    if rule is None:
        return datetime.combine(local.date(), _USUAL, local.tzinfo)
    if local.time() < rule.made_before:
        return datetime.combine(local.date(), rule.at, local.tzinfo)
    return local + rule.lasts if rule.made_from and local.time() >= rule.made_from else None


def refund_terms(carrier: str = "") -> Phrase:
    """The terms in general, without the time for one label."""
    return Phrase(f"refund.{carrier}" if carrier in RULES else "refund")
