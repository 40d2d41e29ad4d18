"""Reads what commands show from a division's ledger, as it is now: without locks, calls or secrets."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from exactsend.domain.division_records import Pins
from exactsend.domain.ids import DeliveryId, Division, ShipmentId, order_incoming_ref, probe_prefix
from exactsend.domain.record_keys import DELIVERIES, INCOMING, ORDERS, SHIPMENTS
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import DeliveryRecord, OrderRecord
from exactsend.domain.run_history import LastRun, errors_since, last_run_of, next_due
from exactsend.domain.store_protocol import Overlay
from exactsend.engine.plan.accepted_errors import live_shipments
from exactsend.engine.plan.poll_results import named_owner
from exactsend.engine.wiring import Wiring
from exactsend.errors import ExactSendError
from exactsend.exact.tokens import Tokens, latest
from exactsend.ledger.journal import Event, Record
from exactsend.ledger.last_run import last_run
from exactsend.ledger.store import LedgerView
from exactsend.sendcloud.models import Shipment
from exactsend.settings.models import DivisionSettings
from exactsend.system.elapsed import elapsed
from exactsend.views.data.action_history import PastAction, actions
from exactsend.views.data.activity import causes, day_of, days, rhythm
from exactsend.views.data.overview import CallsUsed, Overview
from exactsend.views.data.period import LedgerPeriod, first_event_about
from exactsend.views.data.reconciliation import LedgerSide
from exactsend.views.data.request_history import facts_about, requests_about
from exactsend.views.data.unused_labels import UnusedLabel, unused_labels
from exactsend.views.data.view_types import (
    DeliveryView,
    DivisionStatus,
    HistoryLine,
    LabelState,
    OrderView,
    PeriodTally,
    ProblemView,
    SearchResult,
)

Value = TypeVar("Value")
Key = tuple[str, str]
"""A section of the ledger, and the key of a record in it."""


@dataclass(frozen=True)
class RawRecords:
    """The records and events of one order or delivery, exactly as in the ledger's files."""

    division: str
    records: Mapping[Key, Record]
    events: tuple[Event, ...]


class LedgerQueries:
    """Queries on the ledger of one division."""

    def __init__(self, division: str, code: Division, view: LedgerView) -> None:
        self.division = division
        self._code = code
        self._view = view
        self._records = RecordStore(Overlay(view))

    def problems(self) -> list[ProblemView]:
        """The open problems, lowest number first."""
        of_orders = [
            ProblemView(self.division, order.problem, (order.number,), accounts=order.watch.accounts)
            for order in self._records.open_orders()
            if order.problem
        ]
        of_deliveries = [
            view for delivery in self._records.open_deliveries() for view in self._problems_of(delivery)
        ]
        return sorted(
            [*of_orders, *of_deliveries],
            key=lambda problem: (problem.order_numbers, problem.delivery_number or 0),
        )

    def deliveries(self) -> list[DeliveryView]:
        """The deliveries that are open or were changed recently, lowest number first."""
        recent = (DeliveryRecord.model_validate(kept) for _, kept in self._view.recent(DELIVERIES))
        return [
            DeliveryView(self.division, delivery)
            for delivery in sorted(recent, key=lambda delivery: delivery.number)
        ]

    @property
    def has_closed(self) -> bool:
        """Whether there are closed deliveries that only the history has."""
        return self._view.has_closed(DELIVERIES)

    def deliveries_since(self, moment: datetime) -> Iterator[DeliveryView]:
        """The deliveries first seen or labelled since then, and the open ones; read one by one, so that memory stays small.

        Closed deliveries come first, in the order of their last events, then the others by number.
        """
        first = first_event_about(self._view, moment)
        recent = {delivery.record.delivery_id for delivery in self.deliveries()}
        for key, kept in self._view.stream(DELIVERIES, since=first):
            if key not in recent:
                view = DeliveryView(self.division, DeliveryRecord.model_validate(kept))
                if view.at >= moment or view.record.seen_at >= moment:
                    yield view
        for view in self.deliveries():
            if view.at >= moment or view.record.seen_at >= moment or view.record.is_open:
                yield view

    def unlabelled_deliveries(self) -> list[DeliveryView]:
        """The deliveries that still need a label, lowest number first."""
        open_deliveries = (
            DeliveryView(self.division, delivery) for delivery in self._records.open_deliveries()
        )
        unlabelled = {LabelState.WAITING, LabelState.HELD, LabelState.UNKNOWN}
        return sorted(
            (delivery for delivery in open_deliveries if delivery.state in unlabelled),
            key=lambda delivery: delivery.record.number,
        )

    def status(self, wiring: Wiring, now: datetime) -> DivisionStatus:
        """The status of the division."""
        division = _valid_division(wiring, self.division)
        schedule = self._records.schedule
        tokens = _or_none(lambda: _tokens(wiring, division))
        return DivisionStatus(
            self.division,
            schedule,
            age=elapsed(schedule.last_good_run, now) if schedule.last_good_run else None,
            incoming=sum(entry.stands for entry in self._records.open_incoming()),
            waiting=len(self.unlabelled_deliveries()),
            errors=len(self.problems()),
            parcels_towards_max_per_day=self._records.purchases.parcels_of_the_day(now),
            sign_in_days_left=tokens.days_left(now) if tokens else None,
            exact_calls_left=_or_none(
                lambda: wiring.exact_counters(division.exact).calls_left(division.code, now)
            ),
            exact_calls_left_this_minute=_or_none(
                lambda: wiring.exact_counters(division.exact).calls_left_this_minute(division.code, now)
            ),
            today=self._tally(now),
            seven_days=self._tally(now - timedelta(days=7)),
            next_due=next_due(schedule),
            ledger_bytes=self._view.size(),
            labels=sum(bool(kept.get("label")) for _, kept in self._view.recent(DELIVERIES)),
            unknown_purchases=sum(
                bool(delivery.open_attempt) for delivery in self._records.open_deliveries()
            ),
            sign_in_age=elapsed(tokens.received_at, now) if tokens else None,
            exact_calls_today=_or_none(lambda: wiring.exact_counters(division.exact).calls_today(now)) or 0,
            max_calls_per_day=division.exact.max_calls_per_day,
            last_run=self.last_run(wiring, now),
            refused=self._records.refused.oldest_first,
        )

    def last_run(self, wiring: Wiring, now: datetime) -> LastRun | None:
        """The last run that started, however early it ended; None before the first."""
        folder = wiring.folder(_valid_division(wiring, self.division))
        return last_run(folder, last_run_of(self._records.schedule), now)

    def _tally(self, since: datetime) -> PeriodTally:
        """Counts since the beginning of a moment's day (UTC). Times are compared as text: there may be very many records."""
        day = since.astimezone(UTC).date().isoformat()
        orders = (kept for _, kept in self._view.recent(ORDERS) if not kept.get("excluded"))
        labels = (kept["label"] for _, kept in self._view.recent(DELIVERIES) if kept.get("label"))
        return PeriodTally(
            orders=sum(str(kept["seen_at"]) >= day for kept in orders),
            labels=sum(isinstance(label, dict) and str(label["at"]) >= day for label in labels),
            errors=errors_since(self._records.schedule, day),
        )

    def overview(self, wiring: Wiring, now: datetime, since: datetime) -> Overview:
        """The division at a glance; ``since`` is the beginning of the period."""
        division = _valid_division(wiring, self.division)
        period = LedgerPeriod(self._view, since)
        deliveries = [*period.deliveries()]
        return Overview(
            self.status(wiring, now),
            since=since,
            rhythm=rhythm(period.events),
            calls=_or_none(lambda: _calls_used(wiring, division, now)),
            problems=tuple(self.problems()),
            deliveries=self._newest_first(deliveries),
            days=days(period.first_day, day_of(now), period.orders_seen(), deliveries),
            causes=causes(period.events, self._records.open_orders(), self._records.open_deliveries()),
            unused=tuple(
                unused_labels(
                    self.division,
                    deliveries,
                    lambda delivery: period.live_shipments.get(delivery.delivery_id, ()),
                    now=now,
                )
            ),
            max_parcels_per_day=division.policy.labels.max_per_day,
            exact_url=division.exact.host_url,
        )

    def _newest_first(self, deliveries: Iterable[DeliveryRecord]) -> tuple[DeliveryView, ...]:
        views = (DeliveryView(self.division, delivery) for delivery in deliveries)
        return tuple(sorted(views, key=lambda delivery: (delivery.at, delivery.record.number), reverse=True))

    def search(self, number: str) -> SearchResult | None:
        """Everything in the ledger under an order's or a delivery's number; None when there is nothing."""
        records = sorted(
            self._records.deliveries_with_numbers({number}), key=lambda delivery: delivery.number
        )
        deliveries = [DeliveryView(self.division, delivery) for delivery in records]
        order_numbers = {
            number,
            *(str(order) for delivery in deliveries for order in delivery.record.order_numbers),
        }
        orders = [self._order_view(order) for order in self._records.orders_with_numbers(order_numbers)]
        if not orders and not deliveries:
            return None
        keys = _keys_of(orders, deliveries)
        events = [*self._view.events_of(keys)]
        return SearchResult(
            self.division,
            tuple(orders),
            tuple(deliveries),
            tuple(problem for problem in self.problems() if number in _numbers(problem)),
            tuple(_history_line(event, keys) for event in events),
            requests_about(self._events_of_runs(events), {key for _, key in keys}),
        )

    def _events_of_runs(self, events: Iterable[Event]) -> Iterator[Event]:
        """All events of the runs behind these events that may have sent something.

        A run writes a request, and its answer, into whichever event comes next.
        """
        first_event: dict[str, datetime] = {}
        for event in events:
            if event.name not in _EVENTS_WITHOUT_REQUESTS:
                first_event.setdefault(event.run, event.at)
        for run, at in first_event.items():
            yield from _events_of_run(run, self._view.events(since=at - _LONGEST_BATCH))

    def past_actions(self, since: datetime | None) -> Iterator[PastAction]:
        """The past actions, oldest first."""
        return actions(self.division, self._view.events(since=since))

    def unused_labels(self, since: datetime, now: datetime) -> Iterator[UnusedLabel]:
        """The labels made since then that are apparently unused."""
        records = (delivery.record for delivery in self.deliveries_since(since))
        labelled = (delivery for delivery in records if delivery.label and delivery.label.at >= since)
        return unused_labels(self.division, labelled, partial(live_shipments, self._records), now=now)

    @property
    def pins(self) -> Pins | None:
        """The accounts the ledger is pinned to; None before the first run."""
        return self._records.pins

    def ledger_side(self, since: datetime, shipments: Sequence[Shipment]) -> LedgerSide:
        """The ledger's side of a comparison: its labels since then, and what it knows of these shipments."""
        owners = {
            ShipmentId(shipment.id): owner for shipment in shipments if (owner := self._owner(shipment))
        }
        deliveries = {
            delivery.delivery_id: delivery
            for delivery in self._compared_deliveries(since, shipments, owners.values())
        }
        compared = {
            key for key, delivery in deliveries.items() if delivery.label and delivery.label.at >= since
        }
        compared |= {*owners.values()} & {*deliveries}
        return LedgerSide(
            self.division,
            since,
            deliveries,
            owners,
            {key: live_shipments(self._records, deliveries[key]) for key in compared},
            awaiting_label=frozenset(
                self._numbers_awaiting_label({shipment.order_number for shipment in shipments}, deliveries)
            ),
            probe_shipments=frozenset(
                ShipmentId(shipment.id)
                for shipment in shipments
                if shipment.external_reference_id.startswith(probe_prefix(self._code))
            ),
        )

    def _compared_deliveries(
        self, since: datetime, shipments: Sequence[Shipment], owners: Iterable[DeliveryId]
    ) -> Iterator[DeliveryRecord]:
        """The recent deliveries, the owners of these shipments, and the deliveries with a number of one."""
        yield from (delivery.record for delivery in self.deliveries_since(since))
        yield from (record for owner in {*owners} if (record := self._records.delivery(owner)))
        # The number of an incoming order is that of the order, or those of order and delivery.
        numbers = {part for shipment in shipments for part in shipment.order_number.split("/") if part}
        yield from self._records.deliveries_with_numbers(numbers)

    def _owner(self, shipment: Shipment) -> DeliveryId | None:
        """The delivery that owns the shipment: from the ledger, else from our reference on the shipment (S4)."""
        known = self._records.shipment(ShipmentId(shipment.id))
        return known.owner if known and known.owner else named_owner(self._code, shipment)

    def _numbers_awaiting_label(
        self, numbers: set[str], deliveries: Mapping[DeliveryId, DeliveryRecord]
    ) -> Iterator[str]:
        """The numbers that belong to a delivery without a label, or to an order that is not fully delivered."""
        for order in self._records.orders_with_numbers(numbers):
            if not order.settled:
                yield str(order.number)
        for record in deliveries.values():
            if record.label is None and not record.excluded and not record.gone:
                yield from {record.incoming_number, *map(str, record.order_numbers)} & numbers

    def raw_records(self, number: str) -> RawRecords | None:
        """The records and events under a number, exactly as in the files; None when there are none."""
        found = self.search(number)
        if found is None:
            return None
        keys = _keys_of(list(found.orders), list(found.deliveries))
        numbers = {number} | {delivery.record.incoming_number for delivery in found.deliveries}
        shipments = [shipment for text in numbers for shipment in self._records.shipments_with_number(text)]
        keys |= {(SHIPMENTS, shipment.shipment) for shipment in shipments}
        records = {(section, key): self._view.get(section, key) for section, key in sorted(keys)}
        subjects = {key for _, key in keys}
        events = tuple(
            replace(event, facts=facts_about(event.facts, subjects)) for event in self._view.events_of(keys)
        )
        return RawRecords(
            self.division, {key: kept for key, kept in records.items() if kept is not None}, events
        )

    def _problems_of(self, record: DeliveryRecord) -> Iterator[ProblemView]:
        for problem in record.problems.values():
            yield ProblemView(
                self.division, problem, record.order_numbers, record.number, record.watch.accounts
            )

    def _order_view(self, record: OrderRecord) -> OrderView:
        ref = order_incoming_ref(self._code, record.order_id)
        return OrderView(self.division, record, self._records.incoming(ref))


_EVENTS_WITHOUT_REQUESTS = frozenset({"changes_noted", "decided", "deliveries_linked", "archived"})
"""A run with only these events about an order or a delivery sent nothing about it."""
_LONGEST_BATCH = timedelta(hours=1)
"""An upper bound, far above the real time, from the first request of a batch to the event that records the last."""


def _events_of_run(run: str, events: Iterator[Event]) -> Iterator[Event]:
    """The events of one run; they are contiguous, since a run holds the lock."""
    has_begun = False
    for event in events:
        if event.run == run:
            has_begun = True
            yield event
        elif has_begun:
            return


def ledger_queries(wiring: Wiring, division: DivisionSettings) -> LedgerQueries:
    """The queries on a division's ledger as it is now."""
    return LedgerQueries(division.name, division.code, wiring.view(division))


def _valid_division(wiring: Wiring, name: str) -> DivisionSettings:
    division = wiring.settings.divisions[name]
    assert isinstance(division, DivisionSettings), "only a valid division has a ledger to read"
    return division


def _calls_used(wiring: Wiring, division: DivisionSettings, now: datetime) -> CallsUsed:
    book = wiring.exact_counters(division.exact)
    with book.usage() as usage:
        day = usage.of(str(division.code)).day_at(now)
    return CallsUsed(
        of_division=book.calls_today(now, division.code),
        of_sign_in=book.calls_today(now),
        max_per_day=division.exact.max_calls_per_day,
        exact_limit=day.limit if day else None,
        exact_left=day.remaining if day else None,
    )


def _tokens(wiring: Wiring, division: DivisionSettings) -> Tokens | None:
    store = wiring.sign_in_store(division.exact)
    return latest(store.load(), store.load_raw())


def _or_none(read: Callable[[], Value | None]) -> Value | None:
    """The value read; None when it can't be read, for example because the keyring is locked."""
    try:
        return read()
    except ExactSendError:
        return None


def _keys_of(orders: list[OrderView], deliveries: list[DeliveryView]) -> set[Key]:
    """The ledger's keys of these records: an event that changed one of them is part of their history."""
    keys: set[Key] = {(ORDERS, order.record.order_id) for order in orders}
    keys |= {(DELIVERIES, delivery.record.delivery_id) for delivery in deliveries}
    keys |= {(INCOMING, order.entry.ref) for order in orders if order.entry}
    keys |= {(INCOMING, delivery.record.incoming) for delivery in deliveries if delivery.record.incoming}
    return keys


def _numbers(view: ProblemView) -> set[str]:
    return {str(view.delivery_number), *map(str, view.order_numbers)}


_SHOWN_FACTS = ("reference", "shipment", "code", "reason", "shipping_rules")
"""Facts about one order or delivery; an event's other facts are about a batch."""


def _history_line(event: Event, keys: set[Key]) -> HistoryLine:
    facts = {name: str(event.facts[name]) for name in _SHOWN_FACTS if event.facts.get(name)}
    for put in event.puts:
        if (put.section, put.key) in keys and put.record:
            facts |= _outcome_in_batch(put.section, put.record)
    return HistoryLine(event.at, event.run, event.name, tuple(facts.items()))


def _outcome_in_batch(section: str, record: Record) -> dict[str, str]:
    """What a batch's event changed on this order or delivery."""
    if section == INCOMING:
        return {"incoming": str(record["state"])}
    return {"reason": str(record["excluded"])} if record.get("excluded") else {}
