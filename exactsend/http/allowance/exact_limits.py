"""Exact's call limits, checked before each call and updated after it.

Source: Exact, knowledge base, "API limits". Rules S9 and S10.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from exactsend.errors import RateLimited, Resting
from exactsend.http.allowance.call_counters import CallCounters
from exactsend.http.allowance.rate_limit import NO_PAUSE
from exactsend.http.allowance.usage import SLACK, CallUsage, DivisionUsage, Errors, next_day
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
"""The right that an app's registration needs for each resource (Exact, REST API reference: the scope of each resource)."""


class ExactAllowance:
    """The calls that Exact still allows one sign-in, in all its divisions."""

    def __init__(self, counters: CallCounters, *, max_calls_per_day: int) -> None:
        self._counters = counters
        self._max_calls_per_day = max_calls_per_day

    def before(self, call: Call, now: datetime) -> timedelta:
        """See ``Allowance``. Endpoints rest one by one; minutes and days are per division, fair use per sign-in."""
        division = division_of(call)
        with self._counters.usage() as usage:
            counts = usage.of(division)
            _check_endpoint_rest(call, counts.errors.get(endpoint_of(call)), now)
            if division:
                self._check_fair_use(call, usage, now)
                _check_daily_limit(call, counts, now)
            pause = _pause(counts, now)
            if pause == NO_PAUSE:
                self._counters.sent(division, now)
            return pause

    def after(self, call: Call, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """See ``Allowance``."""
        self._counters.answered(division_of(call), endpoint_of(call), status, headers, now)

    def _check_fair_use(self, call: Call, usage: CallUsage, now: datetime) -> None:
        if usage.calls_today(now) >= self._max_calls_per_day:
            raise Resting(
                f"this sign-in has used up its {self._max_calls_per_day} calls for today",
                pause=next_day(now) - now,
                api=API,
                path=call.bare_path,
                hint="Calls resume at 00:00 UTC. exact.max_calls_per_day sets the limit; Exact's fair use limit is 20,000 calls a day per contract.",
            )


def division_of(call: Call) -> str:
    """The division that a call is counted under; empty for the few calls that Exact does not count per day."""
    match = re.match(r"/api/v1/(\d+)/", call.bare_path)
    return match[1] if match else ""


def endpoint_of(call: Call) -> str:
    """The name that errors are counted under: the path without division, keys and filters."""
    return call.endpoint.partition("?")[0] or re.sub(r"^/api/v1/(\d+/)?|\(.*\)$", "", call.bare_path)


def _check_endpoint_rest(call: Call, errors: Errors | None, now: datetime) -> None:
    if errors is None or errors.rests_until is None or not errors.rests(now):
        return
    endpoint = endpoint_of(call)
    raise Resting(
        f"calls to {endpoint} pause until {errors.rests_until:%H:%M} UTC: it was refused {errors.in_a_row} times in a row and"
        f" {errors.in_the_hour(now)} times in an hour, most recently with {errors.last_status}; ten an hour would block the API key",
        pause=errors.rests_until - now,
        api=API,
        path=call.bare_path,
        http_status=errors.last_status,
        hint=_remedy(endpoint, errors.last_status),
    )


def _remedy(endpoint: str, status: int) -> str:
    match status:
        case 401:
            return "The sign-in is refused: run exactsend connect."
        case 403:
            right = RIGHT_OF.get(endpoint.rsplit("/", 1)[-1])
            named = f'the right "{right}"' if right else "a right"
            return f"The app's registration probably lacks {named}, or the user who signed in does. After changing it, run exactsend connect."
        case 404:
            return "The division, or a module of its licence, is probably not what the configuration expects: run exactsend doctor."
        case _:
            return "A field in the configuration probably does not exist in this edition of Exact: run exactsend doctor."


def _check_daily_limit(call: Call, counts: DivisionUsage, now: datetime) -> None:
    day = counts.day_at(now)
    if day and day.remaining <= 0:
        raise RateLimited(
            f"this division has used up Exact's {day.limit} calls a day; calls resume at {day.resets_at:%H:%M} UTC",
            pause=day.resets_at - now,
            api=API,
            method=call.method,
            path=call.bare_path,
        )


def _pause(counts: DivisionUsage, now: datetime) -> timedelta:
    minute = counts.minute_at(now)
    until_next_minute = minute.resets_at + SLACK - now if minute and minute.remaining <= 0 else NO_PAUSE
    return max(counts.pause_at(now), until_next_minute)
