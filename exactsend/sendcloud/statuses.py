"""What the statuses of a parcel mean: which are live, failed, moved, tracked or final, and which need a person.

Source: Sendcloud's own list (``GET /parcels/statuses``, API v3, 35 codes), from published responses for three accounts, August
and September 2026. The vendor lists codes and words only; the other columns are our interpretation. A code that is not listed
counts as paid, live and under way.
"""

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """How far a parcel has come. It decides whether the parcel counts as paid, tracked and moving."""

    ANNOUNCING = "announcing"
    """Being announced: it may be paid already."""
    READY = "ready"
    """It has a label, and no carrier has reported it: it can be cancelled and refunded."""
    WITH_CARRIER = "with the carrier"
    """The carrier has reported it."""
    CANCELLING = "being cancelled"
    """Live until the carrier agrees, but its tracking number is no longer passed on."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    """The announcement failed: nothing was bought."""
    NO_LABEL = "no label"
    """A shipment for which no label was requested: nothing was bought."""


@dataclass(frozen=True)
class Meaning:
    """What one status means."""

    code: str
    words: str
    """The vendor's words; empty for a code that is not in its list."""
    phase: Phase
    is_final: bool = False
    """No further reports are expected."""
    needs_a_person: bool = False
    """The parcel stops or comes back unless somebody acts."""

    @property
    def is_live(self) -> bool:
        """Presumably paid."""
        return self.phase not in {Phase.CANCELLED, Phase.FAILED, Phase.NO_LABEL}

    @property
    def is_tracked(self) -> bool:
        """Whether its tracking number is passed on."""
        return self.phase in {Phase.READY, Phase.WITH_CARRIER}

    @property
    def is_cancellation_failed(self) -> bool:
        """Whether the carrier refused to cancel it."""
        return self.code == CANCELLATION_FAILED

    @property
    def has_moved(self) -> bool:
        """Whether only a carrier reports this status."""
        return self.phase is Phase.WITH_CARRIER


CANCELLATION_FAILED = "CANCELLATION_FAILED"
_FINAL, _PERSON = {"is_final": True}, {"needs_a_person": True}
STATUSES = (
    Meaning("READY_TO_SEND", "Ready to send", Phase.READY),
    Meaning("ANNOUNCING", "Being announced", Phase.ANNOUNCING),
    Meaning("ANNOUNCED", "Announced", Phase.READY),
    Meaning("ANNOUNCED_UNCOLLECTED", "Announced: not collected", Phase.READY, **_PERSON),
    Meaning("ANNOUNCEMENT_FAILED", "Announcement failed", Phase.FAILED, **_FINAL, **_PERSON),
    Meaning("NO_LABEL", "No label", Phase.NO_LABEL),
    Meaning("PICKED_UP_BY_DRIVER", "Shipment picked up by driver", Phase.WITH_CARRIER),
    Meaning("COLLECT_ERROR", "Error collecting", Phase.READY, **_PERSON),
    Meaning("TO_SORTING", "En route to sorting center", Phase.WITH_CARRIER),
    Meaning("AT_SORTING_CENTRE", "At sorting centre", Phase.WITH_CARRIER),
    Meaning("SORTING", "Being sorted", Phase.WITH_CARRIER),
    Meaning("SORTED", "Sorted", Phase.WITH_CARRIER),
    Meaning("UNSORTED", "Not sorted", Phase.WITH_CARRIER),
    Meaning("AT_CUSTOMS", "At Customs", Phase.WITH_CARRIER),
    Meaning("SHIPMENT_ON_ROUTE", "Parcel en route", Phase.WITH_CARRIER),
    Meaning("DRIVER_ON_ROUTE", "Driver en route", Phase.WITH_CARRIER),
    Meaning("DELAYED", "Delivery delayed", Phase.WITH_CARRIER),
    Meaning("DELIVERY_DATE_CHANGED", "Delivery date changed", Phase.READY),
    Meaning("DELIVERY_ADDRESS_CHANGED", "Delivery address changed", Phase.READY),
    Meaning("DELIVERY_METHOD_CHANGED", "Delivery method changed", Phase.READY),
    Meaning("AWAITING_CUSTOMER_PICKUP", "Awaiting customer pickup", Phase.WITH_CARRIER),
    Meaning("COLLECTED_BY_CUSTOMER", "Shipment collected by customer", Phase.WITH_CARRIER, **_FINAL),
    Meaning("DELIVERED", "Delivered", Phase.WITH_CARRIER, **_FINAL),
    Meaning("DELIVERY_FAILED", "Delivery attempt failed", Phase.WITH_CARRIER, **_PERSON),
    Meaning("UNDELIVERABLE", "Unable to deliver", Phase.WITH_CARRIER, **_PERSON),
    Meaning("REFUSED_BY_RECIPIENT", "Refused by recipient", Phase.WITH_CARRIER, **_PERSON),
    Meaning("RETURNED_TO_SENDER", "Returned to sender", Phase.WITH_CARRIER, **_FINAL, **_PERSON),
    Meaning("ADDRESS_INVALID", "Address invalid", Phase.READY, **_PERSON),
    Meaning("CANCELLING", "Cancellation requested", Phase.CANCELLING),
    Meaning("CANCELLING_UPSTREAM", "Submitting cancellation request", Phase.CANCELLING),
    Meaning("CANCELLED", "Cancelled", Phase.CANCELLED, **_FINAL),
    Meaning("CANCELLED_UPSTREAM", "Cancelled upstream", Phase.CANCELLED, **_FINAL),
    Meaning(CANCELLATION_FAILED, "Parcel cancellation failed.", Phase.READY, **_PERSON),
    Meaning("EXCEPTION", "Exception", Phase.READY, **_PERSON),
    Meaning(
        "UNKNOWN", "Unknown status - check carrier track & trace page for more insights", Phase.READY
    ),
)  # fmt: skip
"""In the vendor's order."""
_BY_CODE = {status.code: status for status in STATUSES}
_BY_WORDS = {status.words.rstrip(".").lower(): status.code for status in STATUSES}


def meaning_of(code: str) -> Meaning:
    """The meaning of a code. One that is not listed is live; if it begins with ``CANCEL``, it counts as being cancelled."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if not code:
        return Meaning(code, "", Phase.READY)
    return Meaning(code, "", Phase.CANCELLING if code.startswith("CANCEL") else Phase.WITH_CARRIER)


def code_for_words(words: str) -> str | None:
    """The code for the vendor's words: the older API has a number and words instead of a code."""
    return _BY_WORDS.get(words.strip().rstrip(".").lower())
