"""What the statuses of a parcel mean: the one table that decides what is live, failed, moved, tracked, final, or needs a person.

Source: Sendcloud's own list (``GET /parcels/statuses``, API v3, 35 codes), as public answers of three accounts have it, August and
September 2026. The vendor prints codes and words, and not what follows from them: the columns are our own reading. A code that is not
listed here counts as paid, live and under way.
"""

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """How far a parcel has come: what was paid, whether its number may be written down, and whether it travels, follow from it."""

    ANNOUNCING = "announcing"
    """Paid or about to be; not known yet."""
    READY = "ready"
    """It has its label, and no carrier has reported it: it may be cancelled and refunded."""
    WITH_CARRIER = "with the carrier"
    """The carrier has reported it."""
    CANCELLING = "being cancelled"
    """Live until the carrier agrees, and no longer to be told of as a parcel that comes."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    """Announced without success: nothing was bought."""
    NO_LABEL = "no label"
    """A shipment that nobody asked a label for: nothing was bought."""


@dataclass(frozen=True)
class Meaning:
    """What one status says."""

    code: str
    words: str
    """The vendor's; empty for a code that is not in its list."""
    phase: Phase
    is_final: bool = False
    """Nothing more is expected to be reported."""
    needs_a_person: bool = False
    """It goes no further, or comes back, unless somebody sees to it."""

    @property
    def is_live(self) -> bool:
        """Paid as far as one can know."""
        return self.phase not in {Phase.CANCELLED, Phase.FAILED, Phase.NO_LABEL}

    @property
    def is_tracked(self) -> bool:
        """Whether its tracking number is one to be followed."""
        return self.phase in {Phase.READY, Phase.WITH_CARRIER}

    @property
    def is_cancellation_failed(self) -> bool:
        """Whether the carrier did not agree to cancel it."""
        return self.code == CANCELLATION_FAILED

    @property
    def has_moved(self) -> bool:
        """Whether only a carrier gives it."""
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
    """What a code says. One that is not listed is live; where it begins as those of a cancellation do, it counts as one under way."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if not code:
        return Meaning(code, "", Phase.READY)
    return Meaning(code, "", Phase.CANCELLING if code.startswith("CANCEL") else Phase.WITH_CARRIER)


def code_of_words(words: str) -> str | None:
    """The code that the vendor has these words for: the older API tells a status by a number and its words."""
    return _BY_WORDS.get(words.strip().rstrip(".").lower())
