"""Requests that a run can do without: sent, refused, recorded, and sent again after a pause (S13).

Distinguishes a refused request, which stops only what needs its answer, from an outage, which stops the run. The caller
decides what to do instead. ``domain.request_purposes`` lists what each request is for.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

from exactsend.domain.division_records import RefusedQuestion
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import free_retry_pause
from exactsend.domain.request_purposes import purpose_of
from exactsend.errors import ApiError, Broken, Forbidden, Resting, Unanswered, is_refusal
from exactsend.system.elapsed import is_due_again
from exactsend.system.structured_log import log_event

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Key = TypeVar("Key")
Service = Literal["exact", "sendcloud"]

RETRY_REFUSED_AFTER = timedelta(hours=1)
"""How soon a refused request is sent again. A newly granted right takes effect within this time (S9)."""
RETRY_FAILED_AFTER = timedelta(minutes=15)
"""The same after a failure without a message, which is usually temporary."""


FORGET_UNUSED_AFTER = timedelta(days=3)
"""A refused request that was not needed for so long is no longer reported."""


class NotAnswered(Exception):
    """The request was refused, now or recently, and the run continues without its answer."""

    def __init__(self, refused: RefusedQuestion) -> None:
        super().__init__(refused.endpoint)
        self.refused = refused


OUTAGE_FAILURES = 3
"""So many different records that fail in the same way in a row mean that the service is failing, not the records."""


class RecordFailures(Generic[Key]):
    """Failures of records processed one after another. They count as the records' own only once the service is known to work."""

    def __init__(self) -> None:
        self._kept: list[tuple[Key, ApiError]] = []
        self._ways: Counter[tuple[int | None, str, str]] = Counter()
        self.is_known_to_work = False
        """Another record succeeded, so the failures are the records' own."""

    def add(self, key: Key, error: ApiError, *, has_failed: bool = False) -> None:
        """Add a failure. ``has_failed``: the record failed in an earlier run too, so it is no sign of an outage.

        Raises:
            ApiError: the service, an allowance or a key fails rather than the record. This applies to the earlier
                failures too.
        """
        if not is_refusal(error):
            raise error
        self._kept.append((key, error))
        self._ways[_kind_of_failure(error)] += not has_failed
        if self._ways[_kind_of_failure(error)] >= OUTAGE_FAILURES and not self.is_known_to_work:
            raise error

    def take_confirmed(self) -> list[tuple[Key, ApiError]]:
        """Take the failures so far, after a record succeeded: each is its own record's problem."""
        self.is_known_to_work = True
        self._ways.clear()
        return self.rest()

    def rest(self) -> list[tuple[Key, ApiError]]:
        """Take the failures at the end: too few for an outage. If no record succeeded, the cause is not certain."""
        kept, self._kept = self._kept, []
        for _, error in kept:
            error.is_of_the_record = self.is_known_to_work
        return kept


def pause_after(error: ApiError, tries: int) -> timedelta:
    """How long a failed record waits after so many tries. The pause grows.

    At most an hour if all records of the kind may be refused, so that work continues soon after a right was granted.
    """
    pause = free_retry_pause(tries)
    return pause if error.is_of_the_record else min(pause, RETRY_REFUSED_AFTER)


def _kind_of_failure(error: ApiError) -> tuple[int | None, str, str]:
    return error.http_status, error.method, error.endpoint


class OptionalRequests:
    """Sends one run's optional requests and records refusals."""

    def __init__(self, records: RecordStore, now: datetime) -> None:
        self.records = records
        self.now = now
        self.lacking: dict[str, ApiError] = {}
        """Refused requests that this run needed for something that was due, by service and name."""
        self._failed: dict[Service, tuple[str, ApiError]] = {}
        """The last request to a service, if it failed without a message. If the next one does too, it is an outage."""

    def ask(self, service: Service, name: str, ask: Callable[[], Answer]) -> Answer:
        """Send a request.

        Args:
            service: where it is sent.
            name: method and endpoint, in the form of ``Call.name``.
            ask: sends it and returns the answer.

        Raises:
            NotAnswered: it was refused, now or recently.
            ApiError: the service is out of reach; or a second request in a row failed, which means an outage.
        """
        key = f"{service} {name}"
        known = self.records.refused.questions.get(key)
        if known is not None and not self._is_time(known):
            self._note_needed(known)
            raise NotAnswered(known)
        try:
            answer = ask()
        except ApiError as error:
            raise NotAnswered(self._refused(service, name, error)) from error
        self._forget_failure(service)
        self.answered(service, name)
        return answer

    def _forget_failure(self, service: Service) -> None:
        """The service works, so its last failure was a refusal of that one request."""
        if failed := self._failed.pop(service, None):
            self._note(service, *failed)

    def is_paused(self, service: Service, name: str) -> bool:
        """Whether a request is not to be sent yet, because it was refused recently. Records that it was needed."""
        known = self.records.refused.questions.get(f"{service} {name}")
        if known is None or self._is_time(known):
            return False
        self._note_needed(known)
        return True

    def record_refusal(self, error: ApiError, *, name: str = "") -> None:
        """Record that a request failed for which no record is to blame, and continue without it.

        Args:
            error: how it failed.
            name: method and endpoint; by default those of the error.

        Raises:
            ApiError: it is no refusal: the service is out of reach, or an allowance is used up.
        """
        service: Service = "sendcloud" if error.api == "Sendcloud" else "exact"
        self._refused(service, name or f"{error.method or 'GET'} {error.endpoint}", error)

    def retry_order(
        self, service: Service, records: Iterable[Key], has_failed: Callable[[Key], bool]
    ) -> list[Key]:
        """The order in which to process records, so that several failing ones in a row don't keep the others from being tried.

        Those that failed before come last. While the service refuses something, the order is reversed: perhaps only the
        records at one end are refused.
        """
        is_refused = any(question.service == service for question in self.records.refused.questions.values())
        found = [*records]
        return sorted(reversed(found) if is_refused else found, key=has_failed)

    def answered(self, service: Service, name: str) -> None:
        """Note that a request was answered: a recorded refusal of it ends, and the service works."""
        if service in self._failed and self._failed[service][0] == name:
            del self._failed[service]
        self._forget_failure(service)
        kept = self.records.refused
        key = f"{service} {name}"
        if key in kept.questions:
            rest = {question: refused for question, refused in kept.questions.items() if question != key}
            self.records.note("question_answered", kept.replace(questions=rest), facts={"question": key})

    def forget_unused(self) -> None:
        """Forget refused requests that were not needed for days. Those that are needed are sent again every hour."""
        kept = self.records.refused
        rest = {
            key: question
            for key, question in kept.questions.items()
            if not is_due_again(FORGET_UNUSED_AFTER, question.asked_at, self.now)
        }
        if len(rest) < len(kept.questions):
            self.records.note("question_not_asked", kept.replace(questions=rest))

    def note_refused(self, service: Service, refused: Iterable[ApiError]) -> None:
        """Record refusals that a client worked around."""
        for error in refused:
            self._note(service, f"{error.method or 'GET'} {error.endpoint}", error)

    def rest(self, service: Service) -> list[str]:
        """The endpoints that were refused recently and are not to be called yet."""
        return [
            question.endpoint
            for question in self.records.refused.questions.values()
            if question.service == service and not self._is_time(question)
        ]

    def _refused(self, service: Service, name: str, error: ApiError) -> RefusedQuestion:
        """Record a failed request as refused.

        Raises:
            ApiError: it is no refusal: the service, the sign-in or an allowance is the cause.
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
            refused = self._refused_question(service, name, error)
            self._note_needed(refused, error)
            return refused
        if inner_name and is_refusal(error):
            # A request that was needed to answer this one is recorded under its own name too.
            self._note_needed(self._note(service, inner_name, error), error)
        refused = self._note(service, name, error)
        self._note_needed(refused, error)
        return refused

    def _refused_question(self, service: Service, name: str, error: ApiError) -> RefusedQuestion:
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
        refused = self._refused_question(service, name, error)
        questions = {**kept.questions, key: refused}
        facts = {"question": key, "status": refused.status}
        self.records.note("question_refused", kept.replace(questions=questions), facts=dict(facts.items()))
        if known is None:
            purpose = purpose_of(service, refused.method, refused.endpoint)
            log_event(log, logging.WARNING, "question_refused", f"{error.message}. {purpose.not_done}")
        return refused

    def _note_needed(self, refused: RefusedQuestion, error: ApiError | None = None) -> None:
        if purpose_of(refused.service, refused.method, refused.endpoint).is_optional:
            return
        key = f"{refused.service} {refused.method} {refused.endpoint}"
        self.lacking.setdefault(key, error or _remembered(refused))

    def _is_time(self, refused: RefusedQuestion) -> bool:
        """Whether the request may be sent again."""
        is_worded = refused.status is not None and (refused.status < 500 or refused.said)  # noqa: PLR2004 - server errors
        return is_due_again(
            RETRY_REFUSED_AFTER if is_worded else RETRY_FAILED_AFTER, refused.asked_at, self.now
        )


def _is_another_question(failed: ApiError, error: ApiError) -> bool:
    """Whether two errors are of different requests: neither the same path, however filtered, nor the same kind of call for another record."""
    same_kind = failed.endpoint and (failed.method, failed.endpoint) == (error.method, error.endpoint)
    return failed.path != error.path and not same_kind


def _remembered(refused: RefusedQuestion) -> ApiError:
    """The error for a request that is not sent, because it was refused recently."""
    api = {"exact": "Exact", "sendcloud": "Sendcloud"}[refused.service]
    purpose = purpose_of(refused.service, refused.method, refused.endpoint)
    error = ApiError(
        f"{api} refuses {refused.method} {refused.endpoint} since {refused.since:%Y-%m-%d %H:%M} UTC"
        f" ({refused.status or 'no answer'})",
        api=api,
        method=refused.method,
        http_status=refused.status,
        hint=f"{purpose.not_done} exactsend status shows what would let it pass.",
    )
    error.endpoint = refused.endpoint
    return error
