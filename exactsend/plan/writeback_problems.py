"""What a person reads where tracking number or label did not arrive in Exact (S12). Pure."""

from exactsend.domain.problems import Code, Problem
from exactsend.domain.sentences import sentence
from exactsend.errors import ApiError, Refused
from exactsend.mapping.masking import masked
from exactsend.plan.actions import WriteBack


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


def refused(action: WriteBack, answer: Refused) -> Problem:
    """Exact refuses to change the delivery."""
    said = "; ".join(one.detail for one in answer.problems) or answer.message
    return Problem(
        Code.WRITEBACK_REFUSED,
        sentence("Exact refused the tracking number of {name}", name=action.subject.name),
        remedy=sentence(
            "Check in Exact whether the delivery may still be changed; it is tried again by itself."
        ),
        detail=masked(said),
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
