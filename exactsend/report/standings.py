"""How divisions stand, rendered: a table, and the rows of the status document."""

from collections.abc import Sequence
from datetime import timedelta

from exactsend.readmodel.views import Standing
from exactsend.report.documents import JsonObject, time_text
from exactsend.report.tables import Table
from exactsend.report.views import UNKNOWN, moment_text
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
        "incoming_orders": standing.incoming,
        "waiting_for_label": standing.waiting,
        "errors": standing.errors,
        "parcels_towards_max_per_day": standing.parcels_towards_max_per_day,
        "sign_in_days_left": standing.sign_in_days_left,
        "exact_calls_left": standing.exact_calls_left,
    }


def standing_table(standings: Sequence[Standing]) -> Table:
    """How the divisions stand."""
    headings = (
        "division", "last good run", "age", "last status", "incoming orders", "waiting", "errors",
        "sign-in", "calls left",
    )  # fmt: skip
    return Table(headings, [_standing_row(one) for one in standings])


def _standing_row(standing: Standing) -> tuple[str, ...]:
    days, calls, status = (
        standing.sign_in_days_left,
        standing.exact_calls_left,
        standing.clockwork.last_status,
    )
    return (
        standing.division,
        moment_text(standing.clockwork.last_good_run),
        age_text(standing.age),
        UNKNOWN if status is None else str(status),
        str(standing.incoming),
        str(standing.waiting),
        str(standing.errors),
        UNKNOWN if days is None else counted(days, "day", "days"),
        UNKNOWN if calls is None else str(calls),
    )


def age_text(age: timedelta | None) -> str:
    """How long ago, in the largest fitting unit."""
    if age is None:
        return "-"
    minutes = int(age / timedelta(minutes=1))
    if minutes < 120:  # noqa: PLR2004 - two hours read better as minutes
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
