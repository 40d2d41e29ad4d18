"""How a run ended, and the schedule after it: durations, calls, intervals, new errors by day. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from exactsend.domain.division_records import Schedule
from exactsend.domain.records import Record
from exactsend.system.elapsed import elapsed

ERRORS_COUNTED_FOR = timedelta(days=8)
"""New errors are counted for so long: seven whole days and today."""


@dataclass(frozen=True)
class RunEnd:
    """How a run ended."""

    at: datetime
    status: int
    is_good: bool
    seconds: float
    calls: Mapping[str, int]
    new_errors: int


class LastRun(Record):
    """The last run started, however early it ended."""

    status: int
    """Its exit status."""
    at: datetime
    """When it ended."""
    seconds: float | None = None
    calls: Mapping[str, int] = Field(default_factory=dict)
    """By service."""
    code: str = ""
    """The code of the error that ended it; empty if none did, or if unknown."""
    message: str = ""
    """That error's message, masked."""


def last_run_of(schedule: Schedule) -> LastRun | None:
    """The last run in the ledger; None before the first."""
    if schedule.last_run is None or schedule.last_status is None:
        return None
    return LastRun(
        status=schedule.last_status,
        at=schedule.last_run,
        seconds=schedule.last_seconds,
        calls=schedule.last_calls,
    )


def schedule_after(schedule: Schedule, end: RunEnd) -> Schedule:
    """The schedule after a run. Seconds are whole, because every run writes this and most write nothing else."""
    at = end.at.replace(microsecond=0)
    ended = schedule.replace(
        last_run=at,
        last_status=end.status,
        last_seconds=end.seconds,
        last_calls=dict(end.calls),
        last_pause=round(elapsed(schedule.last_run, at).total_seconds()) if schedule.last_run else None,
        errors_met=_errors_met(schedule, end),
    )
    return ended.replace(last_good_run=at) if end.is_good else ended


def _errors_met(schedule: Schedule, end: RunEnd) -> tuple[tuple[str, int], ...]:
    met, today = dict(schedule.errors_met), end.at.date()
    if end.new_errors:
        met[today.isoformat()] = met.get(today.isoformat(), 0) + end.new_errors
    return tuple(
        sorted((day, count) for day, count in met.items() if day > (today - ERRORS_COUNTED_FOR).isoformat())
    )


def next_due(schedule: Schedule) -> datetime | None:
    """When the next run is due if the interval stays the same; None if unknown."""
    if schedule.last_run is None or schedule.last_pause is None:
        return None
    return schedule.last_run + timedelta(seconds=schedule.last_pause)


def errors_since(schedule: Schedule, day: str) -> int:
    """The new errors met since a day, including corrected ones."""
    return sum(count for met, count in schedule.errors_met if met >= day)
