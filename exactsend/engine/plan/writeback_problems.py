"""What a person reads where tracking number or label did not arrive in Exact (S12). Pure."""

from exactsend.domain.problems import Code, Problem
from exactsend.domain.records import DeliveryRecord
from exactsend.engine.plan.actions import RemoveTracking, WriteBack
from exactsend.errors import ApiError, Refused
from exactsend.trade.masking import masked


def taken(action: WriteBack) -> Problem:
    """Another number stands there, which is not overwritten."""
    return Problem(Code.TRACKING_TAKEN, {"name": action.subject.name})


def unreadable(action: WriteBack, why: str) -> Problem:
    """Exact does not show the delivery whole, so nothing is written over what may stand there."""
    return Problem(
        Code.WRITEBACK_FAILED,
        {"name": action.subject.name},
        variant="delivery_unreadable",
        detail=masked(why),
    )


def not_taken_back(action: RemoveTracking, answer: ApiError) -> Problem:
    """Exact refuses to change the delivery, which so shows the number of a label that is cancelled (S14)."""
    return Problem(
        Code.WRITEBACK_REFUSED,
        {"name": action.subject.name},
        variant="not_taken_back",
        detail=masked(_words_of(answer)),
    )


def refused(action: WriteBack, answer: ApiError) -> Problem:
    """Exact refuses to change the delivery."""
    return Problem(Code.WRITEBACK_REFUSED, {"name": action.subject.name}, detail=masked(_words_of(answer)))


def shipment_unreadable(delivery: DeliveryRecord, answer: ApiError) -> Problem:
    """Sendcloud does not show the shipment, so its tracking number is not known."""
    return Problem(
        Code.WRITEBACK_FAILED,
        {"number": str(delivery.number)},
        variant="shipment_unreadable",
        detail=masked(answer.said or answer.message),
    )


def number_not_in_exact(action: WriteBack) -> Problem:
    """Exact took the number and does not show it."""
    return Problem(Code.WRITEBACK_FAILED, {"name": action.subject.name}, variant="not_arrived")


def truncated(action: WriteBack, fitting: str) -> Problem:
    """Exact keeps a part of the numbers."""
    return Problem(
        Code.TRACKING_TRUNCATED,
        {"name": action.subject.name, "accept": action.subject.by_hand("accept")},
        variant="" if fitting else "in_part",
    )


def attached_later(action: WriteBack) -> Problem:
    """Labels can't be attached at all for the moment."""
    return Problem(Code.WRITEBACK_FAILED, {"name": action.subject.name}, variant="attached_later")


def document_failed(action: WriteBack, failed: ApiError) -> Problem:
    """The label could not be attached."""
    return Problem(
        Code.WRITEBACK_FAILED,
        {"name": action.subject.name},
        variant="not_attached",
        detail=masked(failed.message),
    )


def _words_of(answer: ApiError) -> str:
    """What the service itself said, or else what the call made of it."""
    named = answer.problems if isinstance(answer, Refused) else ()
    return "; ".join(problem.detail for problem in named) or answer.said or answer.message
