"""Checks that the configured accounts are those that the ledger is pinned to, and reads the division's own data.

Pins a new ledger. Caches country, currency and move date of the division for an hour.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from exactsend.domain.division_records import Pins
from exactsend.domain.ids import Division
from exactsend.domain.record_store import RecordStore
from exactsend.domain.store_protocol import JsonRecord
from exactsend.engine.optional_requests import NotAnswered, OptionalRequests
from exactsend.engine.ports import Exact, Sendcloud
from exactsend.engine.snapshot import Identity
from exactsend.errors import ApiError, Forbidden, WrongAccount
from exactsend.exact.endpoints import DIVISIONS
from exactsend.exact.models import ReachableDivision
from exactsend.system.elapsed import is_due_again

HOUR = timedelta(hours=1)
_DIVISION = "division"


@dataclass(frozen=True)
class Hosts:
    """The configured hosts of both services."""

    exact: str
    sendcloud: str


def identify(
    exact: Exact,
    sendcloud: Sendcloud,
    questions: OptionalRequests,
    *,
    division: Division,
    hosts: Hosts,
    clock: Callable[[], datetime],
) -> Identity:
    """The accounts and the division that this run works for.

    Raises:
        WrongAccount: the ledger is pinned to other accounts.
        Forbidden: the sign-in has no access to the division.
    """
    records = questions.records
    who = sendcloud.who_am_i()
    found = Pins(
        exact_host=hosts.exact,
        division=division,
        sendcloud_host=hosts.sendcloud,
        user=who.user_id,
        integration=who.integration_id,
    )
    require_same(records.pins, found)
    about = _about_division(exact, questions, division, clock)
    if records.pins is None:
        records.note("accounts_pinned", found, facts={"integration": found.integration})
    return Identity(
        division=division,
        integration=found.integration,
        country=str(about["country"]),
        currency=str(about["currency"]),
    )


def require_same_hosts(pinned: Pins | None, hosts: Hosts, division: Division) -> None:
    """Refuse hosts and divisions other than the ledger's. Checked before the first call, so that keys go nowhere else (S8).

    Raises:
        WrongAccount: the configuration names another host or another division.
    """
    if pinned is not None:
        configured = pinned.replace(exact_host=hosts.exact, division=division, sendcloud_host=hosts.sendcloud)
        require_same(pinned, configured)


def require_same(pinned: Pins | None, found: Pins) -> None:
    """Refuse accounts other than the pinned ones. A ledger without pins accepts any (1.5).

    Raises:
        WrongAccount: the accounts differ.
    """
    if pinned is None or pinned == found:
        return
    names = {
        "exact_host": "Exact site",
        "division": "Exact division",
        "sendcloud_host": "Sendcloud address",
        "user": "Sendcloud account",
        "integration": "Sendcloud integration",
    }
    differing = [
        f"{name} {getattr(found, key)} instead of {getattr(pinned, key)}"
        for key, name in names.items()
        if getattr(found, key) != getattr(pinned, key)
    ]
    raise WrongAccount(
        f"the state of division {pinned.division} belongs to other accounts: {', '.join(differing)}",
        hint="Put the former keys and addresses back, or say that the division has moved with: exactsend connect --move",
    )


def _about_division(
    exact: Exact, questions: OptionalRequests, division: Division, clock: Callable[[], datetime]
) -> JsonRecord:
    """Country, currency and move date of the division, read once an hour.

    If the request is refused, a plainer one is sent; if that is refused too, the last answer holds, and without one
    country and currency are empty.

    Raises:
        Forbidden: the sign-in has no access to the division.
        ApiError: Exact has blocked the division for a while.
    """
    records = questions.records
    kept = records.cached(_DIVISION)
    if kept is not None and not is_due_again(HOUR, datetime.fromisoformat(str(kept["read_at"])), clock()):
        return kept
    try:
        found = _division(exact, questions)
    except NotAnswered:
        return kept or {"country": "", "currency": "", "move_date": ""}
    if found is None:
        raise Forbidden(
            f"the sign-in does not reach Exact division {division}",
            api="Exact",
            hint="Give the user and the app the right to this division in Exact, then run: exactsend connect",
        )
    if found.blocking_status:
        raise ApiError(
            f"Exact division {division} is blocked for the moment (back-up or conversion)",
            api="Exact",
            hint="Nothing to do: the next run tries again.",
        )
    moved = found.division_move_date.isoformat() if found.division_move_date else ""
    about: JsonRecord = {
        "read_at": clock().isoformat(),  # read after the answer, which may have corrected the clock
        "country": found.country,
        "currency": found.currency or "EUR",
        "move_date": moved,
    }
    records.cache(_DIVISION, about)
    return about


def _division(exact: Exact, questions: OptionalRequests) -> ReachableDivision | None:
    try:
        return questions.ask("exact", f"GET {DIVISIONS.path}?Code", exact.division)
    except NotAnswered:
        return questions.ask("exact", f"GET {DIVISIONS.path}", lambda: exact.division(plainly=True))


def move_date(records: RecordStore) -> str:
    """The date of the division's last move. A new date means that all row versions are new (S11)."""
    kept = records.cached(_DIVISION)
    return str(kept["move_date"]) if kept else ""
