"""Requests that a service refuses, as text and in the status document: which, since when, the consequence, and the remedy."""

from exactsend.domain.division_records import RefusedQuestion
from exactsend.domain.request_purposes import purpose_of, remedy_for
from exactsend.errors import NAMELESS
from exactsend.views.text.json_documents import JsonObject, time_text
from exactsend.views.text.time_format import moment_text

SERVICES = {"exact": "Exact", "sendcloud": "Sendcloud"}
_FIRST_ERROR = 400


def refused_request_object(refused: RefusedQuestion) -> JsonObject:
    """A refused request in the status document."""
    return {
        "service": refused.service,
        "endpoint": refused.name,
        "status": refused.status,
        "since": time_text(refused.since),
        "not_done": not_done(refused),
        "remedy": remedy_for(refused),
    }


def refused_sentence(refused: RefusedQuestion) -> str:
    """Which request is refused, and since when; without a full stop."""
    return f"{what_is_refused(refused)}, since {moment_text(refused.since)}"


def what_is_refused(refused: RefusedQuestion) -> str:
    """Which request is refused, and with which status."""
    service = SERVICES[refused.service]
    if refused.endpoint.endswith(NAMELESS):
        return f"{service} lists rows at {refused.name.removesuffix(NAMELESS)} that name no record"
    if refused.status is not None and refused.status < _FIRST_ERROR:
        return f"{service}'s answer to {refused.name} can't be read"
    status = "" if refused.status is None else f" ({refused.status})"
    return f"{service} refuses {refused.name}{status}"


def not_done(refused: RefusedQuestion) -> str:
    """What exactsend skips or does differently while the request is refused."""
    return purpose_of(refused.service, refused.method, refused.endpoint).not_done


def refused_line(refused: RefusedQuestion) -> str:
    """Request, consequence and remedy in one line."""
    return f"{refused_sentence(refused)}. {not_done(refused)} → {remedy_for(refused)}"
