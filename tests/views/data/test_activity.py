"""What a stretch of days was like: days, causes, runs, parcels that nothing needs."""

from datetime import date, datetime, timedelta

import pytest

from exactsend.domain.ids import DeliveryId
from exactsend.domain.problems import Code
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import AttemptState, ProblemRecord, Record
from exactsend.ledger.journal import Event
from exactsend.views.data.activity import causes, days, rhythm
from exactsend.views.data.overview import Day, ProblemCause
from tests.builders import NOW, OTHER_DELIVERY, a_label, a_record, an_attempt, an_order_record
from tests.told_problems import a_told_problem
from tests.views.dashboard.example_shops import Scribe

MONDAY = NOW.date()
SUNDAY = MONDAY - timedelta(days=1)


def a_problem(code: Code = Code.LABEL_FAILED, at: datetime = NOW) -> ProblemRecord:
    return ProblemRecord.seen("label", a_told_problem(code, "no label"), at=at, before=None)


def events_of(*notes: tuple[str, Record]) -> list[Event]:
    """What the ledger has of these events."""
    scribe = Scribe(NOW)
    for name, record in notes:
        RecordStore(scribe).note(name, record)
    return scribe.events


def runs(*ends: tuple[datetime, int]) -> list[Event]:
    return [
        Event(place + 1, at, "run", "run_ended", None, {"exit_status": status}, ())
        for place, (at, status) in enumerate(ends)
    ]


# ── days ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_day_is_there_also_those_without_anything() -> None:
    label = a_label(at=NOW)
    cancelled = an_attempt(state=AttemptState.CANCELLED, at=NOW - timedelta(days=1))

    found = days(
        SUNDAY - timedelta(days=1),
        MONDAY,
        [MONDAY, MONDAY],
        [a_record(label=label), a_record(attempts=(cancelled,))],
    )

    assert found == (
        Day(SUNDAY - timedelta(days=1), 0, 0, 0),
        Day(SUNDAY, orders=0, labels=0, cancelled=1),
        Day(MONDAY, orders=2, labels=1, cancelled=0),
    )


def test_a_label_counts_for_its_day_in_utc() -> None:
    late = datetime.fromisoformat("2026-11-23T00:30:00+01:00")

    found = days(SUNDAY, MONDAY, [], [a_record(label=a_label(at=late))])

    assert [(day.date, day.labels) for day in found] == [(date(2026, 11, 22), 1), (date(2026, 11, 23), 0)]


# ── causes ───────────────────────────────────────────────────────────────────────────────────────


def test_a_problem_counts_once_however_often_it_was_tried() -> None:
    first = a_record().with_problem(a_problem())
    again = ProblemRecord.seen(
        "label",
        a_told_problem(Code.LABEL_FAILED, "no label"),
        at=NOW + timedelta(hours=1),
        before=a_problem(),
    )
    second = a_record().with_problem(again)

    found = causes(events_of(("label_failed", first), ("label_failed", second)), [], [second])

    assert found == (ProblemCause(Code.LABEL_FAILED, open=1, cured=0),)


def test_what_is_open_no_longer_was_cured() -> None:
    failed = a_record().with_problem(a_problem(Code.WEIGHT_MISSING))
    other = a_record(delivery_id=OTHER_DELIVERY).with_problem(a_problem(Code.WEIGHT_MISSING))

    found = causes(events_of(("label_held", failed), ("decided", other)), [], [other])

    assert found == (ProblemCause(Code.WEIGHT_MISSING, open=1, cured=1),)


def test_the_most_frequent_cause_comes_first_and_old_open_ones_count() -> None:
    old = an_order_record(problem=a_problem(Code.ADDRESS_MISSING, NOW - timedelta(days=300)))
    failed = [
        a_record(delivery_id=DeliveryId(f"d-{n}")).with_problem(a_problem(Code.HS_CODE_MISSING))
        for n in range(2)
    ]

    found = causes(events_of(*(("label_held", delivery) for delivery in failed)), [old], [])

    assert found == (
        ProblemCause(Code.HS_CODE_MISSING, open=0, cured=2),
        ProblemCause(Code.ADDRESS_MISSING, open=1, cured=0),
    )


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────


def test_runs_are_as_far_apart_as_they_mostly_are() -> None:
    quarter = timedelta(minutes=15)
    moments = [NOW - n * quarter for n in range(5, -1, -1)]
    moments[3] += timedelta(minutes=6)  # one that waited

    found = rhythm(runs(*((at, 0) for at in moments)))

    assert found.interval == quarter


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_runs_have_no_rhythm(count: int) -> None:
    found = rhythm(runs(*[(NOW, 0)] * count))

    assert (found.runs, found.interval) == (count, None)


def test_runs_that_end_with_0_or_1_are_good() -> None:
    found = rhythm(runs((NOW, 0), (NOW, 1), (NOW, 5), (NOW, 7), (NOW, 70)))

    assert (found.runs, found.good) == (5, 2)
