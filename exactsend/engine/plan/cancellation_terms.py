"""Until when cancelling a label is free, and what becomes of the money afterwards, in the vendor's terms. Pure.

Sendcloud does not tell the deadline of a shipment. A page has the carriers' hours: mostly 23:59, in the carrier's own day. What was not shipped is
refunded afterwards too, on the next invoice, where it is cancelled within 42 days; settling takes up to two weeks. DHL Germany and Chronopost
have rules of their own, and labels of UPS with paperless customs papers can't be cancelled.

Source: Sendcloud, guide "Cancel a shipment" (sendcloud.dev/docs/shipments/cancel-a-shipment) and help centre, article 360025143991, read in
November 2026.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from exactsend.domain.problems import Phrase

CANCELLABLE_FOR = timedelta(days=42)
"""From when the label was made; afterwards Sendcloud refuses."""
_USUAL = time(23, 59)


@dataclass(frozen=True)
class CarrierRule:
    """A carrier's own deadline."""

    carrier: str
    zone: str
    at: time
    """Of the day on which a label was made, where that was before ``made_before``."""
    made_before: time
    made_from: time | None = None
    """A label that is made from then on is free to cancel for ``lasts``. What lies between is told nowhere."""
    lasts: timedelta = timedelta(0)


DHL_GERMANY, CHRONOPOST = "dhl_de", "chronopost"
"""Sendcloud's codes of the carriers."""
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
"""Where the day of a sender ends, by country; of a country that is not listed the day is that of UTC."""


def free_until(made: datetime | None, *, carrier: str = "", country: str = "") -> datetime | None:
    """Until when cancelling is free, as far as one can know, in the zone in which the day counts.

    Args:
        made: when the label was made.
        carrier: Sendcloud's code of the carrier.
        country: the sender's.

    Returns:
        None where no page says it of a label that was made at that hour, or where it is not known when it was made.
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
    """Until when cancelling a label is free, and what comes after, where the moment is not worked out."""
    return Phrase(f"refund.{carrier}" if carrier in RULES else "refund")
