"""What a person reads where no label is bought: why not, and what to do (S2, S4, S6, S7). Problems, and when each is looked at again. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from exactsend.domain.problems import Code, Phrase, Problem
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
"""Holds that are cured outside Exact. Nothing reports the cure, so they are checked again."""


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
    towns = " and ".join(
        dict.fromkeys(town_of(shipment.to_address) or sentence("an unknown town") for shipment in shipments)
    )
    which = shipments[0].id if len(shipments) == 1 else "ID"
    return Problem(
        Code.LABELLED_ELSEWHERE,
        {
            "name": subject.name,
            "ids": ids,
            "towns": towns,
            "town": town or Phrase("town.unreadable"),
            "accept": subject.by_hand("accept"),
            "which": which,
            "create": subject.by_hand("create"),
            "following": str(following),
        },
    )


def ambiguous(subject: Subject, shipments: Sequence[Shipment]) -> Problem:
    """S4: several shipments could be the delivery's."""
    return Problem(
        Code.LABEL_AMBIGUOUS,
        {
            "name": subject.name,
            "ids": ", ".join(shipment.id for shipment in shipments),
            "accept": subject.by_hand("accept"),
        },
    )


def contested(subject: Subject, shipment: Shipment) -> Problem:
    """S4: one shipment could be the label of several deliveries."""
    return Problem(
        Code.LABEL_AMBIGUOUS,
        {"name": subject.name, "id": shipment.id, "accept": subject.by_hand("accept")},
        variant="of_several",
    )


def taken_in_panel(subject: Subject) -> Problem:
    """S7: a person removed its entry, or made a label from it that is no longer there."""
    return Problem(
        Code.TAKEN_IN_PANEL,
        {"name": subject.name, "create": subject.by_hand("create"), "accept": subject.by_hand("accept")},
    )


def entry_vanished(subject: Subject, minutes: int) -> Problem:
    """S7: its entry has just vanished, as it does when somebody makes a label from it, which a look-up may find only later."""
    return Problem(
        Code.ENTRY_VANISHED,
        {"name": subject.name, "minutes": str(minutes), "create": subject.by_hand("create")},
    )


def cancelled(subject: Subject, number: int) -> Problem:
    """S6: after a cancelled label only a person starts another."""
    return Problem(
        Code.LABEL_CANCELLED,
        {
            "name": subject.name,
            "create": subject.by_hand("create"),
            "accept": subject.by_hand("accept"),
            "number": str(number),
        },
    )


def another_is_not_next(subject: Subject, number: int) -> Problem:
    """The attempt that was asked for has been made, or is not the next one."""
    return Problem(
        Code.LABEL_REFUSED,
        {"name": subject.name, "create": subject.by_hand("create"), "number": str(number)},
        variant="another_is_not_next",
    )


def corrected_in_panel(fields: Sequence[str], shipment: Shipment, town: str) -> str:
    """S4: what a person corrected on a label that was made from its entry; empty where nothing was."""
    if not fields:
        return ""
    return sentence(
        "Its address was corrected in Sendcloud's panel ({fields}): the label goes to {there}, and Exact says {town}. Correct it in Exact too.",
        fields=", ".join(fields),
        there=town_of(shipment.to_address) or sentence("an unknown town"),
        town=town or sentence("an address that can't be read"),
    )


def record_damaged(subject: Subject) -> Problem:
    """S2: a witness is lost, so a person looks."""
    return Problem(Code.RECORD_DAMAGED, {"name": subject.name, "create": subject.by_hand("create")})
