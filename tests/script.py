"""A sender that plays a script: the answers in their order, and what was asked for them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from exactsend.errors import ApiError
from exactsend.http.messages import Call, Reply


@dataclass(frozen=True)
class Answer:
    """What a service answers."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def to(self, call: Call, api: str = "") -> Reply:
        """It, as the reply to a call."""
        return Reply(self.status, self.headers, self.body, call, api)


def says(document: object, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(document).encode(), status, headers)


class Script:
    """Answers calls one after another; a call that the script does not know fails the test."""

    def __init__(self, *answers: Answer | ApiError) -> None:
        self.calls: list[Call] = []
        self._answers = list(answers)

    def send(self, call: Call) -> Reply:
        """The next answer."""
        self.calls.append(call)
        assert self._answers, f"not in the script: {call.method} {call.target}"
        answer = self._answers.pop(0)
        if isinstance(answer, ApiError):
            raise answer
        return answer.to(call)

    @property
    def asked(self) -> list[str]:
        """What was called, as method and path."""
        return [f"{call.method} {call.path}" for call in self.calls]
