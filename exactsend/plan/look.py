"""Whose a shipment is: what may be adopted, and the verdict of the last look before a purchase (S2, S4, S6). Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from exactsend.domain.ids import DeliveryId, Reference, ShipmentId, label_reference, parse_reference
from exactsend.domain.problems import Code, Held, Problem
from exactsend.domain.records import AttemptState, DeliveryRecord
from exactsend.domain.sentences import sentence
from exactsend.exact.models import GoodsDelivery
from exactsend.facts import Consignment
from exactsend.mapping.recipient import recipient
from exactsend.plan.actions import BuyLabel, Subject
from exactsend.plan.polled import named_owner
from exactsend.sendcloud.models import Shipment, ShipmentAddress
from exactsend.snapshot import Snapshot

LOOK_AGAIN = {
    Code.LABELLED_ELSEWHERE: timedelta(minutes=15),
    Code.LABEL_AMBIGUOUS: timedelta(minutes=15),
    Code.SERVICE_POINT_UNAVAILABLE: timedelta(hours=1),
    Code.SERVICE_POINT_UNKNOWN: timedelta(days=1),
    **dict.fromkeys(
        (
            Code.ADDRESS_REFUSED,
            Code.HOUSE_NUMBER_MISSING,
            Code.EMAIL_MISSING,
            Code.PHONE_MISSING,
            Code.WEIGHT_OUT_OF_RANGE,
            Code.DIMENSIONS_MISSING,
            Code.SERVICE_POINT_MISSING,
        ),
        timedelta(days=1),
    ),
}
"""Holds that are cured elsewhere than in Exact: nothing tells when, so they are looked at again."""


def next_look(problem: Problem, now: datetime) -> datetime | None:
    """When a hold is looked at again by itself; None where something must change, or a person ask, first."""
    pause = LOOK_AGAIN.get(problem.code)
    return now + pause if pause else None


@dataclass(frozen=True)
class Candidates:
    """Live shipments that go where the delivery goes and belong to no delivery."""

    fitting: tuple[Shipment, ...] = ()
    """Of this integration and with exactly the number of the delivery's entry: one of these may be adopted."""
    elsewhere: tuple[Shipment, ...] = ()
    """Made otherwise: they stop a purchase, but are not ours to take."""


def numbers_of(consignment: Consignment) -> tuple[str, ...]:
    """The numbers under which a label for the consignment may have been made."""
    numbers = [consignment.incoming_number, *(str(order.order_number) for order in consignment.orders)]
    return tuple(dict.fromkeys(numbers))


def adoptable(snapshot: Snapshot, consignment: Consignment, record: DeliveryRecord) -> Candidates:
    """What the shipments read in this run offer. They are all of this integration."""
    shipments = tuple(snapshot.shipments.values())
    return candidates(snapshot, consignment, record.delivery_id, shipments, {one.id for one in shipments})


def candidates(
    snapshot: Snapshot,
    consignment: Consignment,
    delivery: DeliveryId,
    shipments: tuple[Shipment, ...],
    of_this_integration: set[str],
) -> Candidates:
    """Which of these shipments may be adopted, and which were made elsewhere."""
    numbers = numbers_of(consignment)
    here = [
        one
        for one in shipments
        if one.order_number in numbers and one.is_live and not _is_owned_by_another(snapshot, one, delivery)
    ]
    directions = {one.id: direction(snapshot, consignment, one) for one in here}
    fitting = [
        one
        for one in here
        if directions[one.id] is Direction.SAME
        and one.id in of_this_integration
        and one.order_number == consignment.incoming_number
        and owner_of(snapshot, one) in {None, delivery}
    ]
    elsewhere = [one for one in here if directions[one.id] is not Direction.OTHER and one not in fitting]
    return Candidates(tuple(fitting), tuple(elsewhere))


class Direction(Enum):
    """Whether a shipment goes where a consignment goes."""

    SAME = "same country and postal code"
    OTHER = "another one: a return, or another customer's"
    UNKNOWN = "can't be told, so it stops a purchase and is not taken over"


def direction(snapshot: Snapshot, consignment: Consignment, shipment: Shipment) -> Direction:
    """Compare country and postal code, spaces and case ignored."""
    try:
        to = recipient(consignment, snapshot.policy).address
    except Held:
        return Direction.UNKNOWN
    return heading(shipment.to_address, to.country_code, to.postal_code)


def heading(address: ShipmentAddress, to_country: str, to_postal_code: str) -> Direction:
    """Whether an address that Sendcloud tells is that country and postal code."""
    country, postal_code = _squeeze(address.country_code), _squeeze(address.postal_code)
    if (country, postal_code) == (_squeeze(to_country), _squeeze(to_postal_code)):
        return Direction.SAME
    if not re.fullmatch("[A-Z]{2}", country) or (country == _squeeze(to_country) and not postal_code):
        return Direction.UNKNOWN
    return Direction.OTHER


def live_elsewhere(subject: Subject, shipments: tuple[Shipment, ...]) -> Problem:
    """S2: it has a label that was not made here."""
    ids = ", ".join(shipment.id for shipment in shipments)
    which = shipments[0].id if len(shipments) == 1 else "ID"
    return Problem(
        Code.LABELLED_ELSEWHERE,
        sentence(
            "Sendcloud already has a live label to the address of {name} that was made otherwise: shipment {ids}",
            name=subject.name,
            ids=ids,
        ),
        remedy=sentence(
            "If it is this delivery's label, take it over with: {accept} --shipment {which}. If the delivery needs one of its own, "
            "cancel the other in Sendcloud's panel, or ask for it with: {create} --another 1.",
            accept=subject.by_hand("accept"),
            which=which,
            create=subject.by_hand("create"),
        ),
    )


def _is_owned_by_another(snapshot: Snapshot, shipment: Shipment, delivery: DeliveryId) -> bool:
    """Whether it is the label of another delivery that there is. One that was deleted in Exact, and perhaps made again, needs none."""
    owner = owner_of(snapshot, shipment)
    if owner is None or owner == delivery:
        return False
    record = snapshot.memory.delivery(owner)
    # Of one that is not remembered nobody can say: it was deleted, or the ledger is new and has not come to it yet.
    return record is not None and not record.gone


def owner_of(snapshot: Snapshot, shipment: Shipment) -> DeliveryId | None:
    """The delivery whose shipment it is: as remembered, else as a reference of ours names it."""
    known = snapshot.memory.shipment(ShipmentId(shipment.id))
    return known.owner if known is not None else named_owner(snapshot.identity.division, shipment)


def _squeeze(text: str) -> str:
    return "".join(text.split()).upper()


# ── the last look before a purchase ──────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Look:
    """What both sides said immediately before a purchase."""

    delivery: GoodsDelivery | None
    """As it is now in Exact; None: it is gone."""
    attempts: tuple[Shipment, ...]
    """What the references of this delivery were used for so far, the first one first."""
    with_numbers: tuple[Shipment, ...]
    """Shipments with one of the delivery's numbers, of all integrations."""
    of_this_integration: frozenset[str]
    entry_is_gone: bool = False
    """Our entry was seen stored, was not withdrawn, and now is absent (S7)."""


@dataclass(frozen=True)
class Buy:
    """Go on, under this reference."""

    attempt: int
    reference: Reference
    beside: tuple[ShipmentId, ...] = ()
    """Live shipments that a person was told of, and asked for another label all the same."""


@dataclass(frozen=True)
class Take:
    """It has been bought or made already: this shipment is it."""

    shipment: Shipment
    found_by_reference: bool


@dataclass(frozen=True)
class Refrain:
    """Do not buy. ``problem`` is what a person should read; without one the next run decides anew."""

    reason: str
    problem: Problem | None = None
    is_lasting: bool = True
    """It stands in ``errors`` until it is cured; otherwise it answers a person's wish, once."""


Verdict = Buy | Take | Refrain


def judge(snapshot: Snapshot, action: BuyLabel, look: Look) -> Verdict:
    """Whether the purchase may go on, after the last look."""
    if look.delivery is None:
        return Refrain("deleted")
    if look.delivery.tracking_number and look.delivery.tracking_number != action.record.writeback.tracking:
        return Refrain("has_tracking_number")
    if look.delivery.modified != (
        action.consignment.delivery.modified if action.consignment.delivery else None
    ):
        return Refrain("changed_meanwhile")
    if live := next((one for one in look.attempts if one.is_live), None):
        if action.another is None:
            return Take(live, found_by_reference=True)
    elif look.entry_is_gone and action.another is None and not snapshot.asked.get(action.delivery_id):
        return Refrain("taken_in_panel", taken_in_panel(action.subject))
    if action.another is None and (stop := _made_otherwise(snapshot, action, look)):
        return stop
    return _next_attempt(snapshot, action, look)


def _made_otherwise(snapshot: Snapshot, action: BuyLabel, look: Look) -> Verdict | None:
    own = {one.id for one in look.attempts}
    others = tuple(one for one in look.with_numbers if one.id not in own)
    found = candidates(
        snapshot, action.consignment, action.delivery_id, others, set(look.of_this_integration)
    )
    if len(found.fitting) == 1 and not found.elsewhere:
        return Take(found.fitting[0], found_by_reference=False)
    if len(found.fitting) > 1:
        return Refrain("label_ambiguous", ambiguous(action.subject, found.fitting))
    if found.elsewhere:
        return Refrain("labelled_elsewhere", live_elsewhere(action.subject, found.elsewhere))
    return None


def _next_attempt(snapshot: Snapshot, action: BuyLabel, look: Look) -> Verdict:
    """The first attempt that Sendcloud does not know (S2), if the rules allow another one (S6)."""
    number = max([len(look.attempts), *_own_numbers(look)]) + 1
    if action.another is not None and action.another != number:
        return Refrain("another_is_not_next", another_is_not_next(action.subject, number), is_lasting=False)
    asked = action.delivery_id in snapshot.asked
    if not asked and any(one.is_cancelled for one in look.attempts):
        return Refrain("label_cancelled", cancelled(action.subject, number))
    known = {one.reference for one in action.record.attempts if one.state is AttemptState.FAILED}
    unseen_failures = [
        one for one in look.attempts if one.is_failed and one.external_reference_id not in known
    ]
    if unseen_failures and not asked:
        # A lost ledger, or an answer that was never read: learn of it now, decide on it in the next run.
        return Take(unseen_failures[-1], found_by_reference=True)
    reference = label_reference(snapshot.identity.division, action.delivery_id, number)
    return Buy(number, reference, _told_of(action, look) if action.another is not None else ())


def _told_of(action: BuyLabel, look: Look) -> tuple[ShipmentId, ...]:
    """Those that held the delivery as labelled elsewhere, and no others: what was made meanwhile is news (S6)."""
    told = action.record.problems.get("label")
    if told is None or told.code != Code.LABELLED_ELSEWHERE:
        return ()
    return tuple(ShipmentId(one.id) for one in look.with_numbers if one.is_live and one.id in told.message)


def _own_numbers(look: Look) -> Iterator[int]:
    """The numbers that references of ours have: one may be missing, where Sendcloud forgets the references of failed shipments."""
    for one in look.attempts:
        if parsed := parse_reference(one.external_reference_id):
            yield parsed[2]


def ambiguous(subject: Subject, shipments: tuple[Shipment, ...]) -> Problem:
    """S4: several shipments could be the delivery's."""
    ids = ", ".join(shipment.id for shipment in shipments)
    return Problem(
        Code.LABEL_AMBIGUOUS,
        sentence("several labels at Sendcloud fit {name}: shipments {ids}", name=subject.name, ids=ids),
        remedy=sentence(
            "Cancel in Sendcloud's panel those that are not used; the one that is left is taken over by itself."
        ),
    )


def taken_in_panel(subject: Subject) -> Problem:
    """S7: a person removed its entry."""
    return Problem(
        Code.TAKEN_IN_PANEL,
        sentence(
            "the incoming order of {name} was removed in Sendcloud's panel; its label is not bought automatically",
            name=subject.name,
        ),
        remedy=sentence(
            "Make the label in the panel, or ask for it with: {create}.", create=subject.by_hand("create")
        ),
    )


def cancelled(subject: Subject, number: int) -> Problem:
    """S6: after a cancelled label only a person starts another."""
    return Problem(
        Code.LABEL_CANCELLED,
        sentence("the label of {name} was cancelled at Sendcloud", name=subject.name),
        remedy=sentence(
            "If it needs another one: {create} --another {number}, or make it in Sendcloud's panel.",
            create=subject.by_hand("create"),
            number=number,
        ),
    )


def another_is_not_next(subject: Subject, number: int) -> Problem:
    """The attempt that was asked for has been made, or is not the next one."""
    return Problem(
        Code.LABEL_REFUSED,
        sentence(
            "the next label of {name} would be number {number}, which is not the one that was asked for; nothing was bought",
            name=subject.name,
            number=number,
        ),
        remedy=sentence(
            "To buy it: {create} --another {number}.", create=subject.by_hand("create"), number=number
        ),
    )
