"""The activity of a period, from records and events: counts per day, causes of problems, the rhythm of runs. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median

from exactsend.domain.problems import Code
from exactsend.domain.record_keys import DELIVERIES, ORDERS
from exactsend.domain.records import AttemptState, DeliveryRecord, OrderRecord
from exactsend.errors import ExitStatus
from exactsend.ledger.journal import Event
from exactsend.views.data.overview import GOOD, Day, ProblemCause, Rhythm

RUN_ENDED = "run_ended"
PROBLEM_EVENTS = (
    "label_failed",
    "label_refused",
    "label_held",
    "order_refused",
    "writeback_failed",
    "decided",
)
"""The events that record a problem."""
ACTIVITY_EVENTS = (RUN_ENDED, *PROBLEM_EVENTS)
"""The events that ``causes`` and ``rhythm`` read."""
_RECENT_RUNS = 20
"""How many of the last runs the interval is measured on: the timer may have changed before them."""

ProblemKey = tuple[str, str, str, str]
"""A problem of an order or a delivery: the record's key, the stage, the code, and when it was first seen."""


def days(
    first: date, last: date, orders: Iterable[date], deliveries: Sequence[DeliveryRecord]
) -> tuple[Day, ...]:
    """Every day from ``first`` to ``last``, days without activity included; ``orders`` has the day of each new order."""
    new_orders = Counter(orders)
    labelled = Counter(day_of(delivery.label.at) for delivery in deliveries if delivery.label)
    cancelled = Counter(
        day_of(attempt.at)
        for delivery in deliveries
        for attempt in delivery.attempts
        if attempt.state is AttemptState.CANCELLED
    )
    all_days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(Day(day, new_orders[day], labelled[day], cancelled[day]) for day in all_days)


def day_of(moment: datetime) -> date:
    """The day of a moment, in UTC."""
    return moment.astimezone(UTC).date()


def causes(
    events: Iterable[Event], orders: Iterable[OrderRecord], deliveries: Iterable[DeliveryRecord]
) -> tuple[ProblemCause, ...]:
    """The problems by code, most frequent first. A problem counts once, however often it was tried.

    Args:
        events: those of the period.
        orders: all with an open problem, however old.
        deliveries: likewise.
    """
    still_open = {*_open_problems(orders, deliveries)}
    recorded = {key for event in events if event.name in PROBLEM_EVENTS for key in _event_problems(event)}
    by_code = Counter(code for _, _, code, _ in recorded | still_open)
    open_by_code = Counter(code for _, _, code, _ in still_open)
    all_causes = [
        ProblemCause(Code(code), open_by_code[code], count - open_by_code[code])
        for code, count in by_code.items()
    ]
    return tuple(sorted(all_causes, key=lambda cause: (-(cause.open + cause.cured), cause.code)))


def _open_problems(
    orders: Iterable[OrderRecord], deliveries: Iterable[DeliveryRecord]
) -> Iterator[ProblemKey]:
    for order in orders:
        if order.problem:
            yield _problem_key(order.order_id, order.problem.to_json())
    for delivery in deliveries:
        for problem in delivery.problems.values():
            yield _problem_key(delivery.delivery_id, problem.to_json())


def _event_problems(event: Event) -> Iterator[ProblemKey]:
    for put in event.puts:
        record: Mapping[str, object] = put.record or {}
        if put.section == ORDERS and isinstance(problem := record.get("problem"), dict):
            yield _problem_key(put.key, problem)
        if put.section == DELIVERIES and isinstance(problems := record.get("problems"), dict):
            yield from (_problem_key(put.key, problem) for problem in problems.values())


def _problem_key(key: str, problem: Mapping[str, object]) -> ProblemKey:
    return key, str(problem["stage"]), str(problem["code"]), str(problem["first_seen"])


def rhythm(events: Iterable[Event]) -> Rhythm:
    """How many runs there were, how many ended well, and their interval."""
    runs = [event for event in events if event.name == RUN_ENDED]
    good = sum(_exit_status(event) in GOOD for event in runs)
    gaps = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(runs[-_RECENT_RUNS:])]
    return Rhythm(len(runs), good, timedelta(seconds=round(median(gaps))) if gaps else None)


def _exit_status(event: Event) -> int:
    status = event.facts.get("exit_status")
    return status if isinstance(status, int) else ExitStatus.BUG
