"""``exactsend explain``: everything known about an order or a delivery: the ledger's records, and what both services have now.

Takes no lock and writes nothing. If a service does not answer, the rest is shown with a note.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exactsend.cli.context import CommandContext
from exactsend.cli.ledgers import read_ledgers
from exactsend.engine.live_lookup import LiveLookup, current_states, look_up_number
from exactsend.errors import ExactSendError, ExitStatus
from exactsend.http.messages import Json
from exactsend.settings.models import DivisionSettings
from exactsend.views.data.request_history import RecordedRequest, RequestPurpose
from exactsend.views.data.view_types import SearchResult
from exactsend.views.text.explanation import now_lines, now_objects
from exactsend.views.text.json_documents import JsonObject, error_object, schema
from exactsend.views.text.outcome_phrases import sentence
from exactsend.views.text.record_view import found_lines, found_object, history_lines
from exactsend.views.text.request_view import sent_lines, sent_object


@dataclass(frozen=True)
class LiveAnswer:
    """What both services have in one division now, or why they could not be asked."""

    division: str
    found: LiveLookup = field(default_factory=LiveLookup)
    error: ExactSendError | None = None


def explain_number(
    context: CommandContext, number: str, *, offline: bool, show_data: bool, bodies: bool
) -> ExitStatus:
    """Show everything known about a number, and unless ``offline`` what both services have now."""
    ledgers = read_ledgers(context)
    found = [result for model in ledgers.models if (result := model.search(number))]
    divisions = [] if offline or not number.isdigit() else [model.division for model in ledgers.models]
    answers = [_ask(context, division, int(number)) for division in divisions]
    sent_now = {}
    if show_data and not offline:
        sent_now = {result.division: _sent_now(context, result) for result in found}
    for answer in answers:
        if answer.error is not None:
            context.terminal.note(
                f"exactsend: {answer.division}: the services could not be asked: {answer.error}"
            )
    if context.terminal.json:
        context.terminal.document(
            {
                "schema": schema("explain"),
                "found": [_found_object(result, sent_now.get(result.division)) for result in found],
                "now": [_answer_object(answer, show_data=show_data) for answer in answers],
            }
        )
    else:
        lines = [*_lines(number, found, answers, show_data=show_data)]
        for result in found:
            stands = sent_now.get(result.division)
            lines += sent_lines(result.sent, bodies=bodies or show_data, stands=stands)
        context.terminal.result("\n".join(lines))
    return ledgers.status


def _ask(context: CommandContext, name: str, number: int) -> LiveAnswer:
    context.terminal.progress(f"asking both services about {number}")
    try:
        return LiveAnswer(name, look_up_number(context.wiring, _division(context, name), number))
    except ExactSendError as error:
        return LiveAnswer(name, error=error)


def _sent_now(context: CommandContext, found: SearchResult) -> dict[str, Json] | None:
    """What was sent, as Sendcloud has it now; None where Sendcloud did not answer."""
    withdrawn = {exchange.call.rpartition("/")[2] for exchange in _of(found, RequestPurpose.ORDER_WITHDRAW)}
    orders = {exchange.created_id for exchange in _of(found, RequestPurpose.ORDER_PUSH)} - withdrawn - {""}
    shipments = {exchange.created_id for exchange in _of(found, RequestPurpose.LABEL_BUY)} - {""}
    division = _division(context, found.division)
    try:
        return current_states(context.wiring, division, orders=orders, shipments=shipments)
    except ExactSendError as error:
        context.terminal.note(f"exactsend: {found.division}: Sendcloud could not be asked: {error}")
        return None


def _of(found: SearchResult, purpose: RequestPurpose) -> list[RecordedRequest]:
    return [exchange for exchange in found.sent if exchange.purpose is purpose]


def _division(context: CommandContext, name: str) -> DivisionSettings:
    division = context.settings.divisions[name]
    assert isinstance(division, DivisionSettings), "only a sound division has a read model"
    return division


def _found_object(found: SearchResult, sent_now: Mapping[str, Json] | None) -> JsonObject:
    """The ledger's records; with each request what Sendcloud has now, if that was asked."""
    document = found_object(found)
    if sent_now is not None:
        document["sent"] = [
            {
                **sent_object(exchange),
                "at_sendcloud_now": sent_now.get(exchange.created_id) if exchange.created_id else None,
            }
            for exchange in found.sent
        ]
    return document


def _answer_object(answer: LiveAnswer, *, show_data: bool) -> JsonObject:
    return {
        "division": answer.division,
        "error": error_object(answer.error) if answer.error else None,
        "read": now_objects(answer.found, show_data=show_data),
    }


def _lines(
    number: str, found: Sequence[SearchResult], answers: Sequence[LiveAnswer], *, show_data: bool
) -> Iterator[str]:
    """The ledger's records, then what the services have now, and last the history."""
    named = len(answers) > 1 or len(found) > 1
    if not found:
        yield f"nothing is known about {number}: no run has read an order or a delivery with that number"
        for answer in answers:
            yield from _short_lines(answer, number)
    for result in found:
        yield from found_lines(result, named=named)
    for answer in answers:
        yield from now_lines(answer.found, show_data=show_data)
    for result in found:
        yield from history_lines(result)


def _short_lines(answer: LiveAnswer, number: str) -> Iterator[str]:
    if answer.error is not None:
        return
    for outcome in answer.found.outcomes:
        yield f"  {answer.division}: {outcome.subject.name}: {sentence(outcome)}"
    if not answer.found.outcomes:
        yield f"  {answer.division}: Exact has no order and no goods delivery with the number {number}"
