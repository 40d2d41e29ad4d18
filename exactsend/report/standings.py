"""How divisions stand, rendered: a table, and the rows of the status document."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from exactsend.readmodel.views import Standing, Tally
from exactsend.report.documents import JsonObject, time_text
from exactsend.report.moments import moment_text
from exactsend.report.tables import Table
from exactsend.report.views import UNKNOWN
from exactsend.report.words import counted


def standing_object(standing: Standing) -> JsonObject:
    """A row of the status document."""
    clockwork, age = standing.clockwork, standing.age
    return {
        "division": standing.division,
        "last_good_run": time_text(clockwork.last_good_run),
        "age_minutes": None if age is None else int(age / timedelta(minutes=1)),
        "last_run": time_text(clockwork.last_run),
        "last_status": clockwork.last_status,
        "last_run_seconds": clockwork.last_seconds,
        "last_run_calls": dict(clockwork.last_calls),
        "next_due": time_text(standing.next_due),
        "incoming_orders": standing.incoming,
        "waiting_for_label": standing.waiting,
        "errors": standing.errors,
        "today": _tally_object(standing.today),
        "seven_days": _tally_object(standing.seven_days),
        "parcels_towards_max_per_day": standing.parcels_towards_max_per_day,
        "sign_in_days_left": standing.sign_in_days_left,
        "exact_calls_left": standing.exact_calls_left,
        "exact_calls_left_this_minute": standing.exact_calls_left_this_minute,
        "ledger_bytes": standing.ledger_bytes,
        "exact_calls_today": standing.exact_calls_today,
        "exact_calls_per_day": standing.max_calls_per_day,
    }


def _tally_object(tally: Tally) -> JsonObject:
    return {"orders": tally.orders, "labels": tally.labels, "errors": tally.errors}


_COLUMNS: tuple[tuple[str, Callable[[Standing], str]], ...] = (
    ("division", lambda one: one.division),
    ("last good run", lambda one: moment_text(one.clockwork.last_good_run)),
    ("age", lambda one: age_text(one.age)),
    ("next due", lambda one: f"{one.next_due:%H:%M}" if one.next_due else UNKNOWN),
    ("status", lambda one: _or_unknown(one.clockwork.last_status)),
    (
        "took",
        lambda one: f"{one.clockwork.last_seconds:g} s" if one.clockwork.last_seconds is not None else "-",
    ),
    ("calls", lambda one: _calls(one.clockwork.last_calls)),
    ("orders", lambda one: f"{one.today.orders} / {one.seven_days.orders}"),
    ("labels", lambda one: f"{one.today.labels} / {one.seven_days.labels}"),
    ("new errors", lambda one: f"{one.today.errors} / {one.seven_days.errors}"),
    ("incoming", lambda one: str(one.incoming)),
    ("waiting", lambda one: str(one.waiting)),
    ("errors", lambda one: str(one.errors)),
    ("sign-in", lambda one: _days(one.sign_in_days_left)),
    ("calls left", lambda one: _left(one.exact_calls_left_this_minute, one.exact_calls_left)),
    ("ledger", lambda one: size_text(one.ledger_bytes)),
)
"""Orders, labels and new errors are those of today (UTC) and those of seven days; calls left those of the minute and of the day."""


def standing_table(standings: Sequence[Standing]) -> Table:
    """How the divisions stand."""
    return Table(
        tuple(heading for heading, _ in _COLUMNS),
        [tuple(cell(one) for _, cell in _COLUMNS) for one in standings],
    )


SIGN_IN_SOON = 10
"""So many days before a sign-in dies it is said."""


def warnings_of(standing: Standing) -> Iterator[str]:
    """What somebody should do soon."""
    days = standing.sign_in_days_left
    if days is not None and days <= SIGN_IN_SOON:
        left = counted(days, "day", "days")
        yield f"the sign-in to Exact ends in {left} unless a run uses it; to sign in anew: exactsend connect"


def _days(days: int | None) -> str:
    return UNKNOWN if days is None else counted(days, "day", "days")


def _or_unknown(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _calls(calls: Mapping[str, int]) -> str:
    return f"{calls['exact']} + {calls['sendcloud']}" if calls else "-"


def _left(minute: int | None, day: int | None) -> str:
    return UNKNOWN if day is None else f"{_or_unknown(minute)} / {day}"


def size_text(size: int) -> str:
    """Bytes in the largest fitting unit."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size} bytes"


def age_text(age: timedelta | None) -> str:
    """How long ago, in the largest fitting unit."""
    if age is None:
        return "-"
    minutes = int(age / timedelta(minutes=1))
    if minutes < 120:  # noqa: PLR2004 - two hours read better as minutes
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
