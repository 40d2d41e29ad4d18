"""What the transport asks before and after each call, and how a service words a pause. Knows neither service."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from exactsend.http.messages import Call

NO_PAUSE = timedelta(0)
TOO_MANY = 429
LONGEST_PAUSE = timedelta(days=1)
"""No allowance of either service is counted over more than a day: a date beyond that is a mistake, and would stop us for ever."""


class Allowance(Protocol):
    """The calls that one service still allows."""

    def before(self, call: Call, now: datetime) -> timedelta:
        """How long to wait before asking again; no pause means go, and the call is counted.

        Raises:
            Resting: an allowance of ours says no.
            RateLimited: the service's own allowance is used up for today.
        """

    def after(self, call: Call, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """Take in what an answer says of the allowance. Header names are lower-cased."""


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The pause that a ``Retry-After`` header names, in seconds or as a date; None where there is none to be read."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,7}", text):
        return min(LONGEST_PAUSE, timedelta(seconds=int(text)))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    pause = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(LONGEST_PAUSE, max(NO_PAUSE, pause))
