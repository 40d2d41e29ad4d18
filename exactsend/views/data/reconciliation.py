"""Compares the ledger's labels with Sendcloud's shipments: paid twice, or known to one side only. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from exactsend.domain.ids import DeliveryId, ShipmentId
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.plan.cancellation_terms import free_until
from exactsend.sendcloud.models import Shipment, ShipmentAddress

SendcloudShipments = Mapping[ShipmentId, Shipment | None]
"""Sendcloud's answers by shipment. None: Sendcloud has no such shipment. A missing key: Sendcloud did not answer."""


class Mismatch(StrEnum):
    """How the ledger and Sendcloud differ; part of the JSON contract."""

    DOUBLE_LABEL = "double_label"
    UNKNOWN_HERE = "unknown_here"
    UNKNOWN_THERE = "unknown_there"


class StateThere(StrEnum):
    """The state of a shipment at Sendcloud; part of the JSON contract."""

    LIVE = "live"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABSENT = "absent"
    """Sendcloud has no such shipment."""


@dataclass(frozen=True)
class LedgerSide:
    """The part of a division's ledger that is compared."""

    division: str
    since: datetime
    deliveries: Mapping[DeliveryId, DeliveryRecord]
    owners: Mapping[ShipmentId, DeliveryId]
    """The deliveries of the listed shipments, from the ledger or from our reference on the shipment."""
    live_shipments: Mapping[DeliveryId, tuple[ShipmentId, ...]]
    """The live shipments of each delivery, according to the ledger."""
    awaiting_label: frozenset[str] = frozenset()
    """The numbers for which a run may still take a label over."""
    probe_shipments: frozenset[ShipmentId] = frozenset()
    """Unstamped letters that a probe created, which cost nothing."""

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
class Discrepancy:
    """A shipment too many, or one that only one side has."""

    division: str
    kind: Mismatch
    shipment: ShipmentId
    state: StateThere
    delivery_number: str = ""
    order_numbers: tuple[str, ...] = ()
    made_at: datetime | None = None
    """None when Sendcloud does not report it or has no such shipment."""
    carrier: str = ""
    """Sendcloud's code of the carrier."""
    sent_from: str = ""
    """The sender's country."""

    @property
    def free_until(self) -> datetime | None:
        """Until when cancelling is probably free; None when there is nothing to cancel."""
        if self.state is not StateThere.LIVE:
            return None
        until = free_until(self.made_at, carrier=self.carrier, country=self.sent_from)
        return None if until is None else until.astimezone(UTC)


@dataclass(frozen=True)
class UnassignedShipment:
    """A shipment without a delivery whose number matches one without a label: the next run decides whether it belongs to it."""

    division: str
    shipment: ShipmentId
    order_number: str


@dataclass(frozen=True)
class Reconciliation:
    """The result of a comparison."""

    findings: tuple[Discrepancy, ...] = ()
    awaited: tuple[UnassignedShipment, ...] = ()
    unanswered: tuple[ShipmentId, ...] = ()
    """Labels that Sendcloud did not answer for, so their state is unknown."""


def unlisted_labels(ledger: LedgerSide, listed: SendcloudShipments) -> tuple[ShipmentId, ...]:
    """The labels that are not in the listing but that the comparison needs: recent ones, and those that may have a duplicate."""
    needed = [*_labelled_since(ledger), *(delivery for delivery, _ in _same_number(ledger, listed))]
    missing = [
        delivery.label.shipment
        for delivery in needed
        if delivery.label and delivery.label.shipment not in listed
    ]
    return tuple(dict.fromkeys(missing))


def reconcile(ledger: LedgerSide, listed: SendcloudShipments, answers: SendcloudShipments) -> Reconciliation:
    """Compare the two sides.

    Args:
        ledger: the ledger's side.
        listed: the shipments that Sendcloud lists.
        answers: these, and the answers for the shipments of ``unlisted_labels``.
    """
    duplicates = dict(_duplicate_owners(ledger, listed, answers))
    double_labels = [*_double_labels(ledger, answers, duplicates)]
    ownerless = [
        shipment
        for shipment in _ownerless(ledger, listed)
        if ShipmentId(shipment.id) not in duplicates and not _is_return(ledger, shipment, answers)
    ]
    awaited = [
        shipment
        for shipment in ownerless
        if shipment.order_number in ledger.awaiting_label and ShipmentId(shipment.id) not in ledger.owners
    ]
    unknown_here = [_unknown_here(ledger, shipment) for shipment in ownerless if shipment not in awaited]
    return Reconciliation(
        (*double_labels, *unknown_here, *_unknown_there(ledger, answers)),
        tuple(
            UnassignedShipment(ledger.division, ShipmentId(shipment.id), shipment.order_number)
            for shipment in awaited
        ),
        tuple(shipment for shipment in unlisted_labels(ledger, listed) if shipment not in answers),
    )


# ── one label too many ───────────────────────────────────────────────────────────────────────────


def _double_labels(
    ledger: LedgerSide, answers: SendcloudShipments, duplicates: Mapping[ShipmentId, DeliveryId]
) -> Iterator[Discrepancy]:
    owned: dict[DeliveryId, set[ShipmentId]] = {
        key: {*shipments} for key, shipments in ledger.live_shipments.items()
    }
    for shipment, owner in [*ledger.owners.items(), *duplicates.items()]:
        owned.setdefault(owner, set()).add(shipment)
    known = (ledger.deliveries[key] for key in owned if key in ledger.deliveries)
    for record in sorted(known, key=lambda delivery: delivery.number):
        for surplus in _surplus(record, owned[record.delivery_id], answers):
            yield _delivery_discrepancy(ledger, record, Mismatch.DOUBLE_LABEL, surplus, answers)


def _surplus(
    record: DeliveryRecord, owned: Iterable[ShipmentId], answers: SendcloudShipments
) -> list[ShipmentId]:
    """All live shipments of a delivery but one, without those a person accepted. The one is its label, if that is live."""
    own, accepted = (record.label.shipment, record.label.beside) if record.label else ("", ())
    candidates = {*owned, *([record.label.shipment] if record.label else [])} - {*accepted}
    live = [shipment for shipment in candidates if _is_live(shipment, answers)]
    return sorted(live, key=lambda shipment: (shipment != own, shipment))[1:]


def _is_live(shipment: ShipmentId, answers: SendcloudShipments) -> bool:
    """Whether it is live at Sendcloud. Without an answer it counts as live, since the ledger asks for live ones only."""
    if shipment not in answers:
        return True
    answer = answers[shipment]
    return answer is not None and answer.is_live


def _duplicate_owners(
    ledger: LedgerSide, listed: SendcloudShipments, answers: SendcloudShipments
) -> Iterator[tuple[ShipmentId, DeliveryId]]:
    """Live shipments without an owner that have a labelled delivery's number and destination: the next run reports them (S6)."""
    for record, shipment in _same_number(ledger, listed):
        label = _label_of(record, answers)
        if label is not None and _destination(shipment.to_address) == _destination(label.to_address):
            yield ShipmentId(shipment.id), record.delivery_id


def _same_number(ledger: LedgerSide, listed: SendcloudShipments) -> Iterator[tuple[DeliveryRecord, Shipment]]:
    """Each labelled delivery with a live shipment that has its entry's number and no owner."""
    ownerless: dict[str, list[Shipment]] = {}
    for shipment in _ownerless(ledger, listed):
        ownerless.setdefault(shipment.order_number, []).append(shipment)
    for record in ledger.labelled:
        for shipment in ownerless.get(record.incoming_number, []) if record.incoming_number else []:
            yield record, shipment


def _label_of(record: DeliveryRecord, answers: SendcloudShipments) -> Shipment | None:
    return answers.get(record.label.shipment) if record.label else None


def _destination(address: ShipmentAddress) -> tuple[str, str]:
    """Country and postal code, without spaces and case: what two shipments to the same address share (S4)."""
    return ("".join(address.country_code.split()).upper(), "".join(address.postal_code.split()).upper())


# ── at Sendcloud alone ───────────────────────────────────────────────────────────────────────────


def _ownerless(ledger: LedgerSide, listed: SendcloudShipments) -> Iterator[Shipment]:
    """Live listed shipments that belong to no delivery of the ledger and that no person accepted."""
    accepted = {key for record in ledger.labelled if record.label for key in record.label.beside}
    for key, shipment in listed.items():
        if shipment is None or not shipment.is_live or key in ledger.probe_shipments or key in accepted:
            continue
        if ledger.owners.get(key) not in ledger.deliveries:
            yield shipment


def _is_return(ledger: LedgerSide, shipment: Shipment, answers: SendcloudShipments) -> bool:
    """Whether it goes from the destination of a label with its number back to that label's sender."""
    route = (_destination(shipment.to_address), _destination(shipment.from_address))
    labels = (
        _label_of(record, answers)
        for record in ledger.labelled
        if record.incoming_number == shipment.order_number
    )
    return any(
        route == (_destination(label.from_address), _destination(label.to_address))
        for label in labels
        if label
    )


def _unknown_here(ledger: LedgerSide, shipment: Shipment) -> Discrepancy:
    return Discrepancy(
        ledger.division,
        Mismatch.UNKNOWN_HERE,
        ShipmentId(shipment.id),
        StateThere.LIVE,
        order_numbers=(shipment.order_number,) if shipment.order_number else (),
        made_at=shipment.announced_at,
        carrier=shipment.carrier.code if shipment.carrier else "",
        sent_from=shipment.from_address.country_code,
    )


# ── in the ledger alone ──────────────────────────────────────────────────────────────────────────


def _labelled_since(ledger: LedgerSide) -> Iterator[DeliveryRecord]:
    return (delivery for delivery in ledger.labelled if delivery.label and delivery.label.at >= ledger.since)


def _unknown_there(ledger: LedgerSide, answers: SendcloudShipments) -> Iterator[Discrepancy]:
    for record in _labelled_since(ledger):
        if record.label and not _is_live(record.label.shipment, answers):
            yield _delivery_discrepancy(
                ledger, record, Mismatch.UNKNOWN_THERE, record.label.shipment, answers
            )


def _delivery_discrepancy(
    ledger: LedgerSide,
    record: DeliveryRecord,
    kind: Mismatch,
    shipment: ShipmentId,
    answers: SendcloudShipments,
) -> Discrepancy:
    answer = answers.get(shipment)
    return Discrepancy(
        ledger.division,
        kind,
        shipment,
        _state(shipment, answers),
        delivery_number=str(record.number),
        order_numbers=tuple(map(str, record.order_numbers)),
        made_at=answer.announced_at if answer else None,
        carrier=answer.carrier.code if answer and answer.carrier else "",
        sent_from=answer.from_address.country_code if answer else "",
    )


def _state(shipment: ShipmentId, answers: SendcloudShipments) -> StateThere:
    if _is_live(shipment, answers):
        return StateThere.LIVE
    answer = answers[shipment]
    if answer is None:
        return StateThere.ABSENT
    return StateThere.FAILED if answer.is_failed else StateThere.CANCELLED
