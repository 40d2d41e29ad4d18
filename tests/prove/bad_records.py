"""One record is wrong for good, or each call about it is refused: all others go on in the same run, and it is told until it is cured (S9, S13)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel
from werkzeug import Request, Response

from exactsend.domain.ids import OrderId
from exactsend.domain.records import ProblemRecord
from exactsend.domain.shown_problem import shown
from exactsend.exact.models import (
    Account,
    Address,
    Contact,
    GoodsDelivery,
    GoodsDeliveryLine,
    Item,
    SalesOrder,
    SalesOrderLine,
)
from exactsend.http.messages import Json
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.exact.broken_fields import MISSING, NULL
from tests.prove.bad_days import too_many
from tests.prove.invariants import paid_for, remembered, sound
from tests.prove.refused_endpoints import COUNTED, REFUSALS, Refusal, counted_refusals
from tests.prove.services import CallFault
from tests.prove.shop import GOOD, Shop, deliver, new_shop
from tests.prove.trial import Play, Rehearsal, Trial

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EACH = 5
"""Deliveries, and orders beside them; the bad one is the third, so that two come before it and two after it."""
BAD = 2
LATER = (5 * MINUTE, 11 * MINUTE, 5 * HOUR, 25 * HOUR)
"""Between the runs while it is bad; in the second of them another delivery comes."""
NEIGHBOURS = 4
"""So many of nine are left when a chain of ten was halved twice."""
STRIDE = 4
"""One field and way in so many is played, another way for each field."""


# ── the shop ─────────────────────────────────────────────────────────────────────────────────────


def five_of_each(folder: Path, port: int) -> Shop:
    """Five orders that stand and were just delivered, and five that are new; each has a customer, a person, an address and an item of its own."""
    shop = new_shop(folder, port)
    with shop.serving():
        shop.connect()
        orders = [_place(shop) for _ in range(EACH)]
        for _ in range(2):
            status = shop.run()
            assert status in GOOD, (status, shop.findings)
        shop.clock.advance(MINUTE)
        for order in orders:
            deliver(shop, order, remarks="Ring twice")
        shop.expected.incoming = {str(_place(shop)) for _ in range(EACH)}
        shop.clock.advance(MINUTE)
    return shop


def _place(shop: Shop) -> int:
    office = shop.services.office
    number = len(office.order_numbers()) + 1
    office.add_item(f"MUG{number}", "Enamel mug", weight=0.35, hs_code="732394", origin="NL")
    account = office.add_account(
        f"Customer {number} B.V.", email=f"c{number}@shop.example", phone="0612345678"
    )
    contact = office.add_contact(
        account, f"Ada Person{number}", email=f"a{number}@shop.example", phone="0612345679"
    )
    address = office.add_address(account, "Oudegracht 231", postcode="3511 NK", city="Utrecht", main=True)
    return office.place_order(account, [(f"MUG{number}", 2, 12.5)], address=address, contact=contact)


@dataclass(frozen=True)
class Victim:
    """The order that is bad, and its delivery where it has one."""

    order: int
    delivery: int | None = None

    @property
    def name(self) -> str:
        """As trials call it."""
        return "order" if self.delivery is None else "delivery"


def _victims(shop: Shop) -> tuple[Victim, Victim]:
    deliveries = sorted(shop.expected.labels)
    bad = deliveries[BAD]
    return (
        Victim(int(shop.expected.labels[bad]), bad),
        Victim(int(sorted(shop.expected.incoming)[BAD])),
    )


# ── what is wrong with it ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Kind:
    """A kind of record: its model, and how the one of the victim is found."""

    table: str
    model: type[BaseModel]
    keys: Callable[[Shop, Victim], Sequence[str]]


def _order_key(shop: Shop, victim: Victim) -> list[str]:
    return [shop.services.office.order_id(victim.order)]


def _line_keys(shop: Shop, victim: Victim) -> list[str]:
    return [row.key for row in shop.services.office.order_lines(victim.order)]


def _delivery_key(shop: Shop, victim: Victim) -> list[str]:
    return [shop.services.office.delivery_id(victim.delivery)] if victim.delivery else []


def _delivery_line_keys(shop: Shop, victim: Victim) -> list[str]:
    office = shop.services.office
    return [row.key for row in office.delivery_lines(victim.delivery)] if victim.delivery else []


def _named_by_order(field: str) -> Callable[[Shop, Victim], list[str]]:
    return lambda shop, victim: [shop.services.office.order(victim.order).text(field)]


def _item_key(shop: Shop, victim: Victim) -> list[str]:
    return [row.text("Item") for row in shop.services.office.order_lines(victim.order)]


KINDS = (
    Kind("SalesOrders", SalesOrder, _order_key),
    Kind("SalesOrderLines", SalesOrderLine, _line_keys),
    Kind("GoodsDeliveries", GoodsDelivery, _delivery_key),
    Kind("GoodsDeliveryLines", GoodsDeliveryLine, _delivery_line_keys),
    Kind("Accounts", Account, _named_by_order("DeliverTo")),
    Kind("Contacts", Contact, _named_by_order("DeliverToContactPerson")),
    Kind("Addresses", Address, _named_by_order("DeliveryAddress")),
    Kind("Items", Item, _item_key),
)


def _as_text(value: Json) -> Json:
    return f"{value}" if isinstance(value, (int, float)) else "words"


def _as_number(_value: Json) -> Json:
    return 7


def _as_object(_value: Json) -> Json:
    return {"a": 1}


WAYS: Mapping[str, Json | Callable[[Json], Json]] = {
    "missing": MISSING,
    "null": NULL,
    "a text": _as_text,
    "a number": _as_number,
    "an object": _as_object,
}


def bad_fields(_rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each field of each record of one delivery, and of one order, wrong in each way; one in so many."""
    number = 0
    for kind in KINDS:
        for is_delivered in (True, False):
            if not is_delivered and kind.table.startswith("GoodsDeliver"):
                continue
            for field in kind.model.model_fields.values():
                for name in WAYS:
                    number += 1
                    if number % STRIDE == 0:
                        alias = str(field.alias)
                        which = "delivery" if is_delivered else "order"
                        yield Trial(
                            f"{which}: {kind.table}.{alias} is {name}",
                            _played(_field(kind, alias, name), is_delivered=is_delivered),
                        )


Break = Callable[[Shop, Victim], Callable[[], None]]
"""Makes it wrong; gives what cures it."""


def _field(kind: Kind, name: str, way: str) -> Break:
    def spoil(shop: Shop, victim: Victim) -> Callable[[], None]:
        keys = kind.keys(shop, victim)
        for key in keys:
            shop.world.exact.broken_fields.break_field(kind.table, key, name, WAYS[way])

        def cure() -> None:
            shop.world.exact.broken_fields.mend()
            for key in keys:
                _save_once_more(shop, kind.table, key)

        return cure

    return spoil


def _save_once_more(shop: Shop, table: str, key: str) -> None:
    """What the remedy asks for: the record gets a new row version."""
    division = shop.services.office.division
    rows = [row for row in division.table(table) if key in row.ids]
    for row in rows:
        division.touch(table, row)


# ── the calls about it ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class About:
    """A kind of call about one record."""

    name: str
    is_meant: Callable[[Shop, Victim, Request], bool]
    of_delivery: bool = True


def _to(method: str, ending: str, request: Request) -> bool:
    return request.method == method and request.path.endswith(ending)


def _asks_for(request: Request, path: str, keys: Sequence[str]) -> bool:
    query = request.query_string.decode().lower()
    return _to("GET", path, request) and any(key.lower() in query for key in keys)


def _read(
    path: str, keys: Callable[[Shop, Victim], Sequence[str]]
) -> Callable[[Shop, Victim, Request], bool]:
    return lambda shop, victim, request: _asks_for(request, path, keys(shop, victim))


def _order_ids(shop: Shop, victim: Victim) -> list[str]:
    return [*_order_key(shop, victim), f"eq%20{victim.order}"]


def _shipments(shop: Shop, victim: Victim) -> list[str]:
    return [label.shipment_id for label in paid_for(shop, victim.delivery)] if victim.delivery else []


def _entry(shop: Shop, victim: Victim) -> str:
    return f"exact-{starting_worlds.DIVISION}-o-{shop.services.office.order_id(victim.order).lower()}"


def _body_has(request: Request, *texts: str) -> bool:
    return any(text in request.get_data(as_text=True) for text in texts if text)


def _document(shop: Shop, victim: Victim) -> str:
    delivery_id = _delivery_key(shop, victim)[0].lower()
    found = [
        document.key
        for document in shop.services.office.documents()
        if delivery_id in document.text("Subject").lower()
    ]
    return found[0] if found else ""


CALLS = (
    About("read the order", _read("salesorder/SalesOrders", _order_ids)),
    About("read the order", _read("salesorder/SalesOrders", _order_ids), of_delivery=False),
    About("read the delivery", _read("salesorder/GoodsDeliveries", _delivery_key)),
    About("read the account", _read("crm/Accounts", _named_by_order("DeliverTo"))),
    About("read the account", _read("crm/Accounts", _named_by_order("DeliverTo")), of_delivery=False),
    About("read the contact", _read("crm/Contacts", _named_by_order("DeliverToContactPerson"))),
    About("read the address", _read("crm/Addresses", _named_by_order("DeliveryAddress"))),
    About("read the address", _read("crm/Addresses", _named_by_order("DeliveryAddress")), of_delivery=False),
    About("read the item", _read("logistics/Items", _item_key)),
    About("read the item", _read("logistics/Items", _item_key), of_delivery=False),
    About(
        "look up its number",
        lambda _shop, victim, request: (
            _to("GET", "/shipments", request) and request.args.get("order_number") == str(victim.order)
        ),
    ),
    About(
        "look up its reference",
        lambda shop, victim, request: (
            _to("GET", "/shipments", request)
            and _delivery_key(shop, victim)[0].lower() in request.args.get("external_reference_id", "")
        ),
    ),
    About(
        "read its shipment",
        lambda shop, victim, request: any(
            _to("GET", f"/shipments/{shipment}", request) for shipment in _shipments(shop, victim)
        ),
    ),
    About(
        "look up its entry",
        lambda shop, victim, request: (
            _to("GET", "/orders", request) and _entry(shop, victim) in request.query_string.decode()
        ),
    ),
    About(
        "withdraw its entry",
        lambda shop, victim, request: (
            request.method == "DELETE"
            and any(
                request.path.endswith(f"/orders/{entry.pk}")
                for entry in shop.services.panel.incoming()
                if entry.order_number == str(victim.order)
            )
        ),
    ),
    About(
        "push it",
        lambda shop, victim, request: (
            _to("POST", "/orders", request) and _body_has(request, _entry(shop, victim))
        ),
        of_delivery=False,
    ),
    About(
        "buy its label",
        lambda shop, victim, request: (
            request.method == "POST"
            and "/announce" in request.path
            and _body_has(request, _delivery_key(shop, victim)[0].lower())
        ),
    ),
    About(
        "fetch its label",
        lambda shop, victim, request: any(
            _to("GET", f"/parcels/{parcel.parcel_id}/documents/label", request)
            for label in paid_for(shop, victim.delivery or 0)
            for parcel in label.parcels
        ),
    ),
    About(
        "make its document",
        lambda shop, victim, request: (
            _to("POST", "documents/Documents", request)
            and _body_has(request, _delivery_key(shop, victim)[0].lower())
        ),
    ),
    About(
        "attach its label",
        lambda shop, victim, request: (
            _to("POST", "documents/DocumentAttachments", request)
            and _body_has(request, _document(shop, victim))
        ),
    ),
    About(
        "write it",
        lambda shop, victim, request: (
            request.method == "PUT" and _delivery_key(shop, victim)[0].lower() in request.path.lower()
        ),
    ),
)
WORDED = tuple(refusal for refusal in REFUSALS if refusal.sentence)
SAYS_GONE = frozenset({"read its shipment"})
"""To this 404 is no refusal: it says that there is none."""


def refused_calls(_rehearsal: Rehearsal) -> Iterator[Trial]:
    """Each kind of call about one delivery, or one order, refused in words for good."""
    for about in CALLS:
        for refusal in WORDED:
            if refusal.status == 404 and about.name in SAYS_GONE:
                continue
            which = "delivery" if about.of_delivery else "order"
            yield Trial(
                f"{which}: {about.name}: {refusal.name}",
                _played(
                    _call(about, refusal),
                    is_delivered=about.of_delivery,
                    waits=about.name.startswith("read the") and refusal.status in COUNTED,
                ),
            )


def _call(about: About, refusal: Refusal) -> Break:
    def spoil(shop: Shop, victim: Victim) -> Callable[[], None]:
        def instead(request: Request) -> Response:
            if not request.path.startswith("/api/v3") and refusal.status in COUNTED:
                shop.world.exact.metering.count_error(starting_worlds.CLIENT_ID, request.path)
            return refusal.answer(request)

        shop.services.inject(
            CallFault(lambda _place, request: about.is_meant(shop, victim, request), instead=instead)
        )
        return shop.services.clear_faults

    return spoil


# ── a trial ──────────────────────────────────────────────────────────────────────────────────────


def _played(spoil: Break, *, is_delivered: bool, waits: bool = False) -> Play:
    """With ``waits``, a few neighbours may wait until the group that was refused is divided further, an hour later (S9)."""

    def play(shop: Shop) -> None:
        with shop.serving() as services:
            delivered, ordered = _victims(shop)
            victim = delivered if is_delivered else ordered
            cure = spoil(shop, victim)
            shop.run()
            shop.counts["struck"] += 1
            waiting = list(_others(shop, victim))
            shop.findings += [f"in the same run: {name}" for name in waiting[NEIGHBOURS if waits else 0 :]]
            tries = [_tries(shop, victim)]
            for number, pause in enumerate(LATER):
                shop.clock.advance(pause)
                if number == 1:
                    _one_more(shop)
                shop.run()
                tries.append(_tries(shop, victim))
            shop.findings += [f"later: {name}" for name in _others(shop, victim)]
            shop.findings += _told(shop, victim)
            if tries[2] > tries[1] > tries[0] >= 1:
                shop.findings.append(f"it is tried again at once: {tries}")
            cure()
            for pause in (5 * MINUTE, 61 * MINUTE, 5 * HOUR, DAY, DAY):
                shop.clock.advance(pause)
                shop.run()
            shop.findings += [f"once it was cured: {name}" for name in _undone(shop, victim)]
            shop.findings += _problems_left(shop, victim)
            shop.findings += too_many(counted_refusals(services.calls))
            shop.findings += _money(shop)
            shop.findings += sound(shop)

    return play


def _one_more(shop: Shop) -> None:
    order = _place(shop)
    deliver(shop, order, remarks="Ring twice")


def _others(shop: Shop, victim: Victim) -> Iterator[str]:
    """What of the others is not done."""
    for delivery in shop.expected.labels:
        if delivery != victim.delivery:
            yield from _of_delivery(shop, delivery)
    standing = {entry.order_number for entry in shop.services.panel.incoming()}
    for number in sorted(shop.expected.incoming - standing - {str(victim.order)}):
        yield f"order {number} was not sent"


def _undone(shop: Shop, victim: Victim) -> Iterator[str]:
    yield from _others(shop, victim)
    if victim.delivery is not None:
        yield from _of_delivery(shop, victim.delivery)
    standing = sorted(entry.order_number for entry in shop.services.panel.incoming())
    if standing != sorted(shop.expected.incoming):
        yield f"incoming orders are {standing} instead of {sorted(shop.expected.incoming)}"


def _of_delivery(shop: Shop, delivery: int) -> Iterator[str]:
    office, paid = shop.services.office, paid_for(shop, delivery)
    if not paid:
        yield f"delivery {delivery} has no label"
    elif office.tracking(delivery) != paid[0].tracking_number:
        yield f"delivery {delivery} carries {office.tracking(delivery)!r}"
    elif len(office.attachments(delivery)) != 1:
        yield f"delivery {delivery} has {len(office.attachments(delivery))} attached labels"


def _is_done(shop: Shop, victim: Victim) -> bool:
    if victim.delivery is not None:
        is_standing = str(victim.order) in {entry.order_number for entry in shop.services.panel.incoming()}
        return not is_standing and not list(_of_delivery(shop, victim.delivery))
    return str(victim.order) in {entry.order_number for entry in shop.services.panel.incoming()}


def _problems(shop: Shop, victim: Victim) -> list[ProblemRecord]:
    """All that is told of the victim."""
    records = shop.records()
    order = records.order(OrderId(shop.services.office.order_id(victim.order).lower()))
    known = remembered(shop, victim.delivery) if victim.delivery else None
    entries = [entry.problem for entry in records.open_incoming() if entry.number == str(victim.order)]
    found = [order.problem if order else None, *(known.problems.values() if known else ()), *entries]
    return [row for row in found if row is not None]


def _tries(shop: Shop, victim: Victim) -> int:
    return max((problem.attempts for problem in _problems(shop, victim)), default=0)


def _told(shop: Shop, victim: Victim) -> Iterator[str]:
    """It is done, or reported, or left alone for a reason that ``explain`` gives; a row that names no record is reported as that."""
    if _is_done(shop, victim) or _problems(shop, victim) or _is_nameless(shop, victim):
        return
    known = remembered(shop, victim.delivery) if victim.delivery else None
    order = shop.records().order(OrderId(shop.services.office.order_id(victim.order).lower()))
    reason = (known and known.excluded) or (order and order.excluded)
    if not reason:
        yield "it is neither done nor told"
    else:
        shop.counts[f"left alone: {reason}"] += 0


def _is_nameless(shop: Shop, victim: Victim) -> bool:
    names = (f"order {victim.order} ", f"delivery {victim.delivery} ")
    return any(name in refusal.said for refusal in shop.records().refused.oldest_first for name in names)


def _problems_left(shop: Shop, victim: Victim) -> Iterator[str]:
    """What changed of a record after its label was made is told; nothing else stays."""
    for problem in _problems(shop, victim):
        if problem.code != "changed_after_label":
            yield f"once it was cured it still tells {problem.code}: {shown(problem).message}"


def _money(shop: Shop) -> Iterator[str]:
    for delivery in shop.expected.labels:
        if len(paid := paid_for(shop, delivery)) > 1:
            shop.counts["labels bought twice"] += len(paid) - 1
            yield f"delivery {delivery} has {len(paid)} paid labels"
        elif not paid:
            shop.counts["deliveries lost"] += 1
    charges = [charge.shipment_id for charge in shop.world.sendcloud.paid()]
    ours = {label.shipment_id for delivery in shop.expected.labels for label in paid_for(shop, delivery)}
    if set(charges) - ours or len(charges) != len(set(charges)):
        yield f"charged were {charges}, and the deliveries' are {sorted(ours)}"
