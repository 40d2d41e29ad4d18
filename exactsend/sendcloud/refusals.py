"""What Sendcloud's refusals of a push or a cancellation mean. Pure."""

import re

from exactsend.errors import FieldProblem, Refused
from exactsend.sendcloud.wire import CONFLICT

_INDEX = re.compile(r"/\[(\d+)\](?:/|$)")


def culprit_index(pointer: str) -> int | None:
    """The index of the order that a pointer such as ``/data/attributes/[1]/order_id`` names; None if it names none."""
    found = _INDEX.search(pointer)
    return int(found[1]) if found else None


def is_still_processing(problem: FieldProblem) -> bool:
    """Whether the order is valid but still being stored, so that the push must be repeated later."""
    return "still processing" in problem.detail.lower()


def is_being_cancelled(refused: Refused) -> bool:
    """Whether a cancellation is refused because the shipment is being cancelled or has been."""
    is_conflict = refused.http_status == CONFLICT
    return is_conflict and any(
        "already being cancelled" in problem.detail.lower() for problem in refused.problems
    )
