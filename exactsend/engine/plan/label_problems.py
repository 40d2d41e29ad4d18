"""What a person reads where no label is bought: why not, and what to do (S2, S4, S6, S7). Sentences, and when each is looked at again. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from exactsend.domain.problems import Code, Problem
from exactsend.domain.templates import sentence
from exactsend.engine.plan.actions import Subject
from exactsend.engine.plan.destinations import town_of
from exactsend.sendcloud.models import Shipment

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


def live_elsewhere(subject: Subject, shipments: Sequence[Shipment], *, town: str, following: int) -> Problem:
    """S2: there is a live label that may be its own, and nothing proves it.

    Args:
        subject: the delivery.
        shipments: the live ones.
        town: where Exact says that it goes; empty where that can't be read.
        following: the number of the delivery's next attempt.
    """
    ids = ", ".join(shipment.id for shipment in shipments)
    towns = sentence(" and ").join(
        dict.fromkeys(
            town_of(shipment.to_address) or sentence("a town that is not told") for shipment in shipments
        )
    )
    which = shipments[0].id if len(shipments) == 1 else "ID"
    return Problem(
        Code.LABELLED_ELSEWHERE,
        sentence(
            "Sendcloud has a live label that may be that of {name} and was not made here: shipment {ids} to {towns}; Exact says {town}",
            name=subject.name,
            ids=ids,
            towns=towns,
            town=town or sentence("an address that can't be read"),
        ),
        remedy=sentence(
            "If it is this delivery's label, take it over with: {accept} --shipment {which}. If the delivery needs one of its own, "
            "cancel the other in Sendcloud's panel, or ask for it with: {create} --another {following}.",
            accept=subject.by_hand("accept"),
            which=which,
            create=subject.by_hand("create"),
            following=following,
        ),
    )


def ambiguous(subject: Subject, shipments: Sequence[Shipment]) -> Problem:
    """S4: several shipments could be the delivery's."""
    ids = ", ".join(shipment.id for shipment in shipments)
    return Problem(
        Code.LABEL_AMBIGUOUS,
        sentence("several labels at Sendcloud fit {name}: shipments {ids}", name=subject.name, ids=ids),
        remedy=sentence(
            "Cancel in Sendcloud's panel those that are not used; the one that is left is taken over by itself. Or take one over with: "
            "{accept} --shipment ID.",
            accept=subject.by_hand("accept"),
        ),
    )


def contested(subject: Subject, shipment: Shipment) -> Problem:
    """S4: one shipment could be the label of several deliveries."""
    return Problem(
        Code.LABEL_AMBIGUOUS,
        sentence(
            "a label at Sendcloud fits {name} and another delivery as well: shipment {id}",
            name=subject.name,
            id=shipment.id,
        ),
        remedy=sentence(
            "Look which of them it is for, and take it over with: {accept} --shipment {id}. The other goes on by itself then.",
            accept=subject.by_hand("accept"),
            id=shipment.id,
        ),
    )


def taken_in_panel(subject: Subject) -> Problem:
    """S7: a person removed its entry, or made a label from it that is no longer there."""
    return Problem(
        Code.TAKEN_IN_PANEL,
        sentence(
            "the incoming order of {name} was removed in Sendcloud's panel; its label is not bought automatically",
            name=subject.name,
        ),
        remedy=sentence(
            "Make the label in the panel, or ask for it with: {create}. If it needs none, close this with: {accept}.",
            create=subject.by_hand("create"),
            accept=subject.by_hand("accept"),
        ),
    )


def entry_vanished(subject: Subject, minutes: int) -> Problem:
    """S7: its entry has just vanished, as it does when somebody makes a label from it, which a look-up may find only later."""
    return Problem(
        Code.ENTRY_VANISHED,
        sentence(
            "the incoming order of {name} has just vanished from Sendcloud, as it does when a label is made from it in the panel; "
            "nothing was bought",
            name=subject.name,
        ),
        remedy=sentence(
            "Look in the panel whether its label was made: then the next run takes it over. If it was not, ask again in {minutes} minutes with: {create}.",
            minutes=minutes,
            create=subject.by_hand("create"),
        ),
    )


def cancelled(subject: Subject, number: int) -> Problem:
    """S6: after a cancelled label only a person starts another."""
    return Problem(
        Code.LABEL_CANCELLED,
        sentence("the label of {name} was cancelled at Sendcloud", name=subject.name),
        remedy=sentence(
            "If it needs another one: {create} --another {number}, or make it in Sendcloud's panel. If it needs none, close this with: {accept}.",
            create=subject.by_hand("create"),
            number=number,
            accept=subject.by_hand("accept"),
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


def corrected_in_panel(fields: Sequence[str], shipment: Shipment, town: str) -> str:
    """S4: what a person corrected on a label that was made from its entry; empty where nothing was."""
    if not fields:
        return ""
    return sentence(
        "Its address was corrected in Sendcloud's panel ({fields}): the label goes to {there}, and Exact says {town}. Correct it in Exact too.",
        fields=", ".join(fields),
        there=town_of(shipment.to_address) or sentence("a town that is not told"),
        town=town or sentence("an address that can't be read"),
    )


def record_damaged(subject: Subject) -> Problem:
    """S2: a witness is lost, so a person looks."""
    return Problem(
        Code.RECORD_DAMAGED,
        sentence(
            "what is remembered of {name} is damaged, and may tell of a label; none is bought by itself",
            name=subject.name,
        ),
        remedy=sentence(
            "Look in Sendcloud's panel whether it has one. If not: {create}. `exactsend ledger verify` names the damaged file.",
            create=subject.by_hand("create"),
        ),
    )
