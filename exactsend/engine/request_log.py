"""Holds the requests that a run sends for orders and deliveries, and their answers, until the next ledger event.

The event before a call holds the request, the event after it the answer. So the log needs no write of its own (S3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from exactsend.errors import ExactSendError
from exactsend.http.messages import Call, Json, Reply, Sender
from exactsend.trade.request_masking import JsonObject, answer_kept, request_kept

SENT, ANSWERS = "sent", "answers"
"""The facts of an event that hold requests and answers."""

T = TypeVar("T")


@dataclass
class _PendingRequest:
    """A request that has no answer yet."""

    number: int
    call: Call


class RequestLog:
    """The requests and answers of one division's run that no event holds yet.

    Args:
        clock: the time at which a request is sent.
        by: the command that sends it.
        means: what started the command, as far as known.
    """

    def __init__(self, clock: Callable[[], datetime], *, by: str = "", means: str = "") -> None:
        self._clock = clock
        self._who: JsonObject = {name: value for name, value in (("by", by), ("means", means)) if value}
        self._count = 0
        self._open: list[_PendingRequest] = []
        self._sent: list[JsonObject] = []
        self._answers: list[JsonObject] = []

    def record_and_send(
        self, about: str, call: Call, send: Callable[[Call], T], *, intent: Callable[[], None] | None = None
    ) -> T:
        """Log a request, record the intent to send it, and send it (S3).

        Args:
            about: the id of the delivery or incoming order; empty for a list of incoming orders, which names each.
            call: the request.
            send: sends it and parses the answer.
            intent: writes the event before the call, which holds the request. None: the call is idempotent, so the
                event after it is enough.
        """
        self._log(about, call)
        if intent is not None:
            intent()
        return send(call)

    def _log(self, about: str, call: Call) -> None:
        self._count += 1
        self._open.append(_PendingRequest(self._count, call))
        about_it: JsonObject = {"about": about} if about else {}
        self._sent.append(
            {
                "n": self._count,
                **about_it,
                "at": _text(self._clock()),
                **self._who,
                "call": f"{call.method} {call.bare_path}",
                "body": request_kept(call),
            }
        )

    def add_answer(self, call: Call, answer: Reply | ExactSendError, sent_at: datetime) -> None:
        """Add the answer to a logged call. Answers to other calls are ignored."""
        for pending in self._open:
            if pending.call is call:
                self._open.remove(pending)
                took = int((self._clock() - sent_at).total_seconds() * 1000)
                self._answers.append({"n": pending.number, "ms": took, **answer_kept(call, answer)})
                return

    def take(self) -> dict[str, Json]:
        """Take the facts for the event being written. Each is returned once."""
        facts: dict[str, Json] = {}
        if self._sent:
            facts[SENT] = [*self._sent]
        if self._answers:
            facts[ANSWERS] = [*self._answers]
        self._sent.clear()
        self._answers.clear()
        return facts

    @property
    def is_empty(self) -> bool:
        """Whether all requests and answers are in events."""
        return not self._sent and not self._answers

    def logged(self, sender: Sender) -> Sender:
        """A sender that logs its answers here."""
        return _LoggedSender(sender, self, self._clock)


class _LoggedSender:
    def __init__(self, sender: Sender, log: RequestLog, clock: Callable[[], datetime]) -> None:
        self._sender = sender
        self._log = log
        self._clock = clock

    def send(self, call: Call) -> Reply:
        """Send a call and log the reply or the error."""
        if call.method == "GET":
            return self._sender.send(call)
        sent_at = self._clock()
        try:
            reply = self._sender.send(call)
        except ExactSendError as failed:
            self._log.add_answer(call, failed, sent_at)
            raise
        self._log.add_answer(call, reply, sent_at)
        return reply


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
