"""The ledger's records of a period, read without going through the whole history.

Whatever changed in the period has its last event after the period began.
Days are compared as text, the way records have them (UTC), because there may be very many.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.record_keys import DELIVERIES, OPEN, ORDERS, SHIPMENTS
from exactsend.domain.records import DeliveryRecord
from exactsend.http.messages import Json
from exactsend.ledger.journal import Event, Record
from exactsend.ledger.store import LedgerView
from exactsend.views.data.activity import ACTIVITY_EVENTS

CLOCKS_DIFFER = timedelta(days=1)
"""Sendcloud's clock dates a label, ours the event that records it: they differ by less than this."""


def first_event_about(view: LedgerView, moment: datetime) -> int:
    """The number of the first event that may be about something of this moment or later."""
    return view.first_event(moment - CLOCKS_DIFFER)


class LedgerPeriod:
    """A ledger from ``since`` on, the beginning of a day in UTC."""

    def __init__(self, view: LedgerView, since: datetime) -> None:
        self._view = view
        self.first_day: date = since.astimezone(UTC).date()
        self.events: tuple[Event, ...] = tuple(view.events(since=since, names=ACTIVITY_EVENTS))
        """The events about runs and problems."""
        self._first_event = first_event_about(view, since)

    def deliveries(self) -> Iterator[DeliveryRecord]:
        """The deliveries first seen or labelled in the period, and the open ones, however old."""
        still_open = {key[2:] for key, _ in self._view.items(OPEN) if key.startswith("d:")}
        for key, kept in self._items(DELIVERIES):
            label = kept.get("label")
            labelled = label["at"] if isinstance(label, dict) else ""
            if self._includes(kept["seen_at"]) or self._includes(labelled) or key in still_open:
                yield DeliveryRecord.model_validate(kept)

    def orders_seen(self) -> Iterator[date]:
        """The day of each order that was first seen in the period."""
        for _, kept in self._items(ORDERS):
            if self._includes(kept["seen_at"]):
                yield date.fromisoformat(_day_text(kept["seen_at"]))

    @cached_property
    def live_shipments(self) -> Mapping[DeliveryId, frozenset[ShipmentId]]:
        """The live shipments by delivery; older ones may be included."""
        owned: dict[DeliveryId, set[ShipmentId]] = {}
        for key, kept in self._items(SHIPMENTS):
            if kept["state"] == "live" and (owner := kept.get("owner")):
                owned.setdefault(DeliveryId(str(owner)), set()).add(ShipmentId(key))
        return {owner: frozenset(shipments) for owner, shipments in owned.items()}

    def _items(self, section: str) -> Iterator[tuple[str, Record]]:
        return self._view.items(section, since=self._first_event)

    def _includes(self, moment: Json) -> bool:
        return _day_text(moment) >= self.first_day.isoformat()


def _day_text(moment: Json) -> str:
    return str(moment)[:10]
