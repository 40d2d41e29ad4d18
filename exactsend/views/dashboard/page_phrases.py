"""The phrases and headline of the page. Those about orders and deliveries come from ``views.text``."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from exactsend.domain.problems import Code
from exactsend.errors import ExitStatus
from exactsend.views.dashboard.totals import Totals
from exactsend.views.data.overview import Health
from exactsend.views.text.outcome_phrases import counted, reason_text
from exactsend.views.text.status import age_text

HEALTH_PHRASES: Mapping[Health, str] = {
    Health.WELL: "Runs well",
    Health.ATTENTION: "Needs a person",
    Health.LATE: "Late",
    Health.STOPPED: "Last run stopped",
    Health.NEVER: "No good run yet",
}
STAGE_PHRASES = {"order": "Order to Sendcloud", "label": "Label", "writeback": "Tracking to Exact"}
CAUSE_PHRASES: Mapping[Code, str] = {
    code: reason_text(code.value).capitalize().replace("Hs code", "HS code") for code in Code
}
STATUS_PHRASES: Mapping[ExitStatus, str] = {
    ExitStatus.CONFIG: "the configuration is wrong",
    ExitStatus.LOGIN: "you must sign in: exactsend connect",
    ExitStatus.SAFETY: "a safety limit stopped the purchases",
    ExitStatus.LEDGER: "the ledger can't be read or written",
    ExitStatus.API: "a service was not reached, allows no more calls, or has not answered a purchase yet",
    ExitStatus.BUG: "a bug in exactsend",
    ExitStatus.LOCKED: "another run holds the division",
    ExitStatus.INTERRUPTED: "interrupted",
    ExitStatus.TERMINATED: "terminated",
}


def status_text(status: int) -> str:
    """The exit status of a run that did not do all its work."""
    phrase = STATUS_PHRASES.get(ExitStatus(status)) if status in {*ExitStatus} else None
    return f"{phrase} (status {status})" if phrase else f"status {status}"


def headline(totals: Totals, unreadable: int) -> str:
    """The page in one sentence: what needs a person, or that nothing does."""
    not_well = [health for health in totals.health if health not in {Health.WELL, Health.ATTENTION}]
    parts = []
    if count := len(not_well) + unreadable:
        is_only = len(totals.health) + unreadable == 1
        parts.append("the division does not run well" if is_only else _not_well_text(count))
    if totals.errors:
        parts.append(counted(totals.errors, "thing needs a person", "things need a person"))
    if totals.refused:
        parts.append(counted(totals.refused, "request is refused", "requests are refused"))
    if not parts:
        return "All is well. Nothing needs a person."
    return f"{_listed(parts)}.".capitalize()


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _not_well_text(count: int) -> str:
    return "one division does not run well" if count == 1 else f"{count} divisions do not run well"


def number(count: int) -> str:
    """A number with thousands separators."""
    return f"{count:,}"


def clock_text(moment: datetime | None) -> str:
    """A time on the page, in UTC."""
    return "never" if moment is None else f"{moment.day} {moment:%b %Y, %H:%M}"


def day_text(day: date) -> str:
    """A day on the page."""
    return f"{day.day} {day:%b}"


def ago(age: timedelta | None) -> str:
    """An age in words."""
    if age is None:
        return "never"
    return "just now" if age < timedelta(minutes=1) else f"{age_text(age)} ago"
