"""The verdict of the last look before a purchase, on what both sides said at that moment (S2, S4, S6, S7). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from exactsend.domain.ids import DeliveryId, Reference, ShipmentId, label_reference, parse_reference
from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import AttemptState, IncomingRecord
from exactsend.engine.plan.actions import BuyLabel
from exactsend.engine.plan.destinations import town_in_exact
from exactsend.engine.plan.label_problems import (
    ambiguous,
    another_is_not_next,
    cancelled,
    entry_vanished,
    live_elsewhere,
    taken_in_panel,
)
from exactsend.engine.plan.ownership import candidates, is_made_again_meanwhile
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery
from exactsend.sendcloud.models import Shipment


@dataclass(frozen=True)
class Look:
    """What both sides said immediately before a purchase."""

    delivery: GoodsDelivery | None
    """As it is now in Exact; None: it is gone."""
    attempts: tuple[Shipment, ...]
    """What the references of this delivery were used for so far, the first one first."""
    with_numbers: tuple[Shipment, ...]
    """Shipments with one of the delivery's numbers, of all integrations; and the labels of deliveries of its orders that are gone."""
    of_this_integration: frozenset[str]
    vanished: tuple[IncomingRecord, ...] = ()
    """Entries of the delivery, and of the orders that it covers, that were seen stored, were not withdrawn and are gone (S7)."""
    gone: frozenset[DeliveryId] = frozenset()
    """Other deliveries of its orders that have a label, and that Exact has deleted since they were read."""


@dataclass(frozen=True)
class Buy:
    """Go on, under this reference."""

    attempt: int
    reference: Reference
    beside: tuple[ShipmentId, ...] = ()
    """Live shipments that a person was told of, and asked for another label all the same."""


@dataclass(frozen=True)
class Adopt:
    """It has been bought or made already: this shipment is it."""

    shipment: Shipment
    found_by_reference: bool


@dataclass(frozen=True)
class DoNotBuy:
    """Do not buy. ``problem`` is what a person should read; without one the next run decides anew."""

    reason: str
    problem: Problem | None = None
    is_lasting: bool = True
    """It stands in ``errors`` until it is cured; otherwise it answers a person's wish, once."""


Verdict = Buy | Adopt | DoNotBuy


def judge(snapshot: Snapshot, action: BuyLabel, look: Look) -> Verdict:
    """Whether the purchase may go on, after the last look."""
    snapshot = replace(snapshot, gone_deliveries=snapshot.gone_deliveries | look.gone)
    if look.delivery is None:
        return DoNotBuy("deleted")
    live = (
        next((attempt for attempt in look.attempts if attempt.is_live), None)
        if action.another is None
        else None
    )
    written = look.delivery.tracking_number
    if live is None and written and written != action.record.writeback.tracking:
        return DoNotBuy("has_tracking_number")
    if look.delivery.modified != (
        action.consignment.delivery.modified if action.consignment.delivery else None
    ):
        return DoNotBuy("changed_meanwhile")
    if live is not None:
        return Adopt(live, found_by_reference=True)
    if action.another is None and (
        stop := _made_otherwise(snapshot, action, look) or _vanished(snapshot, action, look)
    ):
        return stop
    return _next_attempt(snapshot, action, look)


def _made_otherwise(snapshot: Snapshot, action: BuyLabel, look: Look) -> Verdict | None:
    """A label that somebody made, by hand or with another program (S2, S4)."""
    if is_made_again_meanwhile(snapshot, action.record):
        return DoNotBuy("changed_meanwhile")
    own = {attempt.id for attempt in look.attempts}
    others = tuple(shipment for shipment in look.with_numbers if shipment.id not in own)
    found = candidates(snapshot, action.consignment, action.record, others, set(look.of_this_integration))
    if len(found.fitting) == 1 and not found.elsewhere:
        return Adopt(found.fitting[0], found_by_reference=False)
    if len(found.fitting) > 1:
        return DoNotBuy("label_ambiguous", ambiguous(action.subject, found.fitting))
    if found.elsewhere:
        town = town_in_exact(snapshot, action.consignment)
        live = (*found.fitting, *found.elsewhere)
        problem = live_elsewhere(action.subject, live, town=town, following=_following(look))
        return DoNotBuy("labelled_elsewhere", problem)
    return None


def _vanished(snapshot: Snapshot, action: BuyLabel, look: Look) -> Verdict | None:
    """An entry that somebody took: never bought for by itself, and for a person only when a look-up has had time to find a label (S7)."""
    if not look.vanished:
        return None
    if action.delivery_id not in snapshot.asked:
        return DoNotBuy("taken_in_panel", taken_in_panel(action.subject))
    settle = timedelta(minutes=snapshot.policy.labels.settle_minutes)
    missed = max(entry.missed_at or entry.changed_at for entry in look.vanished)
    if snapshot.now - missed < settle:
        problem = entry_vanished(action.subject, snapshot.policy.labels.settle_minutes)
        return DoNotBuy("entry_vanished", problem, is_lasting=False)
    return None


def _next_attempt(snapshot: Snapshot, action: BuyLabel, look: Look) -> Verdict:
    """The first attempt that Sendcloud does not know (S2), if the rules allow another one (S6)."""
    number = _following(look)
    if action.another is not None and action.another != number:
        return DoNotBuy("another_is_not_next", another_is_not_next(action.subject, number), is_lasting=False)
    asked = action.delivery_id in snapshot.asked
    if not asked and any(attempt.is_cancelled for attempt in look.attempts):
        return DoNotBuy("label_cancelled", cancelled(action.subject, number))
    known = {attempt.reference for attempt in action.record.attempts if attempt.state is AttemptState.FAILED}
    unseen_failures = [
        attempt
        for attempt in look.attempts
        if attempt.is_failed and attempt.external_reference_id not in known
    ]
    if unseen_failures and not asked:
        # A lost ledger, or an answer that was never read: learn of it now, decide on it in the next run.
        return Adopt(unseen_failures[-1], found_by_reference=True)
    reference = label_reference(snapshot.identity.division, action.delivery_id, number)
    return Buy(number, reference, _told_of(action, look) if action.another is not None else ())


def _following(look: Look) -> int:
    return max([len(look.attempts), *_own_numbers(look)]) + 1


def _told_of(action: BuyLabel, look: Look) -> tuple[ShipmentId, ...]:
    """Those that held the delivery as labelled elsewhere, and no others: what was made meanwhile is news (S6)."""
    told = action.record.problems.get("label")
    if told is None or told.code != Code.LABELLED_ELSEWHERE:
        return ()
    named = " ".join(value for value in told.values.values() if isinstance(value, str))
    return tuple(
        ShipmentId(shipment.id) for shipment in look.with_numbers if shipment.is_live and shipment.id in named
    )


def _own_numbers(look: Look) -> Iterator[int]:
    """The numbers that references of ours have: one may be missing, where Sendcloud forgets the references of failed shipments."""
    for attempt in look.attempts:
        if parsed := parse_reference(attempt.external_reference_id):
            yield parsed[2]
