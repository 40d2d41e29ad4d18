"""What was sent, and what came back, put together from the ledger's events. Pure.

A request stands in one event and its answer in that or a later one; a call about many orders is one request, of which each order has its row.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from exactsend.engine.request_log import ANSWERS, SENT
from exactsend.http.messages import Json
from exactsend.ledger.journal import Event
from exactsend.sendcloud.wire import culprit_index

JsonObject = dict[str, Json]
Slot = tuple[str, int]
"""A run, and the number of a request in it."""


class RequestPurpose(StrEnum):
    """What a request is for; part of the JSON contract."""

    ORDER_PUSH = "order_push"
    ORDER_WITHDRAW = "order_withdraw"
    LABEL_BUY = "label_buy"
    LABEL_CANCEL = "label_cancel"
    DELIVERY_UPDATE = "delivery_update"
    DOCUMENT = "document"
    ATTACHMENT = "attachment"
    OTHER = "other"


_PURPOSES = (
    ("POST", "/orders", RequestPurpose.ORDER_PUSH),
    ("DELETE", "/orders/", RequestPurpose.ORDER_WITHDRAW),
    ("POST", "/shipments/announce", RequestPurpose.LABEL_BUY),
    ("POST", "/shipments/", RequestPurpose.LABEL_CANCEL),
    ("PUT", "/salesorder/GoodsDeliveries(", RequestPurpose.DELIVERY_UPDATE),
    ("POST", "/documents/Documents", RequestPurpose.DOCUMENT),
    ("POST", "/documents/DocumentAttachments", RequestPurpose.ATTACHMENT),
)


@dataclass(frozen=True)
class Exchange:
    """One request, masked, and what came back."""

    at: datetime
    """When it was sent."""
    run: str
    about: str
    """The id of the delivery or the entry; empty where each row of the body tells its own."""
    by: str
    """The command that did it."""
    means: str
    """Who called that, as far as it could be told: terminal, systemd or unattended; empty where that is not known."""
    call: str
    """Method and path."""
    body: Json
    others: int = 0
    """How many other orders stood in the same call."""
    answer: JsonObject | None = None
    """None: none was noted. The run ended there, or is at it now."""
    milliseconds: int | None = None

    @property
    def status(self) -> int | None:
        """The HTTP status of the answer; None where no answer came, or none was noted."""
        status = (self.answer or {}).get("status")
        return status if isinstance(status, int) else None

    @property
    def purpose(self) -> RequestPurpose:
        """What it is for."""
        method, _, path = self.call.partition(" ")
        fitting = (purpose for verb, part, purpose in _PURPOSES if verb == method and part in path)
        return next(fitting, RequestPurpose.OTHER)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids of the deliveries or entries that it is about."""
        return (self.about,) if self.about else tuple(filter(None, _refs(self.body)))

    @property
    def made(self) -> str:
        """The id of what stands at Sendcloud since: an incoming order or a shipment; empty where nothing was made."""
        answer = self.answer or {}
        if self.purpose is RequestPurpose.LABEL_BUY:
            return str(answer.get("id") or "")
        rows = answer.get("data")
        found = [
            str(value.get("id") or "")
            for value in (rows if isinstance(rows, list) else ())
            if isinstance(value, dict)
        ]
        return found[0] if self.purpose is RequestPurpose.ORDER_PUSH and len(found) == 1 else ""


class Matching:
    """Finds requests and their answers in events, which are seen in their order."""

    def __init__(self) -> None:
        self.found: list[Exchange] = []
        self._places: dict[Slot, int] = {}

    def see(self, event: Event) -> list[int]:
        """Take what an event tells; gives the places in ``found`` of the requests that stand in it."""
        new: list[int] = []
        for request in _rows_of(event.facts, SENT):
            # The same number again is another command of the same process.
            self._places[event.run, _number(request)] = len(self.found)
            new.append(len(self.found))
            self.found.append(_exchange(event.run, request))
        for answer in _rows_of(event.facts, ANSWERS):
            place = self._places.get((event.run, _number(answer)))
            if place is not None:
                self.found[place] = _answered(self.found[place], answer)
        return new


def exchanges(events: Iterable[Event], keys: Collection[str]) -> tuple[Exchange, ...]:
    """What was sent about these deliveries and entries, oldest first."""
    matching = Matching()
    for event in events:
        matching.see(event)
    return tuple(
        narrowed(exchange, keys) for exchange in matching.found if not {*keys}.isdisjoint(exchange.subjects)
    )


def narrowed(exchange: Exchange, keys: Collection[str]) -> Exchange:
    """Of a call about many orders what it says of these."""
    if exchange.about or not isinstance(exchange.body, list):
        return exchange
    places = [place for place, ref in enumerate(_refs(exchange.body)) if ref in keys]
    return replace(
        exchange,
        body=[exchange.body[place] for place in places],
        others=len(exchange.body) - len(places),
        answer=_answer_about(exchange.answer, keys, places) if exchange.answer else None,
    )


def facts_about(facts: Mapping[str, Json], keys: Collection[str]) -> dict[str, Json]:
    """The facts of an event as they stand in the ledger, without what was sent about others."""
    mine = dict(facts)
    if SENT in facts:
        mine[SENT] = [*_sent_about(facts, keys)]
    if ANSWERS in facts:
        mine[ANSWERS] = [_answer_about(row, keys, None) for row in _rows_of(facts, ANSWERS)]
    return mine


def _sent_about(facts: Mapping[str, Json], keys: Collection[str]) -> Iterator[Json]:
    for row in _rows_of(facts, SENT):
        body = row.get("body")
        if row.get("about") in keys:
            yield row
        elif isinstance(body, list) and not {*keys}.isdisjoint(_refs(body)):
            yield {**row, "body": _rows_about(body, keys)}


def _answer_about(answer: JsonObject, keys: Collection[str], places: Collection[int] | None) -> JsonObject:
    """An answer without what it says of others; ``places`` are where ours stood in the request, where that is known."""
    rows, errors = answer.get("data"), answer.get("errors")
    mine = {**answer, "data": _rows_about(rows, keys)} if isinstance(rows, list) else dict(answer)
    if places is None or not isinstance(errors, list):
        return mine
    accusing = [error for error in errors if _accused(error) is None or _accused(error) in places]
    return {**mine, "errors": accusing} if accusing else {**mine, "errors": [], "for_another_order": True}


def _accused(error: Json) -> int | None:
    return culprit_index(str(error.get("pointer") or "")) if isinstance(error, dict) else None


def _rows_about(rows: list[Json], keys: Collection[str]) -> list[Json]:
    return [row for row, ref in zip(rows, _refs(rows), strict=True) if ref in keys]


def _refs(rows: Json) -> list[str]:
    """The entry that each row of a list is about; empty where a row does not say."""
    found = rows if isinstance(rows, list) else []
    return [str(value.get("order_id") or "") if isinstance(value, dict) else "" for value in found]


def _exchange(run: str, request: JsonObject) -> Exchange:
    told = {name: str(request.get(name) or "") for name in ("about", "by", "means", "call")}
    return Exchange(datetime.fromisoformat(str(request["at"])), run, body=request.get("body"), **told)  # type: ignore[arg-type]  # texts all


def _answered(exchange: Exchange, answer: JsonObject) -> Exchange:
    took = answer.get("ms")
    told = {name: value for name, value in answer.items() if name not in {"n", "ms"}}
    return replace(exchange, answer=told, milliseconds=took if isinstance(took, int) else None)


def _rows_of(facts: Mapping[str, Json], name: str) -> Iterator[JsonObject]:
    rows = facts.get(name)
    yield from (value for value in (rows if isinstance(rows, list) else ()) if isinstance(value, dict))


def _number(row: JsonObject) -> int:
    number = row.get("n")
    return number if isinstance(number, int) else 0
