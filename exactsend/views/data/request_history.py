"""Past requests and their answers, read from the ledger's events. Pure.

An event records a request, and the same or a later event its answer. A call about many orders is one request with a row per order.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from exactsend.engine.request_log import ANSWERS, SENT
from exactsend.http.messages import Json
from exactsend.ledger.journal import Event
from exactsend.sendcloud.refusals import culprit_index

JsonObject = dict[str, Json]
RequestId = tuple[str, int]
"""A run, and the number of a request in it."""


class RequestPurpose(StrEnum):
    """The purpose of a request; part of the JSON contract."""

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
class RecordedRequest:
    """A request and its answer, masked."""

    at: datetime
    """When it was sent."""
    run: str
    about: str
    """The id of the delivery or the entry; empty when each row of the body names its own."""
    by: str
    """The command that sent it."""
    means: str
    """How the command was started: terminal, systemd or unattended; empty when unknown."""
    call: str
    """Method and path."""
    body: Json
    others: int = 0
    """How many other orders the same call contained."""
    answer: JsonObject | None = None
    """None: none is recorded. The run ended there, or is still waiting for it."""
    milliseconds: int | None = None

    @property
    def status(self) -> int | None:
        """The HTTP status of the answer; None when no answer came or none is recorded."""
        status = (self.answer or {}).get("status")
        return status if isinstance(status, int) else None

    @property
    def purpose(self) -> RequestPurpose:
        """The purpose of the request."""
        method, _, path = self.call.partition(" ")
        matches = (purpose for verb, part, purpose in _PURPOSES if verb == method and part in path)
        return next(matches, RequestPurpose.OTHER)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids of the deliveries or entries it is about."""
        return (self.about,) if self.about else tuple(filter(None, _refs(self.body)))

    @property
    def created_id(self) -> str:
        """The id of the incoming order or shipment that it created at Sendcloud; empty when it created none."""
        answer = self.answer or {}
        if self.purpose is RequestPurpose.LABEL_BUY:
            return str(answer.get("id") or "")
        ids = [str(row.get("id") or "") for row in _objects(answer.get("data"))]
        return ids[0] if self.purpose is RequestPurpose.ORDER_PUSH and len(ids) == 1 else ""


class RequestCollector:
    """Collects requests and their answers from events, which must be added in order."""

    def __init__(self) -> None:
        self.requests: list[RecordedRequest] = []
        self._indexes: dict[RequestId, int] = {}

    def add(self, event: Event) -> list[int]:
        """Add the requests and answers of an event; returns the indexes in ``requests`` of its requests."""
        new: list[int] = []
        for request in _objects(event.facts.get(SENT)):
            # A number comes twice when one process ran two commands.
            self._indexes[event.run, _number(request)] = len(self.requests)
            new.append(len(self.requests))
            self.requests.append(_recorded_request(event.run, request))
        for answer in _objects(event.facts.get(ANSWERS)):
            index = self._indexes.get((event.run, _number(answer)))
            if index is not None:
                self.requests[index] = _with_answer(self.requests[index], answer)
        return new


def requests_about(events: Iterable[Event], keys: Collection[str]) -> tuple[RecordedRequest, ...]:
    """The requests about these deliveries and entries, oldest first."""
    collector = RequestCollector()
    for event in events:
        collector.add(event)
    return tuple(
        restricted_to(request, keys)
        for request in collector.requests
        if not {*keys}.isdisjoint(request.subjects)
    )


def restricted_to(request: RecordedRequest, keys: Collection[str]) -> RecordedRequest:
    """The request without the rows about other deliveries and entries."""
    if request.about or not isinstance(request.body, list):
        return request
    indexes = [index for index, ref in enumerate(_refs(request.body)) if ref in keys]
    return replace(
        request,
        body=[request.body[index] for index in indexes],
        others=len(request.body) - len(indexes),
        answer=_answer_about(request.answer, keys, indexes) if request.answer else None,
    )


def facts_about(facts: Mapping[str, Json], keys: Collection[str]) -> dict[str, Json]:
    """An event's facts as the ledger has them, without the requests about others."""
    restricted = dict(facts)
    if SENT in facts:
        restricted[SENT] = [*_sent_about(facts, keys)]
    if ANSWERS in facts:
        restricted[ANSWERS] = [_answer_about(row, keys, None) for row in _objects(facts[ANSWERS])]
    return restricted


def _sent_about(facts: Mapping[str, Json], keys: Collection[str]) -> Iterator[Json]:
    for row in _objects(facts[SENT]):
        body = row.get("body")
        if row.get("about") in keys:
            yield row
        elif isinstance(body, list) and not {*keys}.isdisjoint(_refs(body)):
            yield {**row, "body": _rows_about(body, keys)}


def _answer_about(answer: JsonObject, keys: Collection[str], indexes: Collection[int] | None) -> JsonObject:
    """The answer without the rows about others; ``indexes`` are those of our rows in the request, None when unknown."""
    rows, errors = answer.get("data"), answer.get("errors")
    restricted = {**answer, "data": _rows_about(rows, keys)} if isinstance(rows, list) else dict(answer)
    if indexes is None or not isinstance(errors, list):
        return restricted
    ours = [error for error in errors if _row_index(error) is None or _row_index(error) in indexes]
    return {**restricted, "errors": ours} if ours else {**restricted, "errors": [], "for_another_order": True}


def _row_index(error: Json) -> int | None:
    return culprit_index(str(error.get("pointer") or "")) if isinstance(error, dict) else None


def _rows_about(rows: list[Json], keys: Collection[str]) -> list[Json]:
    return [row for row, ref in zip(rows, _refs(rows), strict=True) if ref in keys]


def _refs(rows: Json) -> list[str]:
    """The entry that each row is about; empty when a row does not name it."""
    listed = rows if isinstance(rows, list) else []
    return [str(row.get("order_id") or "") if isinstance(row, dict) else "" for row in listed]


def _recorded_request(run: str, request: JsonObject) -> RecordedRequest:
    return RecordedRequest(
        at=datetime.fromisoformat(str(request["at"])),
        run=run,
        about=str(request.get("about") or ""),
        by=str(request.get("by") or ""),
        means=str(request.get("means") or ""),
        call=str(request.get("call") or ""),
        body=request.get("body"),
    )


def _with_answer(request: RecordedRequest, row: JsonObject) -> RecordedRequest:
    milliseconds = row.get("ms")
    answer = {name: value for name, value in row.items() if name not in {"n", "ms"}}
    return replace(
        request, answer=answer, milliseconds=milliseconds if isinstance(milliseconds, int) else None
    )


def _objects(rows: Json) -> list[JsonObject]:
    return [row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict)]


def _number(row: JsonObject) -> int:
    number = row.get("n")
    return number if isinstance(number, int) else 0
