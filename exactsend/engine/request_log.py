"""What a run sends for orders and deliveries, and what comes back, on its way into the ledger's events. Keeps no file itself.

Whoever is about to write something says so; the next event that is written down has the request with it, and the one after the call
the answer. So nothing is written to the disk that was not before, and no call waits for more than it did (S3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from exactsend.errors import ExactSendError
from exactsend.http.messages import Call, Json, Reply, Sender
from exactsend.trade.request_masking import JsonObject, answer_kept, request_kept

SENT, ANSWERS = "sent", "answers"
"""The facts of an event that have them."""


@dataclass
class _Open:
    """A request whose answer is not there yet."""

    number: int
    call: Call


class Exchanges:
    """The requests of one run in one division that are not written down yet, and the answers.

    Args:
        clock: tells when something was sent.
        by: the command that does it.
        means: how that came to be run, as far as the process can tell.
    """

    def __init__(self, clock: Callable[[], datetime], *, by: str = "", means: str = "") -> None:
        self._clock = clock
        self._who: JsonObject = {name: said for name, said in (("by", by), ("means", means)) if said}
        self._count = 0
        self._open: list[_Open] = []
        self._sent: list[JsonObject] = []
        self._answers: list[JsonObject] = []

    def will_send(self, about: str, call: Call) -> None:
        """Say that this call comes next.

        Args:
            about: the delivery's id or the entry's; of a list of entries each tells its own.
            call: as it is sent.
        """
        self._count += 1
        self._open.append(_Open(self._count, call))
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

    def heard(self, call: Call, answer: Reply | ExactSendError, sent_at: datetime) -> None:
        """Take the answer to a call; one that nobody announced is no order's and no delivery's."""
        for pending in self._open:
            if pending.call == call:
                self._open.remove(pending)
                took = int((self._clock() - sent_at).total_seconds() * 1000)
                self._answers.append({"n": pending.number, "ms": took, **answer_kept(call, answer)})
                return

    def take(self) -> dict[str, Json]:
        """What is to be written down with the event that is written now; it is not given twice."""
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
        """Whether all is written down."""
        return not self._sent and not self._answers

    def listening(self, sender: Sender) -> Sender:
        """The same way to a service, with the answers heard here too."""
        return _Listening(sender, self, self._clock)


class _Listening:
    def __init__(self, sender: Sender, exchanges: Exchanges, clock: Callable[[], datetime]) -> None:
        self._sender = sender
        self._exchanges = exchanges
        self._clock = clock

    def send(self, call: Call) -> Reply:
        """The reply to a call, or its error."""
        if call.method == "GET":
            return self._sender.send(call)
        sent_at = self._clock()
        try:
            reply = self._sender.send(call)
        except ExactSendError as failed:
            self._exchanges.heard(call, failed, sent_at)
            raise
        self._exchanges.heard(call, reply, sent_at)
        return reply


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
