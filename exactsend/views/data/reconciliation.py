"""The ledger's labels beside Sendcloud's shipments: what was paid twice, or stands on one side alone. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.plan.cancellation_terms import free_until
from exactsend.sendcloud.models import Shipment, ShipmentAddress

There = Mapping[ShipmentId, Shipment | None]
"""Sendcloud's answers by shipment; None: it knows no such one. What is not in it was not answered."""


class Mismatch(StrEnum):
    """In what the ledger and Sendcloud disagree; part of the JSON contract."""

    DOUBLE_LABEL = "double_label"
    UNKNOWN_HERE = "unknown_here"
    UNKNOWN_THERE = "unknown_there"


class StateThere(StrEnum):
    """How a shipment stands at Sendcloud; part of the JSON contract."""

    LIVE = "live"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABSENT = "absent"
    """Sendcloud says that there is none."""


@dataclass(frozen=True)
class Books:
    """What the ledger of a division says, as far as it is compared."""

    division: str
    since: datetime
    deliveries: Mapping[DeliveryId, DeliveryRecord]
    owners: Mapping[ShipmentId, DeliveryId]
    """The deliveries of the shipments that were walked through, as remembered or as a reference of ours names them."""
    lives: Mapping[DeliveryId, tuple[ShipmentId, ...]]
    """The live shipments of each delivery, as they are remembered."""
    waiting: frozenset[str] = frozenset()
    """The numbers under which a run still takes a label over."""
    free: frozenset[ShipmentId] = frozenset()
    """Letters that a probe made: they cost nothing."""

    @property
    def labelled(self) -> tuple[DeliveryRecord, ...]:
        """The deliveries with a label, lowest number first."""
        return tuple(
            sorted(
                (delivery for delivery in self.deliveries.values() if delivery.label),
                key=lambda delivery: delivery.number,
            )
        )


@dataclass(frozen=True)
class Disagreement:
    """A shipment that one side has too many, or too few."""

    division: str
    kind: Mismatch
    shipment: ShipmentId
    state: StateThere
    delivery_number: str = ""
    order_numbers: tuple[str, ...] = ()
    made_at: datetime | None = None
    """None: not told by Sendcloud, or it has none."""
    carrier: str = ""
    """Sendcloud's code of it."""
    sent_from: str = ""
    """The sender's country."""

    @property
    def free_until(self) -> datetime | None:
        """Until when cancelling is free, as far as one can know. None where there is nothing to cancel."""
        if self.state is not StateThere.LIVE:
            return None
        until = free_until(self.made_at, carrier=self.carrier, country=self.sent_from)
        return None if until is None else until.astimezone(UTC)


@dataclass(frozen=True)
class Awaited:
    """A shipment of no delivery yet, under a number whose delivery has no label: a run decides whether it is that."""

    division: str
    shipment: ShipmentId
    order_number: str


@dataclass(frozen=True)
class Reconciled:
    """What a comparison came to."""

    findings: tuple[Disagreement, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    unanswered: tuple[ShipmentId, ...] = ()
    """Labels that Sendcloud was asked for, and did not answer: nothing is known of them."""


def to_ask_for(books: Books, walked: There) -> tuple[ShipmentId, ...]:
    """The labels that the walk did not show and the comparison rests on: those made since, and those that may have a rival."""
    wanted = [*_made_since(books), *(delivery for delivery, _ in _under_a_number_of(books, walked))]
    missing = [
        delivery.label.shipment
        for delivery in wanted
        if delivery.label and delivery.label.shipment not in walked
    ]
    return tuple(dict.fromkeys(missing))


def reconcile(books: Books, walked: There, there: There) -> Reconciled:
    """Compare.

    Args:
        books: what the ledger says.
        walked: the shipments of the walk.
        there: these, and the answers to ``to_ask_for``.
    """
    rivals = dict(_rivals(books, walked, there))
    doubles = [*_doubles(books, there, rivals)]
    strangers = [
        shipment
        for shipment in _of_no_delivery(books, walked)
        if ShipmentId(shipment.id) not in rivals and not _returns(books, shipment, there)
    ]
    awaited = [
        shipment
        for shipment in strangers
        if shipment.order_number in books.waiting and ShipmentId(shipment.id) not in books.owners
    ]
    unknown_here = [_stranger(books, shipment) for shipment in strangers if shipment not in awaited]
    return Reconciled(
        (*doubles, *unknown_here, *_unknown_there(books, there)),
        tuple(
            Awaited(books.division, ShipmentId(shipment.id), shipment.order_number) for shipment in awaited
        ),
        tuple(shipment for shipment in to_ask_for(books, walked) if shipment not in there),
    )


# ── one label too many ───────────────────────────────────────────────────────────────────────────


def _doubles(books: Books, there: There, rivals: Mapping[ShipmentId, DeliveryId]) -> Iterator[Disagreement]:
    owned: dict[DeliveryId, set[ShipmentId]] = {key: set(lives) for key, lives in books.lives.items()}
    for shipment, owner in [*books.owners.items(), *rivals.items()]:
        owned.setdefault(owner, set()).add(shipment)
    known = (books.deliveries[key] for key in owned if key in books.deliveries)
    for record in sorted(known, key=lambda delivery: delivery.number):
        for spare in _spare(record, owned[record.delivery_id], there):
            yield _of_delivery(books, record, Mismatch.DOUBLE_LABEL, spare, there)


def _spare(record: DeliveryRecord, owned: Iterable[ShipmentId], there: There) -> list[ShipmentId]:
    """All live shipments of a delivery but one, which is its label where that is live; none that a person asked for or knows of."""
    own, known_of = (record.label.shipment, record.label.beside) if record.label else ("", ())
    every = {*owned, *([record.label.shipment] if record.label else [])} - {*known_of}
    lives = [shipment for shipment in every if _is_live(shipment, there)]
    return sorted(lives, key=lambda shipment: (shipment != own, shipment))[1:]


def _is_live(shipment: ShipmentId, there: There) -> bool:
    """As Sendcloud says now; what was not answered is as the ledger has it, and that asks for live ones alone."""
    if shipment not in there:
        return True
    found = there[shipment]
    return found is not None and found.is_live


def _rivals(books: Books, walked: There, there: There) -> Iterator[tuple[ShipmentId, DeliveryId]]:
    """Live shipments of nobody that bear a labelled delivery's own number and go to its door: the next run tells of them (S6)."""
    for record, shipment in _under_a_number_of(books, walked):
        label = _label_of(record, there)
        if label is not None and _door(shipment.to_address) == _door(label.to_address):
            yield ShipmentId(shipment.id), record.delivery_id


def _under_a_number_of(books: Books, walked: There) -> Iterator[tuple[DeliveryRecord, Shipment]]:
    """Each labelled delivery with a live shipment of nobody that bears its entry's number."""
    strangers: dict[str, list[Shipment]] = {}
    for candidate in _of_no_delivery(books, walked):
        strangers.setdefault(candidate.order_number, []).append(candidate)
    for record in books.labelled:
        for shipment in strangers.get(record.incoming_number, []) if record.incoming_number else []:
            yield record, shipment


def _label_of(record: DeliveryRecord, there: There) -> Shipment | None:
    return there.get(record.label.shipment) if record.label else None


def _door(address: ShipmentAddress) -> tuple[str, str]:
    """What tells whether two go to the same place: country and postal code, spaces and case ignored (S4)."""
    return ("".join(address.country_code.split()).upper(), "".join(address.postal_code.split()).upper())


# ── at Sendcloud alone ───────────────────────────────────────────────────────────────────────────


def _of_no_delivery(books: Books, walked: There) -> Iterator[Shipment]:
    """Live shipments of the walk that are no remembered delivery's, and that no person said to be meant."""
    accepted = {key for record in books.labelled if record.label for key in record.label.beside}
    for key, shipment in walked.items():
        if shipment is None or not shipment.is_live or key in books.free or key in accepted:
            continue
        if books.owners.get(key) not in books.deliveries:
            yield shipment


def _returns(books: Books, shipment: Shipment, there: There) -> bool:
    """Whether it goes back from where a label with its number went to where that came from."""
    way_back = (_door(shipment.to_address), _door(shipment.from_address))
    labels = (
        _label_of(record, there)
        for record in books.labelled
        if record.incoming_number == shipment.order_number
    )
    return any(way_back == (_door(label.from_address), _door(label.to_address)) for label in labels if label)


def _stranger(books: Books, shipment: Shipment) -> Disagreement:
    return Disagreement(
        books.division,
        Mismatch.UNKNOWN_HERE,
        ShipmentId(shipment.id),
        StateThere.LIVE,
        order_numbers=(shipment.order_number,) if shipment.order_number else (),
        made_at=shipment.announced_at,
        carrier=shipment.carrier.code if shipment.carrier else "",
        sent_from=shipment.from_address.country_code,
    )


# ── in the ledger alone ──────────────────────────────────────────────────────────────────────────


def _made_since(books: Books) -> Iterator[DeliveryRecord]:
    return (delivery for delivery in books.labelled if delivery.label and delivery.label.at >= books.since)


def _unknown_there(books: Books, there: There) -> Iterator[Disagreement]:
    for record in _made_since(books):
        assert record.label is not None, "asked of labelled deliveries"
        shipment = record.label.shipment
        if not _is_live(shipment, there):
            yield _of_delivery(books, record, Mismatch.UNKNOWN_THERE, shipment, there)


def _of_delivery(
    books: Books, record: DeliveryRecord, kind: Mismatch, shipment: ShipmentId, there: There
) -> Disagreement:
    found = there.get(shipment)
    return Disagreement(
        books.division,
        kind,
        shipment,
        _state(shipment, there),
        delivery_number=str(record.number),
        order_numbers=tuple(map(str, record.order_numbers)),
        made_at=found.announced_at if found else None,
        carrier=found.carrier.code if found and found.carrier else "",
        sent_from=found.from_address.country_code if found else "",
    )


def _state(shipment: ShipmentId, there: There) -> StateThere:
    if _is_live(shipment, there):
        return StateThere.LIVE
    found = there[shipment]
    if found is None:
        return StateThere.ABSENT
    return StateThere.FAILED if found.is_failed else StateThere.CANCELLED
