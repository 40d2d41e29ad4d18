"""What a person reads where tracking number or label did not arrive in Exact (S12). Pure."""

from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import DeliveryRecord
from exactsend.domain.templates import sentence
from exactsend.engine.plan.actions import RemoveTracking, WriteBack
from exactsend.errors import ApiError, Refused
from exactsend.trade.masking import masked


def taken(action: WriteBack) -> Problem:
    """Another number stands there, which is not overwritten."""
    return Problem(
        Code.TRACKING_TAKEN,
        sentence(
            "{name} already carries another tracking number in Exact; it was not overwritten",
            name=action.subject.name,
        ),
        field="TrackingNumber",
        remedy=sentence(
            "If the label of Sendcloud is the right one, empty the field in Exact; the next run writes it. Otherwise cancel that label."
        ),
    )


def unreadable(action: WriteBack, why: str) -> Problem:
    """Exact does not show the delivery whole, so nothing is written over what may stand there."""
    return Problem(
        Code.WRITEBACK_FAILED,
        sentence("{name} can't be read in Exact, so its tracking was not written", name=action.subject.name),
        remedy=sentence(
            "Open it in Exact and see whether the signed-in user may see all of it; it is tried again by itself."
        ),
        detail=masked(why),
    )


def not_taken_back(action: RemoveTracking, answer: ApiError) -> Problem:
    """Exact refuses to change the delivery, which so shows the number of a label that is cancelled (S14)."""
    return Problem(
        Code.WRITEBACK_REFUSED,
        sentence(
            "the label of {name} is cancelled, and Exact refused to take its tracking number out again",
            name=action.subject.name,
        ),
        field="TrackingNumber",
        remedy=sentence(
            "Empty the field in Exact, and take the line out of the remarks. It is tried again by itself."
        ),
        detail=masked(_words_of(answer)),
    )


def refused(action: WriteBack, answer: ApiError) -> Problem:
    """Exact refuses to change the delivery."""
    return Problem(
        Code.WRITEBACK_REFUSED,
        sentence("Exact refused the tracking number of {name}", name=action.subject.name),
        remedy=sentence(
            "Check in Exact whether the delivery may still be changed; it is tried again by itself."
        ),
        detail=masked(_words_of(answer)),
    )


def shipment_unreadable(delivery: DeliveryRecord, answer: ApiError) -> Problem:
    """Sendcloud does not show the shipment, so its tracking number is not known."""
    return Problem(
        Code.WRITEBACK_FAILED,
        sentence(
            "Sendcloud does not show the label of delivery {number}, so its tracking was not written into Exact",
            number=delivery.number,
        ),
        remedy=sentence(
            "It is tried again by itself. If it stays, look at the shipment in Sendcloud's panel."
        ),
        detail=masked(answer.said or answer.message),
    )


def not_arrived(action: WriteBack) -> Problem:
    """Exact took the number and does not show it."""
    return Problem(
        Code.WRITEBACK_FAILED,
        sentence(
            "Exact took the tracking number of {name}, but it did not stand there when read back",
            name=action.subject.name,
        ),
        field="TrackingNumber",
        remedy=sentence(
            "It is tried again by itself. If it stays, check the rights of the signed-in user on deliveries in Exact."
        ),
    )


def truncated(action: WriteBack, fitting: str) -> Problem:
    """Exact keeps a part of the numbers."""
    return Problem(
        Code.TRACKING_TRUNCATED,
        sentence(
            "Exact has no room for all tracking numbers of {name}; it now holds {held}",
            name=action.subject.name,
            held=sentence("those that fit") if fitting else sentence("a part"),
        ),
        field="TrackingNumber",
        remedy=sentence(
            "All of them stand in the remarks. Close this with: {accept}.",
            accept=action.subject.by_hand("accept"),
        ),
    )


def attached_later(action: WriteBack) -> Problem:
    """Labels can't be attached at all for the moment."""
    return Problem(
        Code.WRITEBACK_FAILED,
        sentence(
            "the label of {name} was not attached in Exact yet; the tracking number was written",
            name=action.subject.name,
        ),
        field="Document",
        remedy=sentence("exactsend status tells which call is refused and what would let it pass."),
    )


def document_failed(action: WriteBack, failed: ApiError) -> Problem:
    """The label could not be attached."""
    return Problem(
        Code.WRITEBACK_FAILED,
        sentence(
            "the label of {name} could not be attached in Exact; the tracking number was written",
            name=action.subject.name,
        ),
        field="Document",
        remedy=sentence(
            "It is tried again by itself. If it stays, check the app's right to manage documents (Organization documents)."
        ),
        detail=masked(failed.message),
    )


def _words_of(answer: ApiError) -> str:
    """What the service itself said, or else what the call made of it."""
    named = answer.problems if isinstance(answer, Refused) else ()
    return "; ".join(problem.detail for problem in named) or answer.said or answer.message
