"""What Exact allows: asked before each call, told after it. Reads the tally; where it is kept is ``book``'s business.

Source: Exact, knowledge base, "API limits". Rules S9 and S10.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from exactsend.errors import RateLimited, Resting
from exactsend.http.allowance.call_counters import CallBook
from exactsend.http.allowance.rate_limit import NO_PAUSE
from exactsend.http.allowance.usage import SLACK, CallUsage, DivisionTally, Errors, next_day
from exactsend.http.messages import Call

API = "Exact"

RIGHT_OF = {
    "SalesOrders": "Sales orders",
    "SalesOrderHeaders": "Sales orders",
    "SalesOrderLines": "Sales orders",
    "ShippingMethods": "Sales orders",
    "GoodsDeliveries": "Logistics wms",
    "GoodsDeliveryLines": "Logistics wms",
    "Accounts": "Crm accounts",
    "Contacts": "Crm accounts",
    "Addresses": "Crm accounts",
    "Items": "Logistics items",
    "Warehouses": "Logistics inventory",
    "Documents": "Organization documents",
    "DocumentAttachments": "Organization documents",
    "Deleted": "Organization administration",
    "SyncTimestamp": "Organization administration",
    "Divisions": "Organization administration",
}
"""The right that an app's registration needs, by resource (Exact, REST API reference: the scope of each resource)."""


class ExactAllowance:
    """The calls that Exact still allows to one sign-in, for all its divisions."""

    def __init__(self, book: CallBook, *, max_calls_per_day: int) -> None:
        self._book = book
        self._max_calls_per_day = max_calls_per_day

    def before(self, call: Call, now: datetime) -> timedelta:
        """As ``Allowance``: rests are per endpoint, minutes and days per division, fair use per sign-in."""
        division = division_of(call)
        with self._book.tally() as tally:
            mine = tally.of(division)
            _refuse_while_resting(call, mine.errors.get(endpoint_of(call)), now)
            if division:
                self._refuse_past_fair_use(call, tally, now)
                _refuse_past_the_day(call, mine, now)
            pause = _pause(mine, now)
            if pause == NO_PAUSE:
                self._book.sent(division, now)
            return pause

    def after(self, call: Call, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """As ``Allowance``."""
        self._book.answered(division_of(call), endpoint_of(call), status, headers, now)

    def _refuse_past_fair_use(self, call: Call, tally: CallUsage, now: datetime) -> None:
        if tally.calls_today(now) >= self._max_calls_per_day:
            raise Resting(
                f"the {self._max_calls_per_day} calls a day that this sign-in may make are used up",
                pause=next_day(now) - now,
                api=API,
                path=call.bare_path,
                hint="It goes on at 00:00 UTC. exact.max_calls_per_day sets the number; Exact's fair use ends at 20,000 a day per contract.",
            )


def division_of(call: Call) -> str:
    """The division that a call is counted under; empty for the few that Exact does not count per day."""
    match = re.match(r"/api/v1/(\d+)/", call.bare_path)
    return match[1] if match else ""


def endpoint_of(call: Call) -> str:
    """The name that errors are counted under: the path without division and keys, however it is filtered."""
    return call.endpoint.partition("?")[0] or re.sub(r"^/api/v1/(\d+/)?|\(.*\)$", "", call.bare_path)


def _refuse_while_resting(call: Call, errors: Errors | None, now: datetime) -> None:
    if errors is None or errors.rests_until is None or not errors.rests(now):
        return
    endpoint = endpoint_of(call)
    raise Resting(
        f"{endpoint} rests until {errors.rests_until:%H:%M} UTC: it was refused {errors.in_a_row} times in a row and"
        f" {errors.in_the_hour(now)} times in the hour, at last with {errors.last_status}; ten an hour would block the API key",
        pause=errors.rests_until - now,
        api=API,
        path=call.bare_path,
        http_status=errors.last_status,
        hint=_likely_cure(endpoint, errors.last_status),
    )


def _likely_cure(endpoint: str, status: int) -> str:
    match status:
        case 401:
            return "The sign-in is refused: run exactsend connect."
        case 403:
            right = RIGHT_OF.get(endpoint.rsplit("/", 1)[-1])
            named = f'the right "{right}"' if right else "a right"
            return f"Probably {named} is missing on the app's registration, or the user who signed in lacks it; after a change run exactsend connect."
        case 404:
            return "Probably the division, or a module of its licence, is not what the configuration expects: run exactsend doctor."
        case _:
            return "Probably a field in the configuration does not exist in this edition of Exact: run exactsend doctor."


def _refuse_past_the_day(call: Call, mine: DivisionTally, now: datetime) -> None:
    day = mine.day_at(now)
    if day and day.remaining <= 0:
        raise RateLimited(
            f"Exact's {day.limit} calls a day for this division are used up; it goes on at {day.resets_at:%H:%M} UTC",
            pause=day.resets_at - now,
            api=API,
            method=call.method,
            path=call.bare_path,
        )


def _pause(mine: DivisionTally, now: datetime) -> timedelta:
    minute = mine.minute_at(now)
    until_the_next = minute.resets_at + SLACK - now if minute and minute.remaining <= 0 else NO_PAUSE
    return max(mine.pause_at(now), until_the_next)
