"""What is news: whatever happens between two messages, each thing is told once, in the end."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from exactsend.domain.problems import Code
from exactsend.domain.records import ProblemRecord
from exactsend.errors import ExitStatus
from exactsend.notify.message import digest
from exactsend.notify.news import MOST_KEPT, Box, Facts, News, taken_in
from exactsend.readmodel.views import ProblemView
from exactsend.settings.models import Topic

TOPICS: tuple[Topic, ...] = get_args(Topic)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def problem(delivery: int) -> ProblemView:
    record = ProblemRecord(
        stage="label",
        code=Code.HOUSE_NUMBER_MISSING,
        message=f"delivery {delivery} has no house number",
        first_seen=NOW,
        last_tried=NOW,
    )
    return ProblemView("acme", record, (4711,), delivery)


def facts(deliveries: Sequence[int] = (), *, status: ExitStatus = ExitStatus.DONE, labels: int = 0) -> Facts:
    return Facts("acme", status, problems=[problem(one) for one in deliveries], labels=labels)


RUNS = st.lists(
    st.tuples(st.frozensets(st.integers(1, 4)), st.integers(0, 3), st.booleans()), min_size=1, max_size=30
)
"""Of each run: the deliveries with an error afterwards, the labels bought, and whether a message can be sent."""


@given(RUNS)
def test_each_error_cure_and_label_is_told_once(runs: list[tuple[frozenset[int], int, bool]]) -> None:
    box, told = Box(), list[News]()
    happened: Counter[str] = Counter()
    before: frozenset[int] = frozenset()
    for wrong, labels, can_be_sent in [*runs, (frozenset(), 0, True)]:
        box = taken_in(box, facts(sorted(wrong), labels=labels), TOPICS)
        happened["errors"] += len(wrong - before)
        happened["cures"] += len(before - wrong)
        happened["labels"] += labels
        before = wrong
        if can_be_sent:
            told += box.waiting
            box = box.model_copy(update={"waiting": ()})

    assert happened == Counter(
        errors=sum(one.topic == "errors" for one in told),
        cures=sum(one.topic == "cures" for one in told),
        labels=sum(one.count for one in told),
    )


@given(st.lists(st.sampled_from(list(ExitStatus)), max_size=20))
def test_a_state_is_told_when_it_changes_and_not_while_it_lasts(statuses: list[ExitStatus]) -> None:
    box = Box()
    for status in statuses:
        box = taken_in(box, facts(status=status), TOPICS)
        again = taken_in(box, facts(status=status), TOPICS)
        assert again == box


def test_a_run_that_could_not_read_its_ledger_cures_nothing() -> None:
    box = taken_in(Box(), facts([20001]), TOPICS)

    box = taken_in(box, Facts("acme", ExitStatus.LEDGER), TOPICS)

    assert [one.topic for one in box.waiting] == ["errors", "status"]


def test_a_run_that_was_ended_by_hand_is_no_news() -> None:
    box = Box()
    for status in (ExitStatus.LOCKED, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED):
        box = taken_in(box, facts(status=status), TOPICS)

    assert box.waiting == ()


def test_what_waits_does_not_grow_for_ever() -> None:
    box = Box()
    for number in range(MOST_KEPT):
        box = taken_in(box, facts([number]), TOPICS)

    assert len(box.waiting) == MOST_KEPT


def test_a_long_digest_is_cut_and_says_so() -> None:
    box = taken_in(Box(), facts(range(1, 61)), TOPICS)

    message = digest(box.waiting)

    assert message.title == "exactsend: 60 new errors"
    assert "  and 10 more\n" in message.body
