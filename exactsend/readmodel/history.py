"""Every action that was ever taken, from the ledger's events; and the labels that were paid for and not used. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from exactsend.domain.problems import Code
from exactsend.domain.records import DeliveryRecord
from exactsend.ledger.journal import Event, Put
from exactsend.memory import DELIVERIES, INCOMING, ORDERS, Memory
from exactsend.plan.accepting import live_shipments

BOOKKEEPING = frozenset(
    {
        "accounts_pinned", "archived", "asked_before_the_first_run", "changes_noted", "decided", "deliveries_linked",
        "ledger_begun", "list_read", "run_ended", "delivery_seen",
        "entries_pushing", "label_intended", "document_intended", "attachment_intended",
    }
)  # fmt: skip
"""Events that note what was read, decided or intended: nothing was done yet."""
MOVES_WITHIN = timedelta(days=3)
"""A parcel that no carrier has reported for so long since its label was made is told as unused."""


@dataclass(frozen=True)
class Deed:
    """One action on one order or delivery."""

    at: datetime
    division: str
    run: str
    event: str
    order_numbers: tuple[str, ...] = ()
    delivery_number: str = ""
    shipment: str = ""
    reference: str = ""
    reason: str = ""
    """Why, as a reason's or a problem's code."""


def deeds(division: str, events: Iterable[Event]) -> Iterator[Deed]:
    """What the events did, oldest first: one for each order, delivery or entry that an event is about."""
    for event in events:
        if event.name not in BOOKKEEPING:
            yield from _deeds_of(division, event)


def _deeds_of(division: str, event: Event) -> Iterator[Deed]:
    facts = {name: str(event.facts.get(name) or "") for name in ("shipment", "reference")}
    reason = str(event.facts.get("code") or event.facts.get("reason") or "")
    subjects = list(_subjects(event))
    for orders, delivery in subjects or [((), "")]:
        yield Deed(event.at, division, event.run, event.name, orders, delivery, reason=reason, **facts)


def _subjects(event: Event) -> Iterator[tuple[tuple[str, ...], str]]:
    """Orders and delivery, each once: a delivery stands for its own entry, an entry for its order."""
    for section in (DELIVERIES, INCOMING, ORDERS):
        if found := [_numbers(section, put) for put in event.puts if put.section == section and put.record]:
            yield from dict.fromkeys(found)
            return


def _numbers(section: str, put: Put) -> tuple[tuple[str, ...], str]:
    record = put.record or {}
    if section == DELIVERIES:
        orders = record.get("order_numbers")
        return tuple(map(str, orders if isinstance(orders, list) else [])), str(record["number"])
    order, _, delivery = str(record["number"]).partition("/")
    return (order,), delivery


# ── paid for and not used ────────────────────────────────────────────────────────────────────────


class Unused(StrEnum):
    """Why a live label is taken to be unused; part of the JSON contract."""

    DELIVERY_GONE = "delivery_gone"
    SECOND_LABEL = "second_label"
    CHANGED = "changed_after_label"
    NOT_MOVED = "not_moved"


@dataclass(frozen=True)
class UnusedLabel:
    """A label that is paid for as far as one can know, and that nothing seems to have used."""

    division: str
    delivery_number: str
    order_numbers: tuple[str, ...]
    shipment: str
    why: Unused
    labelled_at: datetime | None
    """None: of a second label the moment is not remembered."""


def unused(division: str, memory: Memory, *, since: datetime, now: datetime) -> Iterator[UnusedLabel]:
    """The labels made since then that seem unused, by what polls and Exact have told; lowest delivery first."""
    for record in sorted(memory.deliveries(), key=lambda one: one.number):
        label = record.label
        if label is None or label.at < since:
            continue
        for other in live_shipments(memory, record):
            if other not in {label.shipment, *label.beside}:
                yield _unused(division, record, other, Unused.SECOND_LABEL, None)
        if why := _why(record, now):
            yield _unused(division, record, label.shipment, why, label.at)


def _why(record: DeliveryRecord, now: datetime) -> Unused | None:
    label, codes = record.label, {problem.code for problem in record.problems.values()}
    assert label is not None, "asked of labelled deliveries"
    if label.moved:
        return None
    if record.gone or label.closed_as_gone or Code.CANCELLED_AFTER_LABEL in codes:
        return Unused.DELIVERY_GONE
    if Code.CHANGED_AFTER_LABEL in codes:
        return Unused.CHANGED
    return Unused.NOT_MOVED if now - label.at >= MOVES_WITHIN else None


def _unused(
    division: str, record: DeliveryRecord, shipment: str, why: Unused, at: datetime | None
) -> UnusedLabel:
    orders = tuple(map(str, record.order_numbers))
    return UnusedLabel(division, str(record.number), orders, shipment, why, at)
