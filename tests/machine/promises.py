"""What is promised of every single run, checked from outside on both sides, in the ledger and in ``errors``.

``Before`` is taken right before a run; ``kept`` compares with what stands there afterwards. Nothing here runs exactsend's sync.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from exactsend.domain.ids import DeliveryId, ShipmentId, parse_reference
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.division_run import Run
from exactsend.engine.sync import open_problems
from exactsend.errors import ExitStatus
from exactsend.ledger.verify import verify
from exactsend.sandbox.sendcloud.records import Shipment
from tests.machine.people import PERSONAL, People

GOOD = frozenset({ExitStatus.DONE, ExitStatus.ATTENTION})


@dataclass(frozen=True)
class Before:
    """Both sides right before a run."""

    shipments: Mapping[str, Shipment]
    tracking: Mapping[int, str]
    cancelled: frozenset[DeliveryId]
    """Deliveries whose own label was cancelled, as far as the ledger knows."""
    mark: int
    files: Mapping[Path, bytes]
    at: datetime


def before(people: People) -> Before:
    """How everything stands now."""
    shop = people.shop
    return Before(
        shipments={shipment.shipment_id: shipment for shipment in _shipments(people)},
        tracking={number: shop.office.tracking(number) for number in shop.office.delivery_numbers()},
        cancelled=frozenset(_cancelled(people)),
        mark=len(shop.sandbox.calls),
        files=files_of(people.ledger),
        at=shop.clock(),
    )


def files_of(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _shipments(people: People) -> list[Shipment]:
    return people.shop.sandbox.world.sendcloud.shipments()


def _cancelled(people: People) -> Iterator[DeliveryId]:
    """Deliveries of which an attempt stands as cancelled at Sendcloud."""
    for shipment in _shipments(people):
        parsed = parse_reference(shipment.external_reference_id or "")
        if parsed and shipment.status == "CANCELLED":
            yield parsed[1]


# ── money ────────────────────────────────────────────────────────────────────────────────────────


def assert_nothing_bought_twice(
    people: People, seen: Before, *, asked: DeliveryId | None = None, is_another: bool = False
) -> None:
    """No label was bought for a delivery that had a live one, nor two at once, nor after one that was cancelled.

    Args:
        hands: the people and their shop.
        seen: how it stood before.
        asked: the delivery that a person asked a label for.
        is_another: in so many words, beside one that is live.
    """
    new = [shipment for shipment in _shipments(people) if shipment.shipment_id not in seen.shipments]
    bought = [shipment for shipment in new if shipment.made_by == "api"]
    owners = [_owner(shipment) for shipment in bought if shipment.is_live]
    assert len(owners) == len(set(owners)), f"two labels in one run: {owners}"
    for label in bought:
        owner = _owner(label)
        if owner == asked and is_another:
            continue
        assert owner not in seen.cancelled or owner == asked, (
            f"{label.order_number} was bought after one that was cancelled"
        )
        others = [shipment.shipment_id for shipment in _rivals(people, label, seen)]
        assert not others, f"{label.order_number} was bought beside {others}"


def _owner(shipment: Shipment) -> DeliveryId:
    parsed = parse_reference(shipment.external_reference_id or "")
    assert parsed, f"{shipment.shipment_id} was made without a reference of ours"
    return parsed[1]


def _rivals(people: People, label: Shipment, seen: Before) -> Iterator[Shipment]:
    """Live shipments of the same delivery that a look could have found."""
    owner = _owner(label)
    shown_since = seen.at - people.shop.behaviour.lookups_lag
    for other in seen.shipments.values():
        if not other.is_live:
            continue
        if other.external_reference_id:
            if _owner(other) == owner:
                yield other
        elif other.updated_at <= shown_since and _could_be(people, other, label, owner):
            yield other


def _could_be(people: People, other: Shipment, label: Shipment, owner: DeliveryId) -> bool:
    known = people.shop.records.shipment(ShipmentId(other.shipment_id))
    if known is not None and known.owner not in {None, owner}:
        return False
    return other.order_number in _numbers(people, label, owner) and _place(other) == _place(label)


def _numbers(people: People, label: Shipment, owner: DeliveryId) -> set[str]:
    office = people.shop.office
    orders = {
        str(order)
        for number in office.delivery_numbers()
        if office.delivery_id(number).lower() == owner
        for order in office.orders_of(number)
    }
    return {label.order_number} | orders


def _place(shipment: Shipment) -> tuple[str, str]:
    to = shipment.to_address
    return str(to.get("country_code")), "".join(str(to.get("postal_code")).split()).upper()


# ── tracking ─────────────────────────────────────────────────────────────────────────────────────


def assert_tracking_is_its_own(people: People, seen: Before) -> None:
    """A number that was written belongs to a shipment of that very delivery, and to no other delivery's."""
    office = people.shop.office
    by_number = {candidate.tracking_number: candidate for candidate in _shipments(people)}
    written = {value: office.tracking(value) for value in office.delivery_numbers()}
    for delivery, number in written.items():
        if not number or number == people.typed(delivery) or seen.tracking.get(delivery) == number:
            continue
        shipment = by_number[number]
        if shipment.external_reference_id:
            assert _owner(shipment) == people.shop.delivery_id(delivery), f"{delivery} carries {number}"
        else:
            order, _, part = shipment.order_number.partition("/")
            assert int(order) in office.orders_of(delivery), f"{delivery} carries {number} of {order}"
            assert part in {"", str(delivery)}, f"{delivery} carries {number} of {shipment.order_number}"
    numbers = [number for number in written.values() if number]
    assert len(numbers) == len(set(numbers)), f"one number on two deliveries: {written}"


# ── ledger ───────────────────────────────────────────────────────────────────────────────────────


def assert_nothing_forgotten(people: People, run: Run) -> None:
    """After a run that went well every delivery is labelled, waits, is held with a reason, or is left alone with one."""
    if run.exit_status not in GOOD:
        return
    records = people.shop.records
    todo = {candidate.delivery_id for candidate in records.todo()}
    for number in people.shop.office.delivery_numbers():
        key = people.shop.delivery_id(number)
        record = records.delivery(key)
        assert record is not None or key in todo, f"delivery {number} is forgotten"
        if record is not None:
            assert key in todo or _is_accounted_for(people, record), (
                f"delivery {number} is in limbo: {record}"
            )


def _is_accounted_for(people: People, record: DeliveryRecord) -> bool:
    if record.label or record.excluded or record.problems or record.open_attempt:
        return True
    entry = people.shop.records.incoming(record.incoming) if record.incoming else None
    waits = entry is not None and entry.is_incoming
    by_hand = not people.shop.division.policy.labels.create_automatically
    return by_hand and (waits or _is_taken(people, record))


def _is_taken(people: People, record: DeliveryRecord) -> bool:
    return bool({str(number) for number in record.order_numbers} & people.touched)


def assert_records_are_sound(people: People, run: Run) -> None:
    """``errors`` agrees with the records, the ledger reads well, and nothing personal stands in any file."""
    records = people.shop.records
    if run.error is None and not run.dry_run:
        assert run.result.needs_a_person == len(open_problems(records))
        assert (run.exit_status is ExitStatus.ATTENTION) <= bool(open_problems(records))
    for record in records.deliveries():
        assert (record.label is None) or record.label.how in {"bought", "found", "adopted"}
        live = [attempt for attempt in record.attempts if attempt.state == "live"]
        assert len(live) <= 1 + (len(record.label.beside) if record.label else 0), record
    assert [finding.message for finding in verify(people.ledger)] == []


def assert_state_is_impersonal(people: People) -> None:
    """No customer's name, address, telephone or e-mail stands in the ledger."""
    for path, content in files_of(people.ledger).items():
        text = content.decode("utf-8", "replace").casefold()
        assert [name for name in PERSONAL if name.casefold() in text] == [], path
