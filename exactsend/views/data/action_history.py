"""Past actions on orders and deliveries, read from the ledger's events. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from exactsend.domain.record_keys import DELIVERIES, INCOMING, ORDERS
from exactsend.ledger.journal import Event, Put
from exactsend.views.data.request_history import RecordedRequest, RequestCollector, restricted_to

BOOKKEEPING = frozenset(
    {
        "accounts_pinned", "answers_noted", "archived", "asked_before_the_first_run", "changes_noted", "decided", "deliveries_linked",
        "ledger_begun", "list_read", "run_ended", "delivery_seen",
        "entries_pushing", "label_intended", "document_intended", "attachment_intended",
    }
)  # fmt: skip
"""Events that record only what was read, decided or intended."""


@dataclass(frozen=True)
class PastAction:
    """An action on one order or delivery."""

    at: datetime
    division: str
    run: str
    event: str
    order_numbers: tuple[str, ...] = ()
    delivery_number: str = ""
    shipment: str = ""
    reference: str = ""
    reason: str = ""
    """The code of a reason or a problem."""
    shipping_rules: str = ""
    """The rules in Sendcloud's panel that chose or changed the label, and their effect."""
    sent: tuple[RecordedRequest, ...] = ()
    """The requests made for it and their answers, masked."""


Numbers = tuple[tuple[str, ...], str]
"""The numbers of the orders, and the number of the delivery."""


def actions(division: str, events: Iterable[Event]) -> Iterator[PastAction]:
    """The actions that the events record, oldest first: one per order, delivery or entry of an event.

    A request belongs to the next action on its subject. Its answer may be in a later event, so all events are read before the first
    action is returned.
    """
    collector, pending = RequestCollector(), defaultdict[str, list[int]](list)
    past: list[tuple[PastAction, Collection[str], list[int]]] = []
    for event in events:
        for index in collector.add(event):
            for key in collector.requests[index].subjects:
                pending[key].append(index)
        if event.name not in BOOKKEEPING:
            for action, keys in _actions_of(division, event):
                past.append((action, keys, [index for key in keys for index in pending.pop(key, ())]))
    for action, keys, indexes in past:
        yield replace(action, sent=tuple(restricted_to(collector.requests[index], keys) for index in indexes))


def _actions_of(division: str, event: Event) -> Iterator[tuple[PastAction, Collection[str]]]:
    shipment, reference = (str(event.facts.get(name) or "") for name in ("shipment", "reference"))
    reason = str(event.facts.get("code") or event.facts.get("reason") or "")
    rules = str(event.facts.get("shipping_rules") or "")
    subjects = _subjects(event) or {((), ""): set()}
    for (orders, delivery), keys in subjects.items():
        yield (
            PastAction(
                event.at,
                division,
                event.run,
                event.name,
                orders,
                delivery,
                shipment,
                reference,
                reason,
                rules,
            ),
            keys,
        )


def _subjects(event: Event) -> dict[Numbers, set[str]]:
    """What the event is about, with the ledger's keys. A delivery includes its own entry, and an entry its order."""
    first = (INCOMING, DELIVERIES) if event.name == "entries_pushed" else (DELIVERIES, INCOMING)
    for section in (*first, ORDERS):
        subjects: dict[Numbers, set[str]] = {}
        for put in event.puts:
            if put.section == section and put.record:
                keys = {put.key, str(put.record.get("incoming") or put.key)}
                subjects.setdefault(_numbers(section, put), set()).update(keys)
        if subjects:
            return subjects
    return {}


def _numbers(section: str, put: Put) -> Numbers:
    record = put.record or {}
    if section == DELIVERIES:
        orders = record.get("order_numbers")
        return tuple(map(str, orders if isinstance(orders, list) else [])), str(record["number"])
    order, _, delivery = str(record["number"]).partition("/")
    return (order,), delivery
