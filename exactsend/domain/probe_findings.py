"""The ledger's records of probes: their results, and what they still have to restore. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from exactsend.domain.ids import DeliveryId, Reference
from exactsend.domain.records import Record


class ProbeText(Record):
    """A text of a delivery in Exact that a probe lengthens and then restores. Only its length is stored, since the text may be personal."""

    delivery: DeliveryId
    field: Literal["TrackingNumber", "Remarks"]
    length: int
    """Characters of the original text; the probe appends to it."""


class ProbeLabel(Record):
    """The reference of a letter that a probe was about to make, and when."""

    reference: Reference
    at: datetime


class ProbeIncomingOrder(Record):
    """An incoming order that a probe makes or sends again."""

    order_id: str
    stays: tuple[str, ...] = ()
    """Sendcloud's ids with this order id that existed before and must stay."""


class ProbeAnswer(Record):
    """A probe's result for one question."""

    answer: str
    detail: str = ""
    at: datetime


class Probe(Record):
    """All results, and what an interrupted probe has left on the two services."""

    labels: tuple[ProbeLabel, ...] = ()
    """Free letters to be cancelled."""
    entries: tuple[ProbeIncomingOrder, ...] = ()
    writings: tuple[ProbeText, ...] = ()
    answers: Mapping[str, ProbeAnswer] = Field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to restore."""
        return not (self.labels or self.entries or self.writings)
