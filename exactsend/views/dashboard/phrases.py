"""The page's own sentences. What became of orders and deliveries is said in ``report.words``'s."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from exactsend.domain.problems import Code
from exactsend.errors import ExitStatus
from exactsend.views.dashboard.totals import Sums
from exactsend.views.data.overview import Health
from exactsend.views.text.outcome_phrases import counted, reason_text
from exactsend.views.text.status import age_text

HEALTH_WORDS: Mapping[Health, str] = {
    Health.WELL: "Runs well",
    Health.ATTENTION: "Needs a person",
    Health.LATE: "Late",
    Health.STOPPED: "Last run stopped",
    Health.NEVER: "No good run yet",
}
STAGE_WORDS = {"order": "Order to Sendcloud", "label": "Label", "writeback": "Tracking to Exact"}
CAUSE_WORDS: Mapping[Code, str] = {
    code: reason_text(code.value).capitalize().replace("Hs code", "HS code") for code in Code
}
STATUS_WORDS: Mapping[ExitStatus, str] = {
    ExitStatus.CONFIG: "the configuration is wrong",
    ExitStatus.LOGIN: "a person must sign in: exactsend connect",
    ExitStatus.SAFETY: "a safety limit stopped the purchases",
    ExitStatus.LEDGER: "the ledger can't be read or written",
    ExitStatus.API: "a service was not reached, allows no more calls, or has not answered a purchase yet",
    ExitStatus.BUG: "a bug in exactsend",
    ExitStatus.LOCKED: "another run holds the division",
    ExitStatus.INTERRUPTED: "interrupted",
    ExitStatus.TERMINATED: "terminated",
}


def status_text(status: int) -> str:
    """How a run ended that did not do all that it should have."""
    words = STATUS_WORDS.get(ExitStatus(status)) if status in {*ExitStatus} else None
    return f"{words} (status {status})" if words else f"status {status}"


def headline(sums: Sums, unread: int) -> str:
    """The page in one sentence: what a person must do, or that there is nothing to do."""
    troubles = [health for health in sums.health if health not in {Health.WELL, Health.ATTENTION}]
    parts = []
    if troubled := len(troubles) + unread:
        parts.append(
            "the division does not run well" if len(sums.health) + unread == 1 else _troubled(troubled)
        )
    if sums.errors:
        parts.append(counted(sums.errors, "thing needs a person", "things need a person"))
    if sums.refused:
        parts.append(counted(sums.refused, "question is refused", "questions are refused"))
    if not parts:
        return "All is well. Nothing needs a person."
    return f"{_listed(parts)}.".capitalize()


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _troubled(count: int) -> str:
    return "one division does not run well" if count == 1 else f"{count} divisions do not run well"


def number(count: int) -> str:
    """A number with its thousands apart."""
    return f"{count:,}"


def clock_text(moment: datetime | None) -> str:
    """A moment as the page has it, in UTC."""
    return "never" if moment is None else f"{moment.day} {moment:%b %Y, %H:%M}"


def day_text(day: date) -> str:
    """A day as the page has it."""
    return f"{day.day} {day:%b}"


def ago(age: timedelta | None) -> str:
    """How long ago."""
    if age is None:
        return "never"
    return "just now" if age < timedelta(minutes=1) else f"{age_text(age)} ago"
