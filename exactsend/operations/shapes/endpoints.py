"""Reads a few rows of every endpoint that runs read: by GET alone, one after another, one call each where one will do.

A refused endpoint is an answer like any other, and the next one is asked. What only an earlier answer can name, such as one shipment,
is asked where there is one.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from exactsend.domain.policy import Policy
from exactsend.domain.request_purposes import PURPOSES
from exactsend.engine.gather.details import item_fields, order_fields
from exactsend.errors import ApiError, Broken, Resting, Unanswered, is_refusal
from exactsend.exact import endpoints as exact_endpoints
from exactsend.exact import odata
from exactsend.exact import replies as exact_replies
from exactsend.exact import wire as exact
from exactsend.exact.endpoints import Endpoint
from exactsend.exact.fields import NO_RECORD, guid_of
from exactsend.exact.models import OPEN, Change, Deletion, RowVersion, Stream
from exactsend.exact.odata import Row
from exactsend.http.messages import Call, Json, Reply, Sender
from exactsend.operations.shapes.differences import NOT_ASKED, Difference, EndpointAnswer, Service, What
from exactsend.operations.shapes.expected_fields import Field, fields_of
from exactsend.operations.shapes.headers import Headers
from exactsend.sendcloud import replies as sendcloud_replies
from exactsend.sendcloud import wire as sendcloud
from exactsend.sendcloud.models import (
    AuthMetadata,
    CarrierContract,
    Integration,
    ReadOrder,
    SenderAddress,
    ServicePoint,
    Shipment,
    StoredOrder,
)
from exactsend.sendcloud.parcels import LABEL, Status
from exactsend.views.text.refused_requests import SERVICES

FEW = 5
"""Rows of a listing that are asked for."""
MOST_ROWS = 50
"""Rows that are looked at, where an endpoint can't be asked for fewer than a page."""
ROWS_OF = timedelta(days=365)
"""So long ago the oldest rows were changed."""
CHANGES_OF = timedelta(days=30)
"""Likewise of the streams, which give up to a thousand rows a page."""
_BAD_REQUEST = 400


class Overheard(Sender, Protocol):
    """A way to a service that tells of every answer, refusals too."""

    def observe_replies(self, overheard: Callable[[Reply], None]) -> None:
        """Tell of every answer from now on."""


@dataclass
class Reader:
    """The questions to one service, and what came of them.

    Args:
        service: whom they are put to.
        transport: puts them.
        headers: hears the headers of all answers.
        tell: takes a phrase for a person who waits.
    """

    service: Service
    transport: Overheard
    headers: Headers
    tell: Callable[[str], None]

    def __post_init__(self) -> None:
        self.answers: list[EndpointAnswer] = []
        self._stopped = ""
        self._fails = False
        self._refused: ApiError | None = None
        self.transport.observe_replies(self.headers.hear)

    def ask(self, endpoint: str, call: Call, check: Callable[[Reply], object]) -> Reply | None:
        """Put one question that is answered with something else than rows; None where there is no answer that can be read.

        Args:
            endpoint: what it is told under.
            call: the question.
            check: raises where the answer can't be read.
        """
        self._refused = None
        if self._stopped:
            self.leave_out(endpoint, self._stopped)
            return None
        self.tell(f"asking {self.service} for {endpoint}")
        try:
            reply = self.transport.send(call)
        except ApiError as error:
            self._refused = error
            self._note_refused(endpoint, error)
            return None
        self._fails = False
        answer = EndpointAnswer(self.service, endpoint, str(reply.status))
        self.answers.append(answer)
        try:
            check(reply)
        except ApiError as unread:
            answer.others.append(Difference(What.BODY, "", f"{unread.said or 'can not be read'}; not read"))
            return None
        return reply

    def rows(
        self,
        endpoint: str,
        call: Call,
        model: type[BaseModel],
        read: Callable[[Reply], list[Json]],
        beside: Mapping[str, Field] | None = None,
    ) -> list[Json]:
        """Put one question and look at the rows of its answer; none where it was refused.

        Where it is refused for a field that it selects, it is put once more without that field: the others are looked at all the same.

        Args:
            endpoint: what it is told under.
            call: the question.
            model: what a row is read as.
            read: takes the rows out of the answer.
            beside: what a row holds beside what the model reads.
        """
        reply = self.ask(endpoint, call, read)
        if self._refused is not None and (lacking := _refused_fields(call, self._refused)):
            then = "; ".join(difference.detail for difference in self.answers.pop().others)
            call = _without(call, lacking)
            reply = self.ask(endpoint, call, read)
            self.answers[-1].others += [
                Difference(What.MISSING, name.replace("/", "[]."), f"refused where it is selected: {then}")
                for name in lacking
            ]
        if reply is None:
            return []
        found = read(reply)[:MOST_ROWS]
        answer = self.answers[-1]
        answer.rows = len(found)
        answer.profile.add_rows(found, model, selected=_selected(call), beside=beside)
        return found

    def leave_out(self, endpoint: str, why: str) -> None:
        """Note a question that can't be put."""
        self.answers.append(EndpointAnswer(self.service, endpoint, f"{NOT_ASKED}, {why}"))

    def _note_refused(self, endpoint: str, error: ApiError) -> None:
        status = str(error.http_status) if error.http_status else "no answer"
        purpose = PURPOSES.get((self.service, "GET", endpoint))
        detail = f"{status}. {purpose.not_done}" if purpose else status
        what = What.REFUSED if is_refusal(error) else What.UNANSWERED
        self.answers.append(
            EndpointAnswer(self.service, endpoint, status, others=[Difference(what, "", detail)])
        )
        rests_alone = isinstance(error, Resting) and error.http_status is not None
        if is_refusal(error) or rests_alone:
            self._fails = False
            return
        if self._fails or not isinstance(error, Broken | Unanswered):
            self._stopped = f"since {SERVICES[self.service]} is out of reach, or refuses everything"
        self._fails = True


def _refused_fields(call: Call, error: ApiError) -> list[str]:
    """The fields of a select list that a refusal names, as Exact does it: "The property name 'X' specified for type …"."""
    if error.http_status != _BAD_REQUEST:
        return []
    named = set(re.findall(r"'(\w{1,60})'", error.said))
    return [name for name in _selected(call) if name.rpartition("/")[2] in named]


def _selected(call: Call) -> list[str]:
    return call.query["$select"].split(",") if "$select" in call.query else []


def _without(call: Call, lacking: Collection[str]) -> Call:
    rest = [name for name in _selected(call) if name not in lacking]
    return replace(call, query={**call.query, "$select": ",".join(rest)})


# ── Exact ────────────────────────────────────────────────────────────────────────────────────────


_STREAMS: Mapping[Stream, Endpoint[Any]] = {
    Stream.ORDERS: exact_endpoints.SALES_ORDERS,
    Stream.ORDER_LINES: exact_endpoints.SALES_ORDER_LINES,
    Stream.DELIVERIES: exact_endpoints.GOODS_DELIVERIES,
    Stream.DELIVERY_LINES: exact_endpoints.GOODS_DELIVERY_LINES,
    Stream.ACCOUNTS: exact_endpoints.ACCOUNTS,
    Stream.CONTACTS: exact_endpoints.CONTACTS,
    Stream.ADDRESSES: exact_endpoints.ADDRESSES,
    Stream.ITEMS: exact_endpoints.ITEMS,
}
"""What the rows of a stream read as."""


def read_exact(reader: Reader, division: int, policy: Policy, now: datetime) -> None:
    """Put every question of a run to Exact that is a GET."""
    listings = _Exact(reader, division, now.replace(tzinfo=None))
    listings.rows(exact_endpoints.ME, exact.me())
    listings.rows(
        exact_endpoints.DIVISIONS, exact.listing(exact_endpoints.DIVISIONS, division, f"Code eq {division}")
    )
    reader.ask(
        exact_endpoints.USER_HAS_RIGHTS,
        exact.user_has_right(division, exact_endpoints.GOODS_DELIVERIES.path, "GET"),
        exact_replies.read_has_right,
    )
    listings.streams()
    bulk = exact.orders_since(
        exact_endpoints.BULK_ORDERS, division, (now - ROWS_OF).date(), [OPEN], order_fields(policy)
    )
    listings.rows(exact_endpoints.BULK_ORDERS, bulk)
    orders = listings.recent(exact_endpoints.SALES_ORDERS, order_fields(policy))
    listings.of_parents(exact_endpoints.SALES_ORDER_LINES, "OrderID", _ids(orders, "OrderID"))
    deliveries = listings.recent(exact_endpoints.GOODS_DELIVERIES)
    listings.of_parents(exact_endpoints.GOODS_DELIVERY_LINES, "EntryID", _ids(deliveries, "EntryID"))
    parties: tuple[Endpoint[Any], ...] = (
        exact_endpoints.ACCOUNTS,
        exact_endpoints.CONTACTS,
        exact_endpoints.ADDRESSES,
    )
    for listing in parties:
        listings.recent(listing)
        listings.count(listing)
    listings.recent(exact_endpoints.ITEMS, item_fields(policy))
    listings.count(exact_endpoints.ITEMS)
    settings: tuple[Endpoint[Any], ...] = (exact_endpoints.SHIPPING_METHODS, exact_endpoints.WAREHOUSES)
    for whole in settings:
        listings.rows(whole, _few(exact.listing(whole, division)))
    documents = _ids(deliveries, "Document")
    listings.of_parents(exact_endpoints.DOCUMENTS, "ID", documents)
    listings.of_parents(exact_endpoints.DOCUMENT_ATTACHMENTS, "Document", documents)


@dataclass(frozen=True)
class _Exact:
    """The forms that questions to Exact have."""

    reader: Reader
    division: int
    now: datetime
    """Wall time."""

    def rows(self, endpoint: Endpoint[Row], call: Call) -> list[Json]:
        return self.reader.rows(endpoint.path, call, endpoint.model, odata.values)

    def recent(self, endpoint: Endpoint[Row], extra_fields: Sequence[str] = ()) -> list[Json]:
        where = f"Modified ge {odata.moment(self.now - ROWS_OF)}"
        return self.rows(
            endpoint, _few(exact.listing(endpoint, self.division, where, extra_fields=extra_fields))
        )

    def of_parents(self, endpoint: Endpoint[Row], field: str, ids: Sequence[str]) -> None:
        """The rows that belong to some records, as a run asks for them; asked for nobody's where there are none."""
        some = [odata.guid(key) for key in ids[:FEW]] or [odata.guid(NO_RECORD)]
        self.rows(endpoint, exact.rows_with(endpoint, self.division, field, some))

    def count(self, endpoint: Endpoint[Row]) -> None:
        call = exact.count(endpoint, self.division)
        self.reader.ask(f"{endpoint.path}/$count", call, exact_replies.read_count)

    def streams(self) -> None:
        """Each stream, from the row version of a month ago where Exact tells it."""
        since = exact.row_version_at(self.division, Stream.ORDERS, self.now - CHANGES_OF)
        first = self.rows(exact_endpoints.SYNC_TIMESTAMP, since)
        versions = [
            RowVersion.model_validate(value).time_stamp_as_big_int
            for value in first
            if isinstance(value, dict)
        ]
        after = max(1, (versions[0] or 2) - 1) if versions else 1
        beside = {"Timestamp": fields_of(Change)["Timestamp"]}
        for stream, endpoint in _STREAMS.items():
            is_read_whole = exact_endpoints.has_sync_path(endpoint)
            call = (
                exact.rows_after(endpoint, self.division, after)
                if is_read_whole
                else exact.changes(self.division, stream, after)
            )
            self.reader.rows(exact_endpoints.stream_path(stream), call, endpoint.model, odata.values, beside)
        self.reader.rows(
            exact_endpoints.DELETED.path, exact.deletions(self.division, after), Deletion, odata.values
        )


def _few(call: Call) -> Call:
    return replace(call, query={**call.query, "$top": str(FEW)})


def _ids(rows: Iterable[Json], name: str) -> list[str]:
    found = [guid_of(row.get(name)) for row in rows if isinstance(row, dict)]
    return [key for key in dict.fromkeys(found) if key and key != NO_RECORD]


# ── Sendcloud ────────────────────────────────────────────────────────────────────────────────────


def read_sendcloud(reader: Reader, now: datetime) -> None:
    """Put every question of a run to Sendcloud that is a GET."""
    own = _first(_single(reader, "user/auth/metadata", sendcloud.who_am_i(), AuthMetadata), "integration_id")
    _page(reader, "integrations", sendcloud.integrations(), Integration)
    _page(reader, "addresses/sender-addresses", _sized(sendcloud.sender_addresses(), FEW), SenderAddress)
    _page(reader, "contracts", sendcloud.contracts(), CarrierContract)
    _page(reader, "parcels/statuses", sendcloud.statuses(), Status)
    filters = {"updated_after": sendcloud.iso(now - ROWS_OF)} | ({"integration_id": own} if own else {})
    shipments = _page(reader, "shipments", _sized(sendcloud.shipments(**filters), FEW), Shipment)
    _one(reader, "shipments/{id}", _first(shipments, "id"), sendcloud.shipment, Shipment)
    _document(reader, _labelled_parcel(shipments))
    point = _first(shipments, "to_service_point", "id")
    _one(
        reader,
        "service-points/{id}",
        point if point.isdigit() else "",
        lambda name: sendcloud.service_point(int(name)),
        ServicePoint,
    )
    if not own.isdigit():
        reader.leave_out("orders", "since the integration is not known")
        return
    orders = _page(reader, "orders", _sized(sendcloud.orders(int(own)), FEW), StoredOrder)
    _one(reader, "orders/{id}", _first(orders, "id"), sendcloud.order, ReadOrder)


def _page(reader: Reader, endpoint: str, call: Call, model: type[BaseModel]) -> list[Json]:
    """One page of a listing. Where it is full and names no other, one row more is asked for: it must not be there."""
    found = reader.rows(endpoint, call, model, _listed)
    size = int(call.query.get("page_size", 0))
    if size and len(found) == size and not reader.headers.last_had_a_link:
        answer = reader.answers[-1]
        more = reader.ask(endpoint, _sized(call, size + 1), _listed)
        reader.answers.pop()  # the endpoint has its answer
        if more is not None and len(_listed(more)) > size:
            answer.others.append(
                Difference(What.HEADER, "link", "missing though there are more rows; not read")
            )
    return found


def _single(reader: Reader, endpoint: str, call: Call, model: type[BaseModel]) -> list[Json]:
    return reader.rows(endpoint, call, model, lambda reply: [sendcloud_replies.data_of(reply)])


def _one(
    reader: Reader, endpoint: str, identity: str, asked: Callable[[str], Call], model: type[BaseModel]
) -> None:
    if identity:
        _single(reader, endpoint, asked(identity), model)
    else:
        reader.leave_out(endpoint, "for want of one to ask for")


def _document(reader: Reader, parcel: int | None) -> None:
    endpoint = f"parcels/{{id}}/documents/{LABEL}"
    if parcel is None:
        reader.leave_out(endpoint, "for want of one to ask for")
    else:
        reader.ask(endpoint, sendcloud.parcel_pdf(parcel, LABEL), sendcloud_replies.read_pdf)


def _labelled_parcel(rows: Iterable[Json]) -> int | None:
    """A parcel that has a label, of the shipments that can be read."""
    for row in rows:
        with suppress(ValidationError):
            parcels = Shipment.model_validate(row).parcels
            if labelled := [parcel.id for parcel in parcels if parcel.has_label]:
                return labelled[0]
    return None


def _sized(call: Call, size: int) -> Call:
    return replace(call, query={**call.query, "page_size": str(size)})


def _listed(reply: Reply) -> list[Json]:
    found = sendcloud_replies.data_of(reply)
    if not isinstance(found, list):
        raise reply.unreadable("data is no list")
    return found


def _first(rows: Iterable[Json], *path: str) -> str:
    """The first value at a place that can name something in a path; empty where there is none."""
    for row in rows:
        value: Json = row
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


def not_asked() -> list[str]:
    """The questions of runs that are no GET, so that their answers are not looked at."""
    return [f"{service} {method} {endpoint}" for service, method, endpoint in PURPOSES if method != "GET"]
