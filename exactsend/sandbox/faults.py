"""What can go wrong on the wire, switched on by tests and trials.

A fault says which calls it applies to and what happens to them. Refusals that follow from the state of the services (an
expired token, a used reference) are not faults: the APIs send those themselves.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypedDict, Unpack

from werkzeug import Request, Response


class FaultKind(Enum):
    """The ways in which a call can go wrong."""

    LOST_BEFORE = "connection closed before anything changed"
    LOST_AFTER = "call carried out, then the connection closed without an answer"
    CUT_ANSWER = "half of the answer, then the connection closed"
    DRIPPING_HEAD = "call carried out, and the answer comes a byte at a time"
    DRIPPING_BODY = "likewise, but only the body, after the headers"
    INSTEAD = "another answer, and nothing changed"
    SLOW = "the right answer, late"


@dataclass(frozen=True, kw_only=True)
class WireFault:
    """A fault, and the calls that it applies to."""

    kind: FaultKind
    method: str
    path: re.Pattern[str]
    api: str | None = None
    body: Callable[[object], bool] | None = None
    times: int | None = 1
    """How many calls it applies to; None: all."""
    answer: Callable[[], Response] | None = None
    seconds: float = 0.0

    def applies_to(self, api: str, request: Request) -> bool:
        """Whether the fault applies to this call, apart from ``times``."""
        if self.api not in (None, api) or self.method not in ("*", request.method):
            return False
        if self.path.search(request.full_path if request.query_string else request.path) is None:
            return False
        return self.body is None or self.body(request.get_json(silent=True))


class CallSelection(TypedDict, total=False):
    """Which calls a fault applies to, besides method and path."""

    times: int | None
    """How many calls; None: all. The default is 1."""
    api: str
    """``exact`` or ``sendcloud``."""
    body: Callable[[object], bool]
    """A condition on the parsed JSON body."""


@dataclass
class Faults:
    """The faults that are switched on. The first that applies to a call is used.

    Every method takes the HTTP method (``"*"`` for any), a regular expression that is searched for in path and query,
    and further conditions: see ``CallSelection``.
    """

    _rules: list[WireFault] = field(default_factory=list)
    _times_applied: Counter[int] = field(default_factory=Counter)

    def lose_call(self, method: str, path: str, **which: Unpack[CallSelection]) -> None:
        """Close the connection before anything changes."""
        self._add(FaultKind.LOST_BEFORE, method, path, which)

    def lose_answer(self, method: str, path: str, **which: Unpack[CallSelection]) -> None:
        """Carry out the call, then close the connection without an answer."""
        self._add(FaultKind.LOST_AFTER, method, path, which)

    def cut_answer(self, method: str, path: str, **which: Unpack[CallSelection]) -> None:
        """Carry out the call, then send half of the answer."""
        self._add(FaultKind.CUT_ANSWER, method, path, which)

    def drip(self, method: str, path: str, **which: Unpack[CallSelection]) -> None:
        """Carry out the call, then send the answer a byte at a time."""
        self._add(FaultKind.DRIPPING_HEAD, method, path, which)

    def answer_instead(
        self,
        method: str,
        path: str,
        *,
        status: int,
        text: str = "",
        headers: Mapping[str, str] | None = None,
        content_type: str = "text/html",
        **which: Unpack[CallSelection],
    ) -> None:
        """Send this answer and change nothing: a gateway page, a 429, an empty 200."""

        def answer() -> Response:
            return Response(text, status, dict(headers or {}), content_type=content_type)

        self._add(FaultKind.INSTEAD, method, path, which, answer=answer)

    def redirect(self, method: str, path: str, *, to: str, **which: Unpack[CallSelection]) -> None:
        """Redirect the client."""
        self.answer_instead(method, path, status=302, headers={"Location": to}, **which)

    def slow(self, method: str, path: str, *, seconds: float, **which: Unpack[CallSelection]) -> None:
        """Carry out the call, then answer late."""
        self._add(FaultKind.SLOW, method, path, which, seconds=seconds)

    def clear(self) -> None:
        """Switch all faults off."""
        self._rules.clear()
        self._times_applied.clear()

    def pending(self) -> Iterable[WireFault]:
        """The faults with a number of times that have not happened that often yet."""
        return [
            rule for index, rule in enumerate(self._rules) if rule.times is not None and self._is_on(index)
        ]

    def next_for(self, api: str, request: Request) -> WireFault | None:
        """The fault that applies to this call, counted as having happened."""
        for index, rule in enumerate(self._rules):
            if self._is_on(index) and rule.applies_to(api, request):
                self._times_applied[index] += 1
                return rule
        return None

    def _is_on(self, index: int) -> bool:
        times = self._rules[index].times
        return times is None or self._times_applied[index] < times

    def _add(
        self,
        kind: FaultKind,
        method: str,
        path: str,
        which: CallSelection,
        *,
        answer: Callable[[], Response] | None = None,
        seconds: float = 0.0,
    ) -> None:
        self._rules.append(
            WireFault(
                kind=kind,
                method=method,
                path=re.compile(path),
                times=which.get("times", 1),
                api=which.get("api"),
                body=which.get("body"),
                answer=answer,
                seconds=seconds,
            )
        )
