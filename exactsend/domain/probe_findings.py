"""What the ledger remembers of probes: what they found out, and what they still have to put back. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from exactsend.domain.ids import DeliveryId, Reference
from exactsend.domain.records import Record


class ProbeWriting(Record):
    """A text of a delivery in Exact that a probe lengthens and then puts back. Only its length is kept: the text may be personal."""

    delivery: DeliveryId
    field: Literal["TrackingNumber", "Remarks"]
    length: int
    """Characters that stood there before; what a probe adds stands behind them."""


class ProbeLabel(Record):
    """The reference of a letter that a probe was about to make, and when."""

    reference: Reference
    at: datetime


class ProbeEntry(Record):
    """An incoming order that a probe makes, or sends again, and what of it is to stay."""

    order_id: str
    stays: tuple[str, ...] = ()
    """Sendcloud's ids under this order id that were there before."""


class ProbeAnswer(Record):
    """What a probe found out about one question."""

    answer: str
    detail: str = ""
    at: datetime


class Probe(Record):
    """What probes have found out, and what one that was interrupted has left on the two services."""

    labels: tuple[ProbeLabel, ...] = ()
    """Free letters that are to be cancelled."""
    entries: tuple[ProbeEntry, ...] = ()
    writings: tuple[ProbeWriting, ...] = ()
    answers: Mapping[str, ProbeAnswer] = Field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to put back."""
        return not (self.labels or self.entries or self.writings)
