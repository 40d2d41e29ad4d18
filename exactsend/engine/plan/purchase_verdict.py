"""Decides whether a purchase may go on, by what both services say right before it (S2, S4, S6, S7). Pure."""

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
from exactsend.engine.plan.ownership import candidates, may_be_made_again
from exactsend.engine.snapshot import Snapshot
from exactsend.exact.models import GoodsDelivery
from exactsend.sendcloud.models import Shipment


@dataclass(frozen=True)
class PurchaseEvidence:
    """What both services said right before a purchase."""

    delivery: GoodsDelivery | None
    """As it is now in Exact; None: it was deleted."""
    attempts: tuple[Shipment, ...]
    """The shipments of this delivery's references, the first attempt first."""
    with_numbers: tuple[Shipment, ...]
    """Shipments of all integrations with one of the delivery's numbers, and labels of deleted deliveries of its orders."""
    of_this_integration: frozenset[str]
    vanished: tuple[IncomingRecord, ...] = ()
    """Incoming orders of the delivery and its orders that were seen stored, not withdrawn, and are gone (S7)."""
    gone: frozenset[DeliveryId] = frozenset()
    """Other labelled deliveries of its orders that Exact has deleted since they were read."""


@dataclass(frozen=True)
class Buy:
    """Buy with this reference."""

    attempt: int
    reference: Reference
    beside: tuple[ShipmentId, ...] = ()
    """Live shipments that a person knew of when requesting another label."""


@dataclass(frozen=True)
class Adopt:
    """Adopt this shipment: it was bought or made already."""

    shipment: Shipment
    found_by_reference: bool


@dataclass(frozen=True)
class DoNotBuy:
    """Don't buy. ``problem``: what a person should read; without one the next run decides again."""

    reason: str
    problem: Problem | None = None
    is_lasting: bool = True
    """False: the problem only answers a person's request once. True: ``errors`` lists it until it is corrected."""


Verdict = Buy | Adopt | DoNotBuy


def judge(snapshot: Snapshot, action: BuyLabel, evidence: PurchaseEvidence) -> Verdict:
    """Decide whether the purchase may go on."""
    snapshot = replace(snapshot, gone_deliveries=snapshot.gone_deliveries | evidence.gone)
    if evidence.delivery is None:
        return DoNotBuy("deleted")
    live = (
        next((attempt for attempt in evidence.attempts if attempt.is_live), None)
        if action.another is None
        else None
    )
    written = evidence.delivery.tracking_number
    if live is None and written and written != action.record.writeback.tracking:
        return DoNotBuy("has_tracking_number")
    if evidence.delivery.modified != (
        action.consignment.delivery.modified if action.consignment.delivery else None
    ):
        return DoNotBuy("changed_meanwhile")
    if live is not None:
        return Adopt(live, found_by_reference=True)
    if action.another is None and (
        stop := _made_otherwise(snapshot, action, evidence) or _vanished(snapshot, action, evidence)
    ):
        return stop
    return _next_attempt(snapshot, action, evidence)


def _made_otherwise(snapshot: Snapshot, action: BuyLabel, evidence: PurchaseEvidence) -> Verdict | None:
    """The verdict if somebody made a label, by hand or with another program; None if nobody did (S2, S4)."""
    if may_be_made_again(snapshot, action.record):
        return DoNotBuy("changed_meanwhile")
    own = {attempt.id for attempt in evidence.attempts}
    others = tuple(shipment for shipment in evidence.with_numbers if shipment.id not in own)
    found = candidates(snapshot, action.consignment, action.record, others, set(evidence.of_this_integration))
    if len(found.fitting) == 1 and not found.elsewhere:
        return Adopt(found.fitting[0], found_by_reference=False)
    if len(found.fitting) > 1:
        return DoNotBuy("label_ambiguous", ambiguous(action.subject, found.fitting))
    if found.elsewhere:
        town = town_in_exact(snapshot, action.consignment)
        live = (*found.fitting, *found.elsewhere)
        problem = live_elsewhere(action.subject, live, town=town, following=_following(evidence))
        return DoNotBuy("labelled_elsewhere", problem)
    return None


def _vanished(snapshot: Snapshot, action: BuyLabel, evidence: PurchaseEvidence) -> Verdict | None:
    """The verdict on vanished incoming orders: not bought automatically, and on request only after a lookup had time to find a label (S7)."""
    if not evidence.vanished:
        return None
    if action.delivery_id not in snapshot.asked:
        return DoNotBuy("taken_in_panel", taken_in_panel(action.subject))
    settle = timedelta(minutes=snapshot.policy.labels.settle_minutes)
    missed = max(
        incoming_order.missed_at or incoming_order.changed_at for incoming_order in evidence.vanished
    )
    if snapshot.now - missed < settle:
        problem = entry_vanished(action.subject, snapshot.policy.labels.settle_minutes)
        return DoNotBuy("entry_vanished", problem, is_lasting=False)
    return None


def _next_attempt(snapshot: Snapshot, action: BuyLabel, evidence: PurchaseEvidence) -> Verdict:
    """The first attempt that Sendcloud doesn't know (S2), if the rules allow another one (S6)."""
    number = _following(evidence)
    if action.another is not None and action.another != number:
        return DoNotBuy("another_is_not_next", another_is_not_next(action.subject, number), is_lasting=False)
    asked = action.delivery_id in snapshot.asked
    if not asked and any(attempt.is_cancelled for attempt in evidence.attempts):
        return DoNotBuy("label_cancelled", cancelled(action.subject, number))
    known = {attempt.reference for attempt in action.record.attempts if attempt.state is AttemptState.FAILED}
    unseen_failures = [
        attempt
        for attempt in evidence.attempts
        if attempt.is_failed and attempt.external_reference_id not in known
    ]
    if unseen_failures and not asked:
        # A lost ledger or a lost answer: record it now, decide in the next run.
        return Adopt(unseen_failures[-1], found_by_reference=True)
    reference = label_reference(snapshot.identity.division, action.delivery_id, number)
    return Buy(number, reference, _reported_shipments(action, evidence) if action.another is not None else ())


def _following(evidence: PurchaseEvidence) -> int:
    return max([len(evidence.attempts), *_own_numbers(evidence)]) + 1


def _reported_shipments(action: BuyLabel, evidence: PurchaseEvidence) -> tuple[ShipmentId, ...]:
    """The shipments that held the delivery as labelled elsewhere. Those made since are new to the person (S6)."""
    reported = action.record.problems.get("label")
    if reported is None or reported.code != Code.LABELLED_ELSEWHERE:
        return ()
    named = " ".join(value for value in reported.values.values() if isinstance(value, str))
    return tuple(
        ShipmentId(shipment.id)
        for shipment in evidence.with_numbers
        if shipment.is_live and shipment.id in named
    )


def _own_numbers(evidence: PurchaseEvidence) -> Iterator[int]:
    """The attempt numbers of our references, including one that is missing because Sendcloud forgot a failed shipment's reference."""
    for attempt in evidence.attempts:
        if parsed := parse_reference(attempt.external_reference_id):
            yield parsed[2]
