"""The questions of one run that it can do without: asked, refused, remembered, asked again after a pause (S13).

Tells a question that is refused, which stops only what needs its answer, from an outage, which stops the run. Who asks says what is
done instead; what a question is for stands in ``domain.questions``. Sends nothing itself.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import RefusedQuestion, free_retry_pause
from exactsend.domain.request_purposes import purpose_of
from exactsend.errors import ApiError, Broken, Forbidden, Resting, Unanswered, is_refusal
from exactsend.system.elapsed import is_time
from exactsend.system.structured_log import tell

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Key = TypeVar("Key")
Service = Literal["exact", "sendcloud"]

ASKED_AGAIN = timedelta(hours=1)
"""A right that was given is noticed within this time, and no endpoint is refused more often by this (S9)."""
ASKED_AGAIN_SOON = timedelta(minutes=15)
"""The same after a failure without words, which passes by itself more often than not."""


FORGOTTEN_UNASKED = timedelta(days=3)
"""So long after it was asked last a refused question is not told any more."""


class NotAnswered(Exception):
    """A question that this run does without: it is refused now, or was of late and is not asked yet."""

    def __init__(self, refused: RefusedQuestion) -> None:
        super().__init__(refused.endpoint)
        self.refused = refused


SEVERAL = 3
"""So many different records that fail one after another in the same way are no bad records: the service is at fault."""


class Failures(Generic[Key]):
    """Failures of records that are gone through one after another: told as theirs only once the service is known to work."""

    def __init__(self) -> None:
        self._kept: list[tuple[Key, ApiError]] = []
        self._ways: Counter[tuple[int | None, str, str]] = Counter()
        self.is_known_to_work = False
        """One of the records did not fail, so those that do are to blame themselves."""

    def add(self, key: Key, error: ApiError, *, has_failed: bool = False) -> None:
        """One more that failed; one that has failed before, alone or beside others that did not, is no sign of anything else.

        Raises:
            ApiError: no record is at fault but the service, an allowance or a key; then none of those before was either.
        """
        if not is_refusal(error):
            raise error
        self._kept.append((key, error))
        self._ways[_way(error)] += not has_failed
        if self._ways[_way(error)] >= SEVERAL and not self.is_known_to_work:
            raise error

    def their_own(self) -> list[tuple[Key, ApiError]]:
        """Those that failed, now that another one did not: each is its own record's problem."""
        self.is_known_to_work = True
        self._ways.clear()
        return self.rest()

    def rest(self) -> list[tuple[Key, ApiError]]:
        """Those that failed, now that there are no more: too few to be an outage. Where none did not fail, that is not sure."""
        kept, self._kept = self._kept, []
        for _, error in kept:
            error.is_of_the_record = self.is_known_to_work
        return kept


def pause_after(error: ApiError, tries: int) -> timedelta:
    """How long a record that failed waits after so many tries: ever longer, but within the hour where all of its kind may be refused.

    So what waited for a right that was given is done soon.
    """
    pause = free_retry_pause(tries)
    return pause if error.is_of_the_record else min(pause, ASKED_AGAIN)


def _way(error: ApiError) -> tuple[int | None, str, str]:
    return error.http_status, error.method, error.endpoint


class OptionalRequests:
    """What one division's run asks and can do without, with what is remembered of refusals."""

    def __init__(self, records: RecordStore, now: datetime) -> None:
        self.records = records
        self.now = now
        self.lacking: dict[str, ApiError] = {}
        """Questions whose answer was needed in this run for something that was due, and that were not answered."""
        self._failed: dict[Service, tuple[str, ApiError]] = {}
        """The last question to a service failed without words: if the next one does too, it is an outage, and this is no refusal."""

    def ask(self, service: Service, name: str, ask: Callable[[], Answer]) -> Answer:
        """The answer to a question.

        Args:
            service: whom it is put to.
            name: method and endpoint, as ``Call.name`` has them.
            ask: puts it.

        Raises:
            NotAnswered: it is refused; or was, and is not asked again yet.
            ApiError: the service is out of reach, or this is the second question that it fails at: an outage.
        """
        key = f"{service} {name}"
        known = self.records.refused.questions.get(key)
        if known is not None and not self._is_time(known):
            self._lack(known)
            raise NotAnswered(known)
        try:
            answer = ask()
        except ApiError as error:
            raise NotAnswered(self._refused(service, name, error)) from error
        self._settle(service)
        self.answered(service, name)
        return answer

    def _settle(self, service: Service) -> None:
        """The service works: what failed just before is a matter of that question."""
        if failed := self._failed.pop(service, None):
            self._note(service, *failed)

    def holds_back(self, service: Service, name: str) -> bool:
        """Whether a call that is due can't be made, since it was refused of late and is not tried again yet."""
        known = self.records.refused.questions.get(f"{service} {name}")
        if known is None or self._is_time(known):
            return False
        self._lack(known)
        return True

    def give_up(self, error: ApiError, *, name: str = "") -> None:
        """Do without what failed with this error, which no record is at fault for.

        Args:
            error: how it failed.
            name: method and endpoint; where they are not given, those of the error.

        Raises:
            ApiError: no call is refused, but the service is out of reach, or an allowance is used up.
        """
        service: Service = "sendcloud" if error.api == "Sendcloud" else "exact"
        self._refused(service, name or f"{error.method or 'GET'} {error.endpoint}", error)

    def in_order(
        self, service: Service, records: Iterable[Key], has_failed: Callable[[Key], bool]
    ) -> list[Key]:
        """The order in which records are gone through, so that several that fail in a row keep none from being tried.

        Those that failed before come last. While something is refused they are gone through from the other end: it may be that only
        those at this end are.
        """
        is_refused = any(question.service == service for question in self.records.refused.questions.values())
        found = [*records]
        return sorted(reversed(found) if is_refused else found, key=has_failed)

    def answered(self, service: Service, name: str) -> None:
        """A question was answered: if it was refused before, that is over, and what failed just before was not the service."""
        if service in self._failed and self._failed[service][0] == name:
            del self._failed[service]
        self._settle(service)
        kept = self.records.refused
        key = f"{service} {name}"
        if key in kept.questions:
            rest = {question: refused for question, refused in kept.questions.items() if question != key}
            self.records.note("question_answered", kept.replace(questions=rest), facts={"question": key})

    def forget_unasked(self) -> None:
        """Forget what was refused and is asked no more, as there is no need: one that is needed is asked again every hour."""
        kept = self.records.refused
        rest = {
            key: question
            for key, question in kept.questions.items()
            if not is_time(FORGOTTEN_UNASKED, question.asked_at, self.now)
        }
        if len(rest) < len(kept.questions):
            self.records.note("question_not_asked", kept.replace(questions=rest))

    def note_refused(self, service: Service, refused: Iterable[ApiError]) -> None:
        """Remember refusals that were got round where the question was put."""
        for error in refused:
            self._note(service, f"{error.method or 'GET'} {error.endpoint}", error)

    def rest(self, service: Service) -> list[str]:
        """The endpoints that are refused and not to be asked yet."""
        return [
            question.endpoint
            for question in self.records.refused.questions.values()
            if question.service == service and not self._is_time(question)
        ]

    def _refused(self, service: Service, name: str, error: ApiError) -> RefusedQuestion:
        """What is to be remembered of a failed question.

        Raises:
            ApiError: it is no question that is refused, but the service, the sign-in or an allowance.
        """
        if isinstance(error, Forbidden) and error.http_status == 401:  # noqa: PLR2004 - Unauthorized
            raise error
        is_failure = isinstance(error, (Broken, Unanswered)) and not is_refusal(error)
        if is_failure and service in self._failed and _is_another_question(self._failed[service][1], error):
            raise error
        rests = isinstance(error, Resting) and error.http_status is not None
        if not is_failure and not rests and not is_refusal(error):
            raise error
        asked, inner = name.partition(" ")[2].partition("?")[0], error.endpoint.partition("?")[0]
        inner_name = f"{error.method or 'GET'} {error.endpoint}" if inner and inner != asked else ""
        if is_failure:
            self._failed[service] = (inner_name or name, error)
            refused = self._as_refused(service, name, error)
            self._lack(refused, error)
            return refused
        if inner_name and is_refusal(error):
            # What was asked for in order to answer this: told by its own name too.
            self._lack(self._note(service, inner_name, error), error)
        refused = self._note(service, name, error)
        self._lack(refused, error)
        return refused

    def _as_refused(self, service: Service, name: str, error: ApiError) -> RefusedQuestion:
        known = self.records.refused.questions.get(f"{service} {name}")
        method, _, endpoint = name.partition(" ")
        return RefusedQuestion(
            service=service,
            method=method,
            endpoint=endpoint,
            status=error.http_status or (known.status if known else None),
            since=known.since if known else self.now,
            asked_at=self.now,
            said=error.said,
        )

    def _note(self, service: Service, name: str, error: ApiError) -> RefusedQuestion:
        key = f"{service} {name}"
        kept = self.records.refused
        known = kept.questions.get(key)
        refused = self._as_refused(service, name, error)
        questions = {**kept.questions, key: refused}
        facts = {"question": key, "status": refused.status}
        self.records.note("question_refused", kept.replace(questions=questions), facts=dict(facts.items()))
        if known is None:
            purpose = purpose_of(service, refused.method, refused.endpoint)
            tell(log, logging.WARNING, "question_refused", f"{error.message}. {purpose.not_done}")
        return refused

    def _lack(self, refused: RefusedQuestion, error: ApiError | None = None) -> None:
        if purpose_of(refused.service, refused.method, refused.endpoint).is_optional:
            return
        key = f"{refused.service} {refused.method} {refused.endpoint}"
        self.lacking.setdefault(key, error or _remembered(refused))

    def _is_time(self, refused: RefusedQuestion) -> bool:
        """Whether it may be asked again."""
        is_worded = refused.status is not None and (refused.status < 500 or refused.said)  # noqa: PLR2004 - server errors
        return is_time(ASKED_AGAIN if is_worded else ASKED_AGAIN_SOON, refused.asked_at, self.now)


def _is_another_question(failed: ApiError, error: ApiError) -> bool:
    """Neither the same path, however it is filtered, nor the same kind of call about another record."""
    same_kind = failed.endpoint and (failed.method, failed.endpoint) == (error.method, error.endpoint)
    return failed.path != error.path and not same_kind


def _remembered(refused: RefusedQuestion) -> ApiError:
    """The error for a question that is not asked yet, since it was refused of late."""
    api = {"exact": "Exact", "sendcloud": "Sendcloud"}[refused.service]
    purpose = purpose_of(refused.service, refused.method, refused.endpoint)
    error = ApiError(
        f"{api} refuses {refused.method} {refused.endpoint} since {refused.since:%Y-%m-%d %H:%M} UTC"
        f" ({refused.status or 'no answer'})",
        api=api,
        method=refused.method,
        http_status=refused.status,
        hint=f"{purpose.not_done} exactsend status tells what would let it pass.",
    )
    error.endpoint = refused.endpoint
    return error
