"""``explain``: the whole life of one order or delivery: what is remembered of it, and what both sides say of it now.

Takes no lock, writes nothing. A service that does not answer costs its part of the answer, and that is said.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exactsend.cli.context import CommandContext
from exactsend.cli.queries import look
from exactsend.engine.live_lookup import LiveLookup, current_states, look_up_number
from exactsend.errors import ExactSendError, ExitStatus
from exactsend.http.messages import Json
from exactsend.settings.models import DivisionSettings
from exactsend.views.data.request_history import RequestPurpose
from exactsend.views.data.values import SearchResult
from exactsend.views.text.explanation import now_lines, now_objects
from exactsend.views.text.json_documents import JsonObject, error_object, schema
from exactsend.views.text.outcome_phrases import sentence
from exactsend.views.text.record_view import found_lines, found_object, history_lines
from exactsend.views.text.request_view import sent_lines, sent_object

NOTHING = LiveLookup()


@dataclass(frozen=True)
class Asked:
    """What one division's services said, or why they said nothing."""

    division: str
    found: LiveLookup = NOTHING
    error: ExactSendError | None = None


def explain(
    place: CommandContext, number: str, *, offline: bool, show_data: bool, bodies: bool
) -> ExitStatus:
    """Tell all that is known of a number, and unless ``offline`` what both sides say of it now."""
    looked = look(place)
    found = [one for model in looked.models if (one := model.found(number))]
    names = [model.division for model in looked.models]
    asked = [] if offline or not number.isdigit() else [_ask(place, name, int(number)) for name in names]
    stands = (
        {candidate.division: _stands_now(place, candidate) for candidate in found}
        if show_data and not offline
        else {}
    )
    for failed in (question for question in asked if question.error):
        place.terminal.say(f"exactsend: {failed.division}: not asked what it says now: {failed.error}")
    if place.terminal.json:
        now = [_asked_object(question, show_data=show_data) for question in asked]
        place.terminal.document(
            {
                "schema": schema("explain"),
                "found": [_found_object(candidate, stands.get(candidate.division)) for candidate in found],
                "now": [*now],
            }
        )
    else:
        lines = _lines(number, found, asked, show_data=show_data)
        sent = (
            line
            for candidate in found
            for line in sent_lines(
                candidate.sent, bodies=bodies or show_data, stands=stands.get(candidate.division)
            )
        )
        place.terminal.result("\n".join([*lines, *sent]))
    return looked.status


def _ask(place: CommandContext, name: str, number: int) -> Asked:
    division = place.settings.divisions[name]
    assert isinstance(division, DivisionSettings), "only a sound division has a read model"
    place.terminal.tell(f"asking what both sides say of {number} now")
    try:
        return Asked(name, look_up_number(place.wiring, division, number))
    except ExactSendError as error:
        return Asked(name, error=error)


def _stands_now(place: CommandContext, found: SearchResult) -> dict[str, Json] | None:
    """What was sent as Sendcloud has it now; None where it was not asked, or did not say."""
    division = place.settings.divisions[found.division]
    assert isinstance(division, DivisionSettings), "only a sound division has a read model"
    withdrawn = {
        exchange.call.rpartition("/")[2]
        for exchange in found.sent
        if exchange.purpose is RequestPurpose.ORDER_WITHDRAW
    }
    orders = {
        exchange.made for exchange in found.sent if exchange.purpose is RequestPurpose.ORDER_PUSH
    } - withdrawn
    shipments = {exchange.made for exchange in found.sent if exchange.purpose is RequestPurpose.LABEL_BUY}
    try:
        return current_states(place.wiring, division, orders=orders - {""}, shipments=shipments - {""})
    except ExactSendError as error:
        place.terminal.say(f"exactsend: {found.division}: not asked what stands at Sendcloud now: {error}")
        return None


def _found_object(found: SearchResult, stands: Mapping[str, Json] | None) -> JsonObject:
    """What is remembered; beside what was sent, where that was asked for, what Sendcloud has of it now."""
    told = found_object(found)
    if stands is not None:
        told["sent"] = [
            {
                **sent_object(exchange),
                "at_sendcloud_now": stands.get(exchange.made) if exchange.made else None,
            }
            for exchange in found.sent
        ]
    return told


def _asked_object(asked: Asked, *, show_data: bool) -> JsonObject:
    return {
        "division": asked.division,
        "error": error_object(asked.error) if asked.error else None,
        "read": now_objects(asked.found, show_data=show_data),
    }


def _lines(number: str, found: list[SearchResult], asked: list[Asked], *, show_data: bool) -> Iterator[str]:
    """What is remembered, what is now, and last how it came to that."""
    named = len(asked) > 1 or len(found) > 1
    if not found:
        yield f"nothing is remembered of {number}: no run has read an order or a delivery with that number"
        for question in asked:
            yield from _headlines(question, number)
    for known in found:
        yield from found_lines(known, named=named)
    for question in asked:
        yield from now_lines(question.found, show_data=show_data)
    for known in found:
        yield from history_lines(known)


def _headlines(asked: Asked, number: str) -> Iterator[str]:
    if asked.error is not None:
        return
    for outcome in asked.found.outcomes:
        yield f"  {asked.division}: {outcome.subject.name}: {sentence(outcome)}"
    if not asked.found.outcomes:
        yield f"  {asked.division}: Exact has no order and no goods delivery with the number {number}"
