"""What is news: whatever happens between two messages, each thing is told once, in the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from exactsend.domain.division_records import RefusedQuestion
from exactsend.domain.problems import AS_STORED, Code
from exactsend.domain.records import ProblemRecord
from exactsend.errors import ExitStatus
from exactsend.operations.notifications.digest_state import (
    MAX_STORED,
    DigestItem,
    DigestState,
    RunFacts,
    with_news,
)
from exactsend.operations.notifications.message import digest
from exactsend.settings.models import Topic
from exactsend.views.data.view_types import ProblemView

TOPICS: tuple[Topic, ...] = get_args(Topic)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def problem(delivery: int) -> ProblemView:
    record = ProblemRecord(
        stage="label",
        code=Code.HOUSE_NUMBER_MISSING,
        variant=AS_STORED,
        values={"message": f"delivery {delivery} has no house number", "field": "", "remedy": ""},
        first_seen=NOW,
        last_tried=NOW,
    )
    return ProblemView("acme", record, (4711,), delivery)


def facts(
    deliveries: Sequence[int] = (), *, status: ExitStatus = ExitStatus.DONE, labels: int = 0
) -> RunFacts:
    return RunFacts("acme", status, problems=[problem(delivery) for delivery in deliveries], labels=labels)


RUNS = st.lists(
    st.tuples(st.frozensets(st.integers(1, 4)), st.integers(0, 3), st.booleans()), min_size=1, max_size=30
)
"""Of each run: the deliveries with an error afterwards, the labels bought, and whether a message can be sent."""


@given(RUNS)
def test_each_error_cure_and_label_is_told_once(runs: list[tuple[frozenset[int], int, bool]]) -> None:
    state, told = DigestState(), list[DigestItem]()
    happened: Counter[str] = Counter()
    before: frozenset[int] = frozenset()
    for wrong, labels, can_be_sent in [*runs, (frozenset(), 0, True)]:
        state = with_news(state, facts(sorted(wrong), labels=labels), TOPICS)
        happened["errors"] += len(wrong - before)
        happened["cures"] += len(before - wrong)
        happened["labels"] += labels
        before = wrong
        if can_be_sent:
            told += state.waiting
            state = state.model_copy(update={"waiting": ()})

    assert happened == Counter(
        errors=sum(item.topic == "errors" for item in told),
        cures=sum(item.topic == "cures" for item in told),
        labels=sum(item.count for item in told),
    )


@given(st.lists(st.sampled_from(sorted({*ExitStatus} - {ExitStatus.LOCKED})), max_size=20))
def test_a_state_is_told_when_it_changes_and_not_while_it_lasts(statuses: list[ExitStatus]) -> None:
    state = DigestState()
    for status in statuses:
        state = with_news(state, facts(status=status), TOPICS)
        again = with_news(state, facts(status=status), TOPICS)
        assert again == state


def test_a_run_that_could_not_read_its_ledger_cures_nothing() -> None:
    state = with_news(DigestState(), facts([20001]), TOPICS)

    state = with_news(state, RunFacts("acme", ExitStatus.LEDGER), TOPICS)

    assert [item.topic for item in state.waiting] == ["errors", "status"]


def test_a_run_that_was_ended_by_hand_is_no_news() -> None:
    state = DigestState()
    for status in (ExitStatus.LOCKED, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED):
        state = with_news(state, facts(status=status), TOPICS)

    assert state.waiting == ()


def test_a_division_that_is_held_run_after_run_is_told_once() -> None:
    state = DigestState()
    for _ in range(7):
        state = with_news(state, facts(status=ExitStatus.LOCKED), TOPICS)

    (told,) = state.waiting
    assert told.text == "3 runs in a row did nothing because another run holds the division"
    assert with_news(state, facts(), TOPICS).known["acme"].locked == 0


def refused(*endpoints: str) -> RunFacts:
    questions = [
        RefusedQuestion(service="exact", method="GET", endpoint=endpoint, status=403, since=NOW, asked_at=NOW)
        for endpoint in endpoints
    ]
    return replace(facts(), refused=questions)


def test_a_refused_question_is_told_once_when_it_begins_and_once_when_it_ends() -> None:
    state = DigestState()
    for endpoints in ([], ["sync/Deleted"], ["sync/Deleted"], ["sync/Deleted", "crm/Contacts"], [], []):
        state = with_news(state, refused(*endpoints), ("errors",))

    assert [item.text for item in state.waiting] == [
        "Exact refuses sync/Deleted (403). Deleted orders are noticed only when they are read again.",
        "Exact refuses crm/Contacts (403). Orders and deliveries with a contact person wait. Everything else goes on.",
        "Exact: sync/Deleted works again",
        "Exact: crm/Contacts works again",
    ]
    assert "Organization administration" in state.waiting[0].remedy
    message = digest(state.waiting)
    assert message.title == "exactsend: refused requests changed"
    assert "Refused by a service:\n  acme: Exact refuses sync/Deleted (403)." in message.body


def test_a_run_that_could_not_read_its_ledger_ends_no_refusal() -> None:
    state = with_news(DigestState(), refused("sync/Deleted"), TOPICS)

    assert with_news(state, RunFacts("acme", ExitStatus.LEDGER), TOPICS).known["acme"].refused


def test_who_wants_to_hear_of_labels_alone_hears_of_no_refusal() -> None:
    assert with_news(DigestState(), refused("sync/Deleted"), ("labels",)).waiting == ()


def test_what_waits_does_not_grow_for_ever() -> None:
    state = DigestState()
    for number in range(MAX_STORED):
        state = with_news(state, facts([number]), TOPICS)

    assert len(state.waiting) == MAX_STORED


def test_a_long_digest_is_cut_and_says_so() -> None:
    state = with_news(DigestState(), facts(range(1, 61)), TOPICS)

    message = digest(state.waiting)

    assert message.title == "exactsend: 60 new errors"
    assert "  and 10 more\n" in message.body
