"""Every action that was ever taken, from the ledger's events. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from exactsend.ledger.journal import Event, Put
from exactsend.memory import DELIVERIES, INCOMING, ORDERS

BOOKKEEPING = frozenset(
    {
        "accounts_pinned", "archived", "asked_before_the_first_run", "changes_noted", "decided", "deliveries_linked",
        "ledger_begun", "list_read", "run_ended", "delivery_seen",
        "entries_pushing", "label_intended", "document_intended", "attachment_intended",
    }
)  # fmt: skip
"""Events that note what was read, decided or intended: nothing was done yet."""


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
