"""What a stretch of days was like, worked out from records and events: days, causes, runs. Pure."""

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
MET_PROBLEMS = ("label_failed", "label_refused", "label_held", "order_refused", "writeback_failed", "decided")
"""The events by which a problem enters the ledger."""
TELLING = (RUN_ENDED, *MET_PROBLEMS)
"""The events that ``causes`` and ``rhythm`` are worked out from."""
_RECENT = 20
"""So many of the last runs tell how far apart runs are: a timer may have been changed since."""

Met = tuple[str, str, str, str]
"""One problem of one order or delivery: its key, the stage, the code, and when it was first seen."""


def days(
    first: date, last: date, orders: Iterable[date], deliveries: Sequence[DeliveryRecord]
) -> tuple[Day, ...]:
    """Every day from ``first`` to ``last``, those without anything too; ``orders`` are the days that orders were seen on."""
    seen = Counter(orders)
    labelled = Counter(day_of(delivery.label.at) for delivery in deliveries if delivery.label)
    cancelled = Counter(
        day_of(attempt.at)
        for delivery in deliveries
        for attempt in delivery.attempts
        if attempt.state is AttemptState.CANCELLED
    )
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(Day(day, seen[day], labelled[day], cancelled[day]) for day in every)


def day_of(moment: datetime) -> date:
    """The day that a moment is on, in UTC."""
    return moment.astimezone(UTC).date()


def causes(
    events: Iterable[Event], orders: Iterable[OrderRecord], deliveries: Iterable[DeliveryRecord]
) -> tuple[ProblemCause, ...]:
    """What needed a person, by code: each problem of each order and delivery once, however often it was tried.

    Args:
        events: those of the stretch of time.
        orders: those with a problem that is not cured yet, however old.
        deliveries: likewise.
    """
    still_open = {*_open_problems(orders, deliveries)}
    met = {pair for event in events if event.name in MET_PROBLEMS for pair in _met_in(event)} | still_open
    by_code = Counter(code for _, _, code, _ in met)
    of_open = Counter(code for _, _, code, _ in still_open)
    found = [
        ProblemCause(Code(code), of_open[code], count - of_open[code]) for code, count in by_code.items()
    ]
    return tuple(sorted(found, key=lambda cause: (-(cause.open + cause.cured), cause.code)))


def _open_problems(orders: Iterable[OrderRecord], deliveries: Iterable[DeliveryRecord]) -> Iterator[Met]:
    for order in orders:
        if order.problem:
            yield _met(order.order_id, order.problem.to_json())
    for delivery in deliveries:
        for problem in delivery.problems.values():
            yield _met(delivery.delivery_id, problem.to_json())


def _met_in(event: Event) -> Iterator[Met]:
    for put in event.puts:
        record: Mapping[str, object] = put.record or {}
        if put.section == ORDERS and isinstance(problem := record.get("problem"), dict):
            yield _met(put.key, problem)
        if put.section == DELIVERIES and isinstance(problems := record.get("problems"), dict):
            yield from (_met(put.key, problem) for problem in problems.values())


def _met(key: str, problem: Mapping[str, object]) -> Met:
    return key, str(problem["stage"]), str(problem["code"]), str(problem["first_seen"])


def rhythm(events: Iterable[Event]) -> Rhythm:
    """How runs came and ended."""
    ended = [event for event in events if event.name == RUN_ENDED]
    good = sum(_status_of(event) in GOOD for event in ended)
    moments = [event.at for event in ended]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments[-_RECENT:])]
    if not gaps:
        return Rhythm(len(ended), good, None)
    return Rhythm(len(ended), good, timedelta(seconds=round(median(gaps))))


def _status_of(event: Event) -> int:
    status = event.facts.get("exit_status")
    return status if isinstance(status, int) else ExitStatus.BUG
