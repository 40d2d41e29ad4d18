"""One kind of call is refused for two days: what does not need it goes on, the key is never blocked, and nothing is lost (S9, S13)."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from werkzeug import Request, Response

from exactsend.errors import ExitStatus
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.faults import FaultKind as LossKind
from exactsend.sandbox.server import RecordedCall
from tests.prove.bad_days import too_many
from tests.prove.invariants import check, paid_for
from tests.prove.services import CallFault
from tests.prove.shop import Shop, deliver, place_order
from tests.prove.trial import Play, Rehearsal, Trial

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WITHIN = 2 * HOUR
"""In this time all is caught up once the refusal is lifted."""
EARLY = 4 * HOUR
"""As long as this runs follow one another closely, so that what is asked again too soon would block the key."""
COUNTED = frozenset({400, 401, 403, 404})
"""Statuses of which more than ten an hour block the key (Exact, knowledge base: API limits)."""

# ── kinds of calls ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, order=True)
class Question:
    """A kind of call: service, method, and the path without division and ids; with what a listing is asked by, where that is refused apart."""

    service: str
    method: str
    path: str

    @property
    def name(self) -> str:
        """As it is told."""
        return f"{self.service} {self.method} {self.path}"


_ASKED_APART = ("order_number", "external_reference_id")
_BY_DATE = re.compile(r"filter=Modified", re.IGNORECASE)


def question_of(method: str, path: str, query: str) -> Question:
    """The kind of a call."""
    if path.startswith("/api/v3/"):
        parts = [_without_id(part) for part in path.removeprefix("/api/v3/").split("/")]
        apart = next((f"?{name}" for name in _ASKED_APART if f"{name}=" in query), "")
        is_shipments = parts == ["shipments"]
        return Question("sendcloud", method, "/".join(parts) + (apart if is_shipments else ""))
    plain = re.sub(r"^/api/(v1/(\d+/)?)?", "", path.partition("(")[0])
    apart = "?Modified" if _BY_DATE.search(query.replace("%24", "").replace("$", "")) else ""
    return Question("exact", method, plain + apart)


def _without_id(part: str) -> str:
    return "{id}" if re.search(r"\d", part) else part


# ── how it is refused ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Refusal:
    """One way to refuse."""

    name: str
    status: int = 0
    sentence: str = ""

    def answer(self, request: Request) -> Response:
        """In the words of the service that is asked."""
        if request.path.startswith("/api/v3"):
            row = {"status": str(self.status), "code": "refused", "detail": self.sentence}
            body: object = {"errors": [row]} if self.sentence else {}
        else:
            message = {"code": "", "message": {"lang": "", "value": self.sentence}}
            body = {"error": message} if self.sentence else {}
        return Response(json.dumps(body), self.status, content_type="application/json")


REFUSALS = (
    Refusal("400", 400, "Filtering on these fields is not supported."),
    Refusal("403", 403, "Forbidden: you do not have the right to this."),
    Refusal("404", 404, "Resource not found for the segment."),
    Refusal("500 with a sentence", 500, "The record is in use."),
    Refusal("500 without words", 500),
    Refusal("the connection is lost"),
)


# ── what waits ───────────────────────────────────────────────────────────────────────────────────

ORDERS, CHANGES, WITHDRAWALS, LABELS, WRITING, ATTACHING = (
    "orders",
    "changes of orders",
    "withdrawals",
    "labels",
    "tracking numbers",
    "attached labels",
)
SENDING = frozenset({ORDERS, CHANGES, WITHDRAWALS})
MASTER_DATA = SENDING | {LABELS}

WAITS: Mapping[Question, frozenset[str]] = {
    Question("exact", "GET", "salesorder/SalesOrders"): MASTER_DATA,
    Question("exact", "GET", "salesorder/SalesOrderLines"): SENDING,
    Question("exact", "GET", "salesorder/GoodsDeliveries"): frozenset({LABELS, WRITING, ATTACHING}),
    Question("exact", "GET", "salesorder/GoodsDeliveryLines"): frozenset({LABELS, WRITING, ATTACHING}),
    Question("exact", "GET", "crm/Accounts"): MASTER_DATA,
    Question("exact", "GET", "crm/Contacts"): MASTER_DATA,
    Question("exact", "GET", "crm/Addresses"): MASTER_DATA,
    Question("exact", "GET", "logistics/Items"): MASTER_DATA,
    Question("exact", "PUT", "salesorder/GoodsDeliveries"): frozenset({WRITING, ATTACHING}),
    Question("exact", "POST", "documents/Documents"): frozenset({ATTACHING}),
    Question("exact", "GET", "documents/DocumentAttachments"): frozenset({ATTACHING}),
    Question("exact", "POST", "documents/DocumentAttachments"): frozenset({ATTACHING}),
    Question("sendcloud", "GET", "shipments"): MASTER_DATA,
    Question("sendcloud", "GET", "shipments?order_number"): frozenset({LABELS}),
    Question("sendcloud", "GET", "shipments?external_reference_id"): frozenset({LABELS}),
    Question("sendcloud", "GET", "shipments/{id}"): frozenset({LABELS, WRITING, ATTACHING}),
    Question("sendcloud", "GET", "orders"): frozenset({LABELS, WITHDRAWALS}),
    Question("sendcloud", "POST", "orders"): frozenset({ORDERS, CHANGES}),
    Question("sendcloud", "DELETE", "orders/{id}"): frozenset({WITHDRAWALS}),
    Question("sendcloud", "POST", "shipments/announce"): frozenset({LABELS}),
    Question("sendcloud", "POST", "shipments/announce-with-shipping-rules"): frozenset({LABELS}),
    Question("sendcloud", "GET", "parcels/{id}/documents/label"): frozenset({ATTACHING}),
}
"""What can't be done without an answer; of all other questions, nothing."""
STOPS: frozenset[Question] = frozenset(
    {
        Question("exact", "POST", "oauth2/token"),
        Question("sendcloud", "GET", "user/auth/metadata"),
    }
)
"""Without these nothing is done: whose accounts these are is not known."""
CHECKS = frozenset(
    {Question("sendcloud", "POST", "shipping-options"), Question("sendcloud", "POST", "addresses/validate")}
)
"""What a purchase does without (S18): where such a call is lost, the log says so and nothing else."""
OF_ONE_DELIVERY = frozenset({Question("sendcloud", "GET", "shipments/{id}")})
"""What is asked about single deliveries: while others need no such answer, a refusal is theirs, and their pauses grow to a day (S13)."""


# ── two days of trade ────────────────────────────────────────────────────────────────────────────


class Trade:
    """What a shop's people do in two days, with a run every now and then."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.office = shop.services.office
        self.began = shop.clock()
        self.status = ExitStatus.DONE
        self.is_refusing = False
        self.placed = sorted(self.office.order_numbers())
        self.changed, self.withdrawn = 0, 0
        self._gaps = cycle((15, 30, 20, 25))

    def at(self, hours: float) -> None:
        """Run until that time of the two days: every 15 to 30 minutes at first, then every hour, every three hours at night."""
        moment = self.began + timedelta(hours=hours)
        while self.shop.clock() < moment:
            since = (self.shop.clock() - self.began) % timedelta(days=1)
            is_night = timedelta(hours=9) <= since < timedelta(hours=22)
            is_early = self.shop.clock() - self.began < EARLY
            by_day = next(self._gaps) * MINUTE if is_early else HOUR
            gap = 3 * HOUR if is_night else by_day
            self.shop.clock.advance(min(gap, moment - self.shop.clock()))
            self.status = self.shop.run()

    def first_hours(self) -> None:
        """An order is delivered, another one to an address that no carrier takes; a label is announced late."""
        shop = self.shop
        whole, changed, standing = self.placed
        self.changed = changed
        shop.expected.incoming = {str(changed), str(standing)}
        self.broken = place_order(shop, "Dorpsstraat")
        self.late = place_order(shop)
        self.at(0.75)
        deliver(shop, whole, remarks="Ring twice")
        deliver(shop, self.broken)
        self.at(1.5)
        shop.world.sendcloud.behaviour.announce_answers_announcing = True
        deliver(shop, self.late)
        self.at(1.6)
        shop.world.sendcloud.behaviour.announce_answers_announcing = False

    def rest_of_the_day(self) -> None:
        """Orders come, one is changed, one is cancelled, an address is corrected, and one more is delivered."""
        shop = self.shop
        self.at(3)
        new, cancelled = place_order(shop), place_order(shop, contact=self._contact())
        self.at(4)
        self.office.change_quantity(self.changed, "MUG", 5)
        self.office.edit_order(cancelled, Status=45)
        self.withdrawn = cancelled
        self.at(5)
        address = self.office.order(self.broken).text("DeliveryAddress")
        self.office.correct_address(address, AddressLine1="Dorpsstraat 12")
        self.at(5.5)
        deliver(shop, new)
        self.at(8.5)

    def second_day(self) -> None:
        """One more order, and its delivery, which has a document already."""
        shop = self.shop
        self.at(24.5)
        order = place_order(shop)
        self.at(25.5)
        self.office.link_document(deliver(shop, order), "Packing list")
        self.at(29)

    def _contact(self) -> str:
        account = self.office.order(self.placed[0]).text("DeliverTo")
        return self.office.add_contact(account, "Ada Person", email="ada@shop.example")

    # ── what has come of it ──────────────────────────────────────────────────────────────────────

    def undone(self) -> Iterator[tuple[str, str]]:
        """What of all this is not done: what kind of work, and a sentence."""
        shop = self.shop
        incoming = {order.order_number: order for order in shop.services.panel.incoming()}
        for number in sorted(shop.expected.incoming - set(incoming)):
            yield ORDERS, f"order {number} was not sent"
        entry = incoming.get(str(self.changed))
        if entry is not None and self.withdrawn and list(entry.quantities.values()) != [5]:
            yield CHANGES, f"the change of order {self.changed} was not sent"
        for number in sorted(set(incoming) - shop.expected.incoming - set(shop.expected.labels.values())):
            yield WITHDRAWALS, f"{number} was not withdrawn"
        for delivery in shop.expected.labels:
            if not paid_for(shop, delivery):
                yield LABELS, f"delivery {delivery} has no label"
            elif not self.office.tracking(delivery):
                yield WRITING, f"the label of delivery {delivery} was not written back"
            elif len(self.office.attachments(delivery)) != 1:
                yield ATTACHING, f"the label of delivery {delivery} was not attached"


def usual_days(shop: Shop) -> None:
    """The same with nothing refused, to learn which calls there are."""
    with shop.serving():
        trade = Trade(shop)
        trade.first_hours()
        trade.rest_of_the_day()
        trade.second_day()
        trade.at(31)
        shop.findings += [sentence for _, sentence in trade.undone()]
        check(shop)


# ── trials ───────────────────────────────────────────────────────────────────────────────────────

STRIDE = 2
"""One way to refuse in so many, another one for each question; each question is refused from the first run on and later on."""


def one_endpoint(rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each kind of call of two usual days, refused from the first run on and, in other ways, from the third hour on."""
    questions = sorted({question_of(*_split(call)) for call in rehearsal.calls})
    for number, question in enumerate(questions):
        for place, refusal in enumerate(REFUSALS):
            if refusal.status == 404 and "{id}" in question.path:
                continue  # says that it is gone
            is_later = (number + place) % STRIDE == 0
            when = "later on" if is_later else "from the first run on"
            yield Trial(
                f"{question.name}: {refusal.name}, {when}", _refused(question, refusal, is_later=is_later)
            )


def _split(call: str) -> tuple[str, str, str]:
    method, _, rest = call.partition(" ")
    path, _, query = rest.partition("?")
    return method, path, query


def _refused(question: Question, refusal: Refusal, *, is_later: bool) -> Play:
    def play(shop: Shop) -> None:
        with shop.serving() as services:
            trade = Trade(shop)
            if is_later:
                trade.first_hours()
            services.inject(_wire_fault(shop, question, refusal))
            if not is_later:
                trade.first_hours()
            trade.rest_of_the_day()
            _judge(trade, question, "on the first day", is_answered=bool(refusal.status))
            trade.second_day()
            _judge(trade, question, "on the second day", is_answered=bool(refusal.status))
            shop.counts["struck"] += bool(services.wire.hits)
            services.clear_faults()
            if trade.status is ExitStatus.LOGIN:
                shop.connect()
            trade.at(31)
            if question not in OF_ONE_DELIVERY:
                shop.findings += [f"2 hours after it was lifted: {name}" for _, name in trade.undone()]
            shop.findings += too_many(counted_refusals(services.calls))
            shop.go_on()
            check(shop)

    return play


def _wire_fault(shop: Shop, question: Question, refusal: Refusal) -> CallFault:
    def is_meant(_place: int, request: Request) -> bool:
        return question_of(request.method, request.path, request.query_string.decode()) == question

    def instead(request: Request) -> Response:
        if question.service == "exact" and refusal.status in COUNTED:
            shop.world.exact.metering.count_error(starting_worlds.CLIENT_ID, question.path.partition("?")[0])
        return refusal.answer(request)

    if not refusal.status:
        return CallFault(is_meant, lose=LossKind.LOST_BEFORE)
    return CallFault(is_meant, instead=instead)


def _judge(trade: Trade, question: Question, when: str, *, is_answered: bool) -> None:
    """What does not need the answer was done; and what was not is told."""
    shop = trade.shop
    if question in STOPS:
        if trade.status not in {ExitStatus.API, ExitStatus.LOGIN}:
            shop.findings.append(f"{when}: it ended with {int(trade.status)}")
        return
    undone = list(trade.undone())
    waits = WAITS.get(question, frozenset())
    shop.findings += [f"{when}: {sentence}" for kind, sentence in undone if kind not in waits]
    if undone and trade.status is ExitStatus.DONE and not {kind for kind, _ in undone} <= {ATTACHING}:
        shop.findings.append(f"{when}: it ended with 0 although {undone[0][1]}")
    asked = f"{question.service} {question.method} {question.path.partition('?')[0]}"
    told = {name.partition("?")[0] for name in shop.records().refused.questions}
    # A search by date is not needed while the stream itself is answered.
    is_moot = question.path.endswith("?Modified") or (question in CHECKS and not is_answered)
    if shop.services.wire.hits and asked not in told and trade.status is ExitStatus.DONE and not is_moot:
        shop.findings.append(f"{when}: nobody is told that it is refused")


def counted_refusals(calls: Iterable[RecordedCall]) -> Mapping[str, list[datetime]]:
    """When each endpoint of Exact refused in a way that counts against the key."""
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for call in calls:
        if call.api == "exact" and call.status in COUNTED and "oauth2" not in call.path:
            found[question_of(call.method, call.path, "").path].append(call.at)
    return found
