"""What is remembered of a refused question, when it is asked again, and what is an outage (S13)."""

from datetime import timedelta

import pytest

from exactsend.domain.record_store import RecordStore
from exactsend.engine.optional_requests import (
    FORGET_UNUSED_AFTER,
    RETRY_FAILED_AFTER,
    RETRY_REFUSED_AFTER,
    NotAnswered,
    OptionalRequests,
    RecordFailures,
    pause_after,
)
from exactsend.errors import (
    ApiError,
    Broken,
    FieldProblem,
    Forbidden,
    RateLimited,
    Refused,
    Unanswered,
    Unreadable,
)
from tests.builders import NOW, a_record_store

DELETED, DIVISIONS = "GET sync/Deleted", "GET system/Divisions"
MINUTE = timedelta(minutes=1)


def failed(error: ApiError, endpoint: str = "sync/Deleted", said: str = "") -> ApiError:
    """The error, as the transport gives it for an endpoint."""
    error.endpoint, error.said, error.path = endpoint, said, f"/api/v1/1/{endpoint}"
    return error


def refused(endpoint: str = "sync/Deleted", status: int = 403) -> ApiError:
    kind = Forbidden if status == 403 else Refused
    return failed(kind("Exact refused it", api="Exact", method="GET", http_status=status), endpoint)


def broken(endpoint: str = "sync/Deleted", status: int = 500, said: str = "") -> ApiError:
    return failed(Broken("Exact failed", api="Exact", method="GET", http_status=status), endpoint, said)


class Asked:
    """A question that answers, or fails, and counts how often it was put."""

    def __init__(self, error: ApiError | None = None) -> None:
        self.error = error
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        if self.error is not None:
            raise self.error
        return "answer"


def ask(records: RecordStore, name: str, question: Asked, *, after: timedelta = timedelta(0)) -> str:
    """Put it in a run of its own."""
    return OptionalRequests(records, NOW + after).ask("exact", name, question)


# ── one question ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "error",
    [
        refused(status=400),
        refused(),
        refused(status=404),
        broken(said="No."),
        failed(Unreadable("odd", http_status=200)),
    ],
    ids=["400", "403", "404", "500 in words", "unreadable"],
)
def test_a_refusal_is_remembered_and_asked_again_after_an_hour(error: ApiError) -> None:
    records, question = a_record_store(), Asked(error)
    with pytest.raises(NotAnswered):
        ask(records, DELETED, question)
    with pytest.raises(NotAnswered):
        ask(records, DELETED, question, after=RETRY_REFUSED_AFTER - MINUTE)
    assert question.times == 1
    question.error = None
    assert ask(records, DELETED, question, after=RETRY_REFUSED_AFTER) == "answer"
    assert records.refused.questions == {}


def test_since_when_it_is_refused_is_kept() -> None:
    records = a_record_store()
    for hours in (0, 1, 2):
        with pytest.raises(NotAnswered):
            ask(records, DELETED, Asked(refused()), after=timedelta(hours=hours))
    (kept,) = records.refused.questions.values()
    assert (kept.since, kept.asked_at) == (NOW, NOW + timedelta(hours=2))


def test_what_is_asked_no_more_is_forgotten_after_days_and_what_is_asked_is_not() -> None:
    records = a_record_store()
    for name in (DELETED, DIVISIONS):
        with pytest.raises(NotAnswered):
            ask(records, name, Asked(refused(name.partition(" ")[2])))
    later = OptionalRequests(records, NOW + FORGET_UNUSED_AFTER)
    with pytest.raises(NotAnswered):
        later.ask("exact", DELETED, Asked(refused()))
    later.forget_unused()
    assert list(records.refused.questions) == [f"exact {DELETED}"]


@pytest.mark.parametrize(
    "error",
    [
        failed(Forbidden("no", http_status=401)),
        failed(Refused("no", problems=[FieldProblem("", "Blocked user", "reason")], http_status=403)),
        failed(Forbidden("no", problems=[FieldProblem("", "NoDivisionAccess", "reason")], http_status=403)),
        failed(RateLimited("slowly")),
    ],
    ids=["401", "a blocked user", "no access to the division", "429"],
)
def test_what_is_about_sign_in_user_division_or_allowance_stops_the_run(error: ApiError) -> None:
    records = a_record_store()
    with pytest.raises(type(error)):
        ask(records, DELETED, Asked(error))
    assert records.refused.questions == {}


# ── an outage ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "error", [broken(), broken(status=502), failed(Unanswered("silence"))], ids=["500", "502", "no answer"]
)
def test_two_questions_that_fail_without_words_one_after_another_are_an_outage(error: ApiError) -> None:
    records = a_record_store()
    questions = OptionalRequests(records, NOW)
    with pytest.raises(NotAnswered):
        questions.ask("exact", DELETED, Asked(error))
    with pytest.raises(Broken):
        questions.ask("exact", DIVISIONS, Asked(broken("system/Divisions")))
    assert records.refused.questions == {}


def test_one_that_fails_without_words_while_others_are_answered_is_asked_again_soon() -> None:
    records = a_record_store()
    questions = OptionalRequests(records, NOW)
    with pytest.raises(NotAnswered):
        questions.ask("exact", DELETED, Asked(broken()))
    questions.ask("exact", DIVISIONS, Asked())
    assert list(records.refused.questions) == [f"exact {DELETED}"]
    assert ask(records, DELETED, Asked(), after=RETRY_FAILED_AFTER) == "answer"


def test_the_same_kind_of_call_about_another_record_is_no_second_question() -> None:
    questions = OptionalRequests(a_record_store(), NOW)
    for number in (1, 2, 3):
        error = failed(Broken("no", api="Sendcloud", method="DELETE", http_status=500), "orders/{id}")
        error.path = f"/orders/{number}"
        questions.record_refusal(error, name="DELETE orders/{id}")
    assert len(questions.lacking) == 1


def test_what_failed_in_order_to_answer_is_told_by_its_own_name() -> None:
    records = a_record_store()
    questions = OptionalRequests(records, NOW)
    with pytest.raises(NotAnswered):
        questions.ask("exact", DIVISIONS, Asked(broken("current/Me")))
    questions.ask("exact", DELETED, Asked())
    assert list(records.refused.questions) == ["exact GET current/Me"]


# ── records ──────────────────────────────────────────────────────────────────────────────────────


def test_three_that_fail_alike_are_no_records_fault() -> None:
    failures = RecordFailures[int]()
    failures.add(1, refused())
    failures.add(2, refused())
    with pytest.raises(Forbidden):
        failures.add(3, refused())


@pytest.mark.parametrize("other", [refused(status=400), refused("system/Divisions")], ids=["status", "call"])
def test_three_that_fail_differently_are_records(other: ApiError) -> None:
    failures = RecordFailures[int]()
    for number, error in enumerate([refused(), other, refused()]):
        failures.add(number, error)
    assert [key for key, _ in failures.rest()] == [0, 1, 2]


def test_once_one_did_not_fail_all_that_do_are_to_blame() -> None:
    failures = RecordFailures[int]()
    failures.add(0, refused())
    assert [key for key, _ in failures.take_confirmed()] == [0]
    for number in range(1, 6):
        failures.add(number, refused())
    assert len(failures.rest()) == 5


def test_those_that_failed_before_count_for_nothing() -> None:
    failures = RecordFailures[int]()
    for number in range(5):
        failures.add(number, refused(), has_failed=True)
    assert len(failures.rest()) == 5


def test_a_failure_without_words_is_never_a_records() -> None:
    with pytest.raises(Broken):
        RecordFailures[int]().add(1, broken())


@pytest.mark.parametrize(("is_sure", "longest"), [(True, timedelta(days=1)), (False, timedelta(hours=1))])
def test_where_it_is_not_sure_whose_fault_it_is_the_pause_stays_within_the_hour(
    longest: timedelta, *, is_sure: bool
) -> None:
    error = refused()
    failures = RecordFailures[int]()
    if is_sure:
        failures.take_confirmed()
    failures.add(1, error)
    failures.rest()
    pauses = [pause_after(error, tries) for tries in range(1, 7)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=15)
    assert pauses[-1] == longest


def test_those_that_failed_come_last_and_while_something_is_refused_the_others_from_the_other_end() -> None:
    records = a_record_store()
    numbers = [1, 2, 3, 4, 5]
    assert OptionalRequests(records, NOW).retry_order("exact", numbers, lambda number: number == 2) == [
        1,
        3,
        4,
        5,
        2,
    ]
    with pytest.raises(NotAnswered):
        ask(records, DELETED, Asked(refused()))
    assert OptionalRequests(records, NOW).retry_order("exact", numbers, lambda number: number == 2) == [
        5,
        4,
        3,
        1,
        2,
    ]
