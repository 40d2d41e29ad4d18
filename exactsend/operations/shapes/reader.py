"""Sends the requests of ``--shapes`` to one service and profiles the answers.

A refusal counts as an answer: the next endpoint is asked all the same.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from pydantic import BaseModel

from exactsend.domain.request_purposes import PURPOSES
from exactsend.errors import ApiError, Broken, Resting, Unanswered, is_refusal
from exactsend.http.messages import Call, Json, Reply, Sender
from exactsend.operations.shapes.differences import (
    NOT_ASKED,
    Difference,
    DifferenceKind,
    EndpointAnswer,
    Service,
)
from exactsend.operations.shapes.expected_fields import Field
from exactsend.operations.shapes.headers import Headers
from exactsend.views.text.refused_requests import SERVICES

ROWS_OF_LISTING = 5
"""The number of rows requested from a listing."""
MAX_ROWS = 50
"""The number of rows examined when an endpoint can't return less than a page."""
ROWS_CHANGED_WITHIN = timedelta(days=365)
"""How long ago the oldest requested rows were changed."""
_BAD_REQUEST = 400


class ObservableSender(Sender, Protocol):
    """Sends requests to a service and reports every answer, including refusals."""

    def observe_replies(self, on_reply: Callable[[Reply], None]) -> None:
        """Call ``on_reply`` with every answer from now on."""


@dataclass
class Reader:
    """Sends requests to one service and collects the answers.

    Args:
        service: the service.
        transport: sends them.
        headers: records the headers of all answers.
        report_progress: takes a phrase for a person who waits.
    """

    service: Service
    transport: ObservableSender
    headers: Headers
    report_progress: Callable[[str], None]

    def __post_init__(self) -> None:
        self.answers: list[EndpointAnswer] = []
        self._stopped = ""
        self._fails = False
        self._refused: ApiError | None = None
        self.transport.observe_replies(self.headers.record)

    def ask(self, endpoint: str, call: Call, check: Callable[[Reply], object]) -> Reply | None:
        """Send a request whose answer has no rows; None if there is no readable answer.

        Args:
            endpoint: its name in the report.
            call: the request.
            check: raises ApiError if the answer is unreadable.
        """
        self._refused = None
        if self._stopped:
            self.leave_out(endpoint, self._stopped)
            return None
        self.report_progress(f"asking {self.service} for {endpoint}")
        try:
            reply = self.transport.send(call)
        except ApiError as error:
            self._refused = error
            self._note_refused(endpoint, error)
            return None
        self._fails = False
        answer = EndpointAnswer(self.service, endpoint, str(reply.status))
        self.answers.append(answer)
        try:
            check(reply)
        except ApiError as unread:
            answer.others.append(
                Difference(DifferenceKind.BODY, "", f"{unread.said or 'unreadable'}; not read")
            )
            return None
        return reply

    def rows(
        self,
        endpoint: str,
        call: Call,
        model: type[BaseModel],
        read: Callable[[Reply], list[Json]],
        extra: Mapping[str, Field] | None = None,
    ) -> list[Json]:
        """Send a request and profile the rows of its answer; empty if it was refused.

        If Exact refuses a selected field, the request is sent once more without it.

        Args:
            endpoint: its name in the report.
            call: the request.
            model: the model that reads a row.
            read: returns the rows of the answer.
            extra: fields of a row that the model does not read.
        """
        reply = self.ask(endpoint, call, read)
        if self._refused is not None and (lacking := _refused_fields(call, self._refused)):
            then = "; ".join(difference.detail for difference in self.answers.pop().others)
            call = _without(call, lacking)
            reply = self.ask(endpoint, call, read)
            self.answers[-1].others += [
                Difference(DifferenceKind.MISSING, name.replace("/", "[]."), f"refused if selected: {then}")
                for name in lacking
            ]
        if reply is None:
            return []
        found = read(reply)[:MAX_ROWS]
        answer = self.answers[-1]
        answer.rows = len(found)
        answer.profile.add_rows(found, model, selected=_selected(call), extra=extra)
        return found

    def leave_out(self, endpoint: str, why: str) -> None:
        """Record a request that can't be made."""
        self.answers.append(EndpointAnswer(self.service, endpoint, f"{NOT_ASKED}, {why}"))

    def _note_refused(self, endpoint: str, error: ApiError) -> None:
        status = str(error.http_status) if error.http_status else "no answer"
        purpose = PURPOSES.get((self.service, "GET", endpoint))
        detail = f"{status}. {purpose.not_done}" if purpose else status
        kind = DifferenceKind.REFUSED if is_refusal(error) else DifferenceKind.UNANSWERED
        self.answers.append(
            EndpointAnswer(self.service, endpoint, status, others=[Difference(kind, "", detail)])
        )
        rests_alone = isinstance(error, Resting) and error.http_status is not None
        if is_refusal(error) or rests_alone:
            self._fails = False
            return
        if self._fails or not isinstance(error, Broken | Unanswered):
            self._stopped = f"because {SERVICES[self.service]} can't be reached or refuses everything"
        self._fails = True


def _refused_fields(call: Call, error: ApiError) -> list[str]:
    """The fields of the select list that a refusal names; Exact says "The property name 'X' specified for type …"."""
    if error.http_status != _BAD_REQUEST:
        return []
    named = set(re.findall(r"'(\w{1,60})'", error.said))
    return [name for name in _selected(call) if name.rpartition("/")[2] in named]


def _selected(call: Call) -> list[str]:
    return call.query["$select"].split(",") if "$select" in call.query else []


def _without(call: Call, lacking: Collection[str]) -> Call:
    rest = [name for name in _selected(call) if name not in lacking]
    return replace(call, query={**call.query, "$select": ",".join(rest)})


def not_asked() -> list[str]:
    """The requests of runs other than GET, whose answers are not examined."""
    return [f"{service} {method} {endpoint}" for service, method, endpoint in PURPOSES if method != "GET"]
