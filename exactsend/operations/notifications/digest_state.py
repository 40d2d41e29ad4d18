"""What is new of a division, compared with what is known to have been seen before. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from exactsend.domain.records import RefusedQuestion
from exactsend.domain.request_purposes import remedy_for
from exactsend.domain.shown_problem import shown
from exactsend.errors import ExitStatus
from exactsend.settings.models import Topic
from exactsend.views.data.values import ProblemView
from exactsend.views.text.refused_requests import SERVICES, not_done, what_is_refused

FEW_DAYS = 10
MOST_KEPT = 500
"""News that wait to be sent; a service that is down for months must not fill the disk."""
_ENDED_BY_HAND = frozenset({ExitStatus.LOCKED, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED})
_FIRST_BAD = 2
_LOCKED_LONG = 3
_MEANING = {
    ExitStatus.USAGE: "it was started wrongly",
    ExitStatus.CONFIG: "the configuration is wrong, or other accounts stand behind the keys",
    ExitStatus.LOGIN: "somebody must sign in: exactsend connect",
    ExitStatus.LEDGER: "the state can't be read or written",
    ExitStatus.API: "a service can't be reached, or its allowance is used up; the next run goes on",
    ExitStatus.BUG: "a bug in exactsend",
}


class Kept(BaseModel):
    """A frozen value of the file between two digests."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DigestItem(Kept):
    """One thing to tell. ``count`` adds up where several of a kind wait."""

    topic: Topic | Literal["refused"]
    division: str
    text: str
    remedy: str = ""
    count: int = 0


class Known(Kept):
    """What was seen of a division when it was looked at last."""

    problems: Mapping[str, str] = Field(default_factory=dict)
    """By what they are, and what they are about."""
    refused: Mapping[str, str] = Field(default_factory=dict)
    """The questions that a service refuses, and in which words they were told."""
    status: int = 0
    locked: int = 0
    """So many runs in a row found another one holding the division."""
    sign_in_days: int | None = None


class Box(Kept):
    """Everything that is kept between two digests."""

    version: int = 1
    known: Mapping[str, Known] = Field(default_factory=dict)
    waiting: tuple[DigestItem, ...] = ()
    """For all addresses alike."""
    owed: Mapping[int, tuple[DigestItem, ...]] = Field(default_factory=dict)
    """What an address did not take, by its number: the others have it."""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """How a division stands after a run, as far as it can be read."""

    division: str
    status: ExitStatus
    stopped: str = ""
    """Why purchases were stopped."""
    problems: Sequence[ProblemView] | None = None
    """None: the ledger can't be read."""
    refused: Sequence[RefusedQuestion] | None = None
    """The questions that a service refuses. None: the ledger can't be read."""
    labels: int = 0
    """Bought in this run."""
    sign_in_days: int | None = None


def taken_in(box: Box, facts: Facts, topics: Sequence[Topic]) -> Box:
    """The box with what is new of a division in it, and with how it stands now."""
    before = box.known.get(facts.division)
    fresh = [item for item in _news(before or Known(), facts) if _is_wanted(item, topics)]
    waiting = _added_up([*box.waiting, *fresh])[-MOST_KEPT:]
    known = {**box.known, facts.division: _known(before or Known(), facts)}
    return box.model_copy(update={"known": known, "waiting": tuple(waiting)})


def _is_wanted(news: DigestItem, topics: Sequence[Topic]) -> bool:
    """Whether it is told of. What is refused may need a person and stops part of the runs, so it goes with either."""
    if news.topic == "refused":
        return "errors" in topics or "status" in topics
    return news.topic in topics


# ── who is told what ─────────────────────────────────────────────────────────────────────────────


def letters(box: Box, *, addresses: int, is_due: bool) -> dict[int, tuple[DigestItem, ...]]:
    """What is to be sent now, by the number of the address: what it did not take is tried in each run, the rest when it is time."""
    fresh = box.waiting if is_due else ()
    told = {number: _for_one(box, number, fresh) for number in range(1, addresses + 1)}
    return {number: news for number, news in told.items() if news}


def _for_one(box: Box, number: int, fresh: Sequence[DigestItem]) -> tuple[DigestItem, ...]:
    return tuple(_added_up([*box.owed.get(number, ()), *fresh])[-MOST_KEPT:])


def sent(
    box: Box,
    letters: Mapping[int, tuple[DigestItem, ...]],
    untold: Collection[int],
    *,
    at: datetime,
    is_due: bool,
) -> Box:
    """The box once some of these letters were taken; those to the addresses in ``untold`` were not."""
    return box.model_copy(
        update={
            "waiting": () if is_due else box.waiting,
            "owed": {number: news for number, news in letters.items() if number in untold},
            "sent_at": at if is_due else box.sent_at,
        }
    )


def _news(before: Known, facts: Facts) -> Iterator[DigestItem]:
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


def _errors(before: Known, division: str, problems: Sequence[ProblemView]) -> Iterator[DigestItem]:
    now = {identity(problem): problem for problem in problems}
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


def _refused(before: Known, division: str, refused: Sequence[RefusedQuestion]) -> Iterator[DigestItem]:
    """A question that begins to be refused, and one that is answered again."""
    now = {_question(refusal): refusal for refusal in refused}
    for key, refusal in now.items():
        if key not in before.refused:
            text = f"{what_is_refused(refusal)}. {not_done(refusal)}"
            yield DigestItem(topic="refused", division=division, text=text, remedy=remedy_for(refusal))
    for key, name in before.refused.items():
        if key not in now:
            yield DigestItem(topic="refused", division=division, text=f"{name} is answered again")


def _question(refused: RefusedQuestion) -> str:
    return f"{refused.service} {refused.method} {refused.endpoint}"


def identity(view: ProblemView) -> str:
    """What makes a problem the same as before: what it is about, at which stage, and its code at the end."""
    return f"{view.name} {view.problem.stage} {view.problem.code}"


def _sign_in(before: Known, facts: Facts) -> Iterator[DigestItem]:
    days = facts.sign_in_days
    if days is None or days >= FEW_DAYS or (before.sign_in_days is not None and days >= before.sign_in_days):
        return
    yield DigestItem(
        topic="sign_in",
        division=facts.division,
        text=f"the sign-in to Exact dies in {days} days unless a run uses it",
    )


def _status(before: Known, facts: Facts) -> Iterator[DigestItem]:
    status = facts.status
    if status is ExitStatus.LOCKED and before.locked + 1 == _LOCKED_LONG:
        text = f"{_LOCKED_LONG} runs in a row found another one that holds the division, and did nothing"
        yield DigestItem(topic="status", division=facts.division, text=text)
    if status in _ENDED_BY_HAND or status == before.status:
        return
    if status in _MEANING:
        yield DigestItem(
            topic="status",
            division=facts.division,
            text=f"the run ended with {int(status)}: {facts.stopped or _MEANING[status]}",
        )
    elif before.status >= _FIRST_BAD and status < _FIRST_BAD:
        yield DigestItem(topic="status", division=facts.division, text="runs end well again")


def _known(before: Known, facts: Facts) -> Known:
    problems = before.problems
    if facts.problems is not None:
        problems = {identity(problem): problem.name for problem in facts.problems}
    refused = before.refused
    if facts.refused is not None:
        refused = {
            _question(refusal): f"{SERVICES[refusal.service]}: {refusal.name}" for refusal in facts.refused
        }
    return Known(
        problems=problems,
        refused=refused,
        locked=before.locked + 1 if facts.status is ExitStatus.LOCKED else 0,
        status=before.status if facts.status in _ENDED_BY_HAND else int(facts.status),
        sign_in_days=facts.sign_in_days,
    )


def _added_up(waiting: Sequence[DigestItem]) -> list[DigestItem]:
    """The same with what is counted added up, each in the place of its first."""
    summed: dict[object, DigestItem] = {}
    for place, item in enumerate(waiting):
        key = (item.topic, item.division, item.text) if item.count else place
        former = summed.get(key)
        summed[key] = item.model_copy(update={"count": item.count + former.count}) if former else item
    return list(summed.values())
