"""The status of divisions: a table, warnings, and rows of the status document."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from exactsend.domain.run_history import LastRun
from exactsend.errors import ExitStatus
from exactsend.views.data.overview import SIGN_IN_SOON
from exactsend.views.data.view_types import DivisionStatus, PeriodTally
from exactsend.views.text.json_documents import JsonObject, time_text
from exactsend.views.text.outcome_phrases import counted
from exactsend.views.text.record_view import UNKNOWN
from exactsend.views.text.refused_requests import refused_line, refused_request_object
from exactsend.views.text.tables import Table
from exactsend.views.text.time_format import moment_text


def status_object(status: DivisionStatus) -> JsonObject:
    """A row of the status document."""
    schedule, age, last = status.schedule, status.age, status.last_run
    return {
        "division": status.division,
        "last_good_run": time_text(schedule.last_good_run),
        "age_minutes": None if age is None else int(age / timedelta(minutes=1)),
        "last_run": _last_run_object(last),
        "last_status": last.status if last else None,
        "last_run_seconds": last.seconds if last else None,
        "last_run_calls": dict(last.calls) if last else {},
        "next_due": time_text(status.next_due),
        "incoming_orders": status.incoming,
        "waiting_for_label": status.waiting,
        "errors": status.errors,
        "today": _tally_object(status.today),
        "seven_days": _tally_object(status.seven_days),
        "parcels_towards_max_per_day": status.parcels_towards_max_per_day,
        "sign_in_days_left": status.sign_in_days_left,
        "exact_calls_left": status.exact_calls_left,
        "exact_calls_left_this_minute": status.exact_calls_left_this_minute,
        "ledger_bytes": status.ledger_bytes,
        "exact_calls_today": status.exact_calls_today,
        "exact_calls_per_day": status.max_calls_per_day,
        "refused": [refused_request_object(refusal) for refusal in status.refused],
    }


def _last_run_object(last: LastRun | None) -> JsonObject | None:
    if last is None:
        return None
    return {
        "status": last.status,
        "at": time_text(last.at),
        "seconds": last.seconds,
        "calls": dict(last.calls),
        "error": {"code": last.code, "message": last.message} if last.code else None,
    }


def _tally_object(tally: PeriodTally) -> JsonObject:
    return {"orders": tally.orders, "labels": tally.labels, "errors": tally.errors}


_COLUMNS: tuple[tuple[str, Callable[[DivisionStatus], str]], ...] = (
    ("division", lambda status: status.division),
    ("last good run", lambda status: moment_text(status.schedule.last_good_run)),
    ("age", lambda status: age_text(status.age)),
    ("next due", lambda status: f"{status.next_due:%H:%M}" if status.next_due else UNKNOWN),
    ("status", lambda status: _or_unknown(status.last_run.status if status.last_run else None)),
    ("took", lambda status: _took(status.last_run)),
    ("calls", lambda status: _calls(status.last_run.calls if status.last_run else {})),
    ("orders", lambda status: f"{status.today.orders} / {status.seven_days.orders}"),
    ("labels", lambda status: f"{status.today.labels} / {status.seven_days.labels}"),
    ("new errors", lambda status: f"{status.today.errors} / {status.seven_days.errors}"),
    ("incoming", lambda status: str(status.incoming)),
    ("waiting", lambda status: str(status.waiting)),
    ("errors", lambda status: str(status.errors)),
    ("sign-in", lambda status: _days(status.sign_in_days_left)),
    ("calls left", lambda status: _left(status.exact_calls_left_this_minute, status.exact_calls_left)),
    ("ledger", lambda status: size_text(status.ledger_bytes)),
)
"""Orders, labels and new errors: today (UTC) and seven days. Calls left: this minute and today."""


def status_table(statuses: Sequence[DivisionStatus]) -> Table:
    """A row per division."""
    return Table(
        tuple(heading for heading, _ in _COLUMNS),
        [tuple(cell(status) for _, cell in _COLUMNS) for status in statuses],
    )


def refused_lines(statuses: Sequence[DivisionStatus]) -> Iterator[str]:
    """The refused requests, a line each."""
    for status in statuses:
        for refused in status.refused:
            yield f"{status.division}: {refused_line(refused)}"


def warnings_of(status: DivisionStatus) -> Iterator[str]:
    """What needs action soon."""
    yield from last_run_warnings(status.last_run)
    days = status.sign_in_days_left
    if days is not None and days <= SIGN_IN_SOON:
        left = counted(days, "day", "days")
        yield f"the sign-in to Exact expires in {left} unless a run uses it; to sign in again: exactsend connect"


def last_run_warnings(last: LastRun | None) -> Iterator[str]:
    """The status of the last run, if it did not do all its work, and the reason if known."""
    if last is not None and last.status not in {ExitStatus.DONE, ExitStatus.ATTENTION}:
        why = f": {last.message}" if last.message else ""
        remedy = "; to sign in again: exactsend connect" if last.status == ExitStatus.LOGIN else ""
        yield f"the last run ended with {last.status} at {moment_text(last.at)}{why}{remedy}"


def _days(days: int | None) -> str:
    return UNKNOWN if days is None else counted(days, "day", "days")


def _or_unknown(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _took(last: LastRun | None) -> str:
    return "-" if last is None or last.seconds is None else f"{last.seconds:g} s"


def _calls(calls: Mapping[str, int]) -> str:
    return f"{calls['exact']} + {calls['sendcloud']}" if calls else "-"


def _left(minute: int | None, day: int | None) -> str:
    return UNKNOWN if day is None else f"{_or_unknown(minute)} / {day}"


def size_text(size: int) -> str:
    """A size in the largest fitting unit."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size} bytes"


def age_text(age: timedelta | None) -> str:
    """An age in the largest fitting unit."""
    if age is None:
        return "-"
    minutes = int(age / timedelta(minutes=1))
    if minutes < 120:  # noqa: PLR2004 - two hours read better as minutes
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
