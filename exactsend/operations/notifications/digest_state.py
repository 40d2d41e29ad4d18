"""What is new in a division since its last run, and which address still gets which news. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from exactsend.domain.division_records import RefusedQuestion
from exactsend.domain.request_purposes import remedy_for
from exactsend.domain.shown_problem import shown
from exactsend.errors import ExitStatus
from exactsend.settings.models import Topic
from exactsend.views.data.view_types import ProblemView
from exactsend.views.text.refused_requests import SERVICES, not_done, what_is_refused

SIGN_IN_WARNING_DAYS = 10
MAX_STORED = 500
"""The most news that wait to be sent: a service that is down for months must not fill the disk."""
_ENDED_BY_HAND = frozenset({ExitStatus.LOCKED, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED})
_FIRST_BAD_STATUS = 2
_LOCKED_RUNS_REPORTED = 3
_STATUS_MEANINGS = {
    ExitStatus.USAGE: "wrong options or arguments",
    ExitStatus.CONFIG: "the configuration is wrong, or the keys belong to other accounts",
    ExitStatus.LOGIN: "somebody must sign in: exactsend connect",
    ExitStatus.LEDGER: "the state can't be read or written",
    ExitStatus.API: "a service can't be reached, or its allowance is used up; the next run continues",
    ExitStatus.BUG: "a bug in exactsend",
}


class StoredValue(BaseModel):
    """A frozen value in the file that keeps the state between two digests."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DigestItem(StoredValue):
    """One piece of news; ``count`` is for news that is only counted, such as labels."""

    topic: Topic | Literal["refused"]
    division: str
    text: str
    remedy: str = ""
    count: int = 0


class SeenDivision(StoredValue):
    """The state of a division after its last run."""

    problems: Mapping[str, str] = Field(default_factory=dict)
    """The name of the order or delivery, by ``problem_key``."""
    refused: Mapping[str, str] = Field(default_factory=dict)
    """The words for each refused request, by service, method and endpoint."""
    status: int = 0
    locked: int = 0
    """The number of runs in a row that found the division locked by another."""
    sign_in_days: int | None = None


class DigestState(StoredValue):
    """Everything that is stored between two digests."""

    version: int = 1
    known: Mapping[str, SeenDivision] = Field(default_factory=dict)
    waiting: tuple[DigestItem, ...] = ()
    """News that no address has been sent yet."""
    owed: Mapping[int, tuple[DigestItem, ...]] = Field(default_factory=dict)
    """News that an address did not accept, by its number; the others have it."""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class RunFacts:
    """The state of a division after a run, as far as it is readable."""

    division: str
    status: ExitStatus
    stopped: str = ""
    """Why purchases were stopped."""
    problems: Sequence[ProblemView] | None = None
    """None: the ledger is unreadable."""
    refused: Sequence[RefusedQuestion] | None = None
    """The requests that a service refuses. None: the ledger is unreadable."""
    labels: int = 0
    """Labels bought in this run."""
    sign_in_days: int | None = None


def with_news(state: DigestState, facts: RunFacts, topics: Sequence[Topic]) -> DigestState:
    """The state with the news of a division added, and what was seen of it updated."""
    before = state.known.get(facts.division)
    fresh = [item for item in _news(before or SeenDivision(), facts) if _is_wanted(item, topics)]
    waiting = _combined([*state.waiting, *fresh])[-MAX_STORED:]
    known = {**state.known, facts.division: _seen_division(before or SeenDivision(), facts)}
    return state.model_copy(update={"known": known, "waiting": tuple(waiting)})


def _is_wanted(news: DigestItem, topics: Sequence[Topic]) -> bool:
    """Whether the topics include it. A refusal may need a person and stops part of a run, so either topic includes it."""
    if news.topic == "refused":
        return "errors" in topics or "status" in topics
    return news.topic in topics


# ── which address gets what ─────────────────────────────────────────────────────────────────────────────


def due_messages(state: DigestState, *, addresses: int, is_due: bool) -> dict[int, tuple[DigestItem, ...]]:
    """What to send now, by the number of the address: what it did not accept is sent with every run, other news when it is due."""
    fresh = state.waiting if is_due else ()
    messages = {number: _messages_of_address(state, number, fresh) for number in range(1, addresses + 1)}
    return {number: news for number, news in messages.items() if news}


def _messages_of_address(
    state: DigestState, number: int, fresh: Sequence[DigestItem]
) -> tuple[DigestItem, ...]:
    return tuple(_combined([*state.owed.get(number, ()), *fresh])[-MAX_STORED:])


def after_sending(
    state: DigestState,
    messages: Mapping[int, tuple[DigestItem, ...]],
    unsent: Collection[int],
    *,
    at: datetime,
    is_due: bool,
) -> DigestState:
    """The state after sending these messages; the addresses in ``unsent`` did not accept theirs."""
    return state.model_copy(
        update={
            "waiting": () if is_due else state.waiting,
            "owed": {number: news for number, news in messages.items() if number in unsent},
            "sent_at": at if is_due else state.sent_at,
        }
    )


def _news(before: SeenDivision, facts: RunFacts) -> Iterator[DigestItem]:
    if facts.problems is not None:
        yield from _errors(before, facts.division, facts.problems)
    if facts.refused is not None:
        yield from _refused(before, facts.division, facts.refused)
    if facts.labels:
        yield DigestItem(topic="labels", division=facts.division, text="bought", count=facts.labels)
    if facts.status is ExitStatus.SAFETY and before.status != ExitStatus.SAFETY:
        yield DigestItem(
            topic="stops", division=facts.division, text=facts.stopped or "a limit stopped the purchases"
        )
    yield from _sign_in(before, facts)
    yield from _status(before, facts)


def _errors(before: SeenDivision, division: str, problems: Sequence[ProblemView]) -> Iterator[DigestItem]:
    now = {problem_key(problem): problem for problem in problems}
    for key, view in now.items():
        if key not in before.problems:
            words = shown(view.problem)
            yield DigestItem(
                topic="errors",
                division=division,
                text=f"{view.name}: {words.message}",
                remedy=words.remedy,
            )
    for key, name in before.problems.items():
        if key not in now:
            yield DigestItem(topic="cures", division=division, text=f"{name}: {key.rsplit(' ', 1)[-1]}")


def _refused(before: SeenDivision, division: str, refused: Sequence[RefusedQuestion]) -> Iterator[DigestItem]:
    """Requests that are newly refused, and those that work again."""
    now = {_request_key(refusal): refusal for refusal in refused}
    for key, refusal in now.items():
        if key not in before.refused:
            text = f"{what_is_refused(refusal)}. {not_done(refusal)}"
            yield DigestItem(topic="refused", division=division, text=text, remedy=remedy_for(refusal))
    for key, name in before.refused.items():
        if key not in now:
            yield DigestItem(topic="refused", division=division, text=f"{name} works again")


def _request_key(refused: RefusedQuestion) -> str:
    return f"{refused.service} {refused.method} {refused.endpoint}"


def problem_key(view: ProblemView) -> str:
    """Identifies a problem across runs: its order or delivery, its stage, and its code at the end."""
    return f"{view.name} {view.problem.stage} {view.problem.code}"


def _sign_in(before: SeenDivision, facts: RunFacts) -> Iterator[DigestItem]:
    days = facts.sign_in_days
    if (
        days is None
        or days >= SIGN_IN_WARNING_DAYS
        or (before.sign_in_days is not None and days >= before.sign_in_days)
    ):
        return
    yield DigestItem(
        topic="sign_in",
        division=facts.division,
        text=f"the sign-in to Exact expires in {days} days unless a run uses it",
    )


def _status(before: SeenDivision, facts: RunFacts) -> Iterator[DigestItem]:
    status = facts.status
    if status is ExitStatus.LOCKED and before.locked + 1 == _LOCKED_RUNS_REPORTED:
        text = f"{_LOCKED_RUNS_REPORTED} runs in a row did nothing because another run holds the division"
        yield DigestItem(topic="status", division=facts.division, text=text)
    if status in _ENDED_BY_HAND or status == before.status:
        return
    if status in _STATUS_MEANINGS:
        yield DigestItem(
            topic="status",
            division=facts.division,
            text=f"the run ended with {int(status)}: {facts.stopped or _STATUS_MEANINGS[status]}",
        )
    elif before.status >= _FIRST_BAD_STATUS and status < _FIRST_BAD_STATUS:
        yield DigestItem(topic="status", division=facts.division, text="runs succeed again")


def _seen_division(before: SeenDivision, facts: RunFacts) -> SeenDivision:
    problems = before.problems
    if facts.problems is not None:
        problems = {problem_key(problem): problem.name for problem in facts.problems}
    refused = before.refused
    if facts.refused is not None:
        refused = {
            _request_key(refusal): f"{SERVICES[refusal.service]}: {refusal.name}" for refusal in facts.refused
        }
    return SeenDivision(
        problems=problems,
        refused=refused,
        locked=before.locked + 1 if facts.status is ExitStatus.LOCKED else 0,
        status=before.status if facts.status in _ENDED_BY_HAND else int(facts.status),
        sign_in_days=facts.sign_in_days,
    )


def _combined(waiting: Sequence[DigestItem]) -> list[DigestItem]:
    """The same news with counts added up, each in the place of the first."""
    summed: dict[object, DigestItem] = {}
    for place, item in enumerate(waiting):
        key = (item.topic, item.division, item.text) if item.count else place
        former = summed.get(key)
        summed[key] = item.model_copy(update={"count": item.count + former.count}) if former else item
    return list(summed.values())
