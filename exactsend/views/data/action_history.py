"""Every action that was ever taken, from the ledger's events. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from exactsend.domain.record_keys import DELIVERIES, INCOMING, ORDERS
from exactsend.ledger.journal import Event, Put
from exactsend.views.data.request_history import Exchange, Matching, narrowed

BOOKKEEPING = frozenset(
    {
        "accounts_pinned", "answers_noted", "archived", "asked_before_the_first_run", "changes_noted", "decided", "deliveries_linked",
        "ledger_begun", "list_read", "run_ended", "delivery_seen",
        "entries_pushing", "label_intended", "document_intended", "attachment_intended",
    }
)  # fmt: skip
"""Events that note what was read, decided or intended: nothing was done yet."""


@dataclass(frozen=True)
class PastAction:
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
    shipping_rules: str = ""
    """The shipping rules of Sendcloud's panel that chose or changed the label, and what they did."""
    sent: tuple[Exchange, ...] = ()
    """What was sent for it, masked, and what came back."""


Row = tuple[tuple[str, ...], str]
"""The numbers of the orders, and of the delivery."""


def actions(division: str, events: Iterable[Event]) -> Iterator[PastAction]:
    """What the events did, oldest first: one for each order, delivery or entry that an event is about.

    A request goes with the deed that it led to; its answer may stand in a later event, so nothing is told before all were seen.
    """
    matching, waiting = Matching(), defaultdict[str, list[int]](list)
    told: list[tuple[PastAction, Collection[str], list[int]]] = []
    for event in events:
        for place in matching.see(event):
            for key in matching.found[place].subjects:
                waiting[key].append(place)
        if event.name not in BOOKKEEPING:
            for action, keys in _actions_of(division, event):
                told.append((action, keys, [place for key in keys for place in waiting.pop(key, ())]))
    for action, keys, places in told:
        yield replace(action, sent=tuple(narrowed(matching.found[place], keys) for place in places))


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


def _subjects(event: Event) -> dict[Row, set[str]]:
    """Orders and delivery, each once, with their keys: a delivery stands for its own entry, an entry for its order."""
    first = (INCOMING, DELIVERIES) if event.name == "entries_pushed" else (DELIVERIES, INCOMING)
    for section in (*first, ORDERS):
        found: dict[Row, set[str]] = {}
        for put in event.puts:
            if put.section == section and put.record:
                keys = {put.key, str(put.record.get("incoming") or put.key)}
                found.setdefault(_numbers(section, put), set()).update(keys)
        if found:
            return found
    return {}


def _numbers(section: str, put: Put) -> Row:
    record = put.record or {}
    if section == DELIVERIES:
        orders = record.get("order_numbers")
        return tuple(map(str, orders if isinstance(orders, list) else [])), str(record["number"])
    order, _, delivery = str(record["number"]).partition("/")
    return (order,), delivery
