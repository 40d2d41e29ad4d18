"""The interface of an allowance, and the ``Retry-After`` header. Knows neither service."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from exactsend.http.messages import Call

NO_PAUSE = timedelta(0)
TOO_MANY = 429
LONGEST_PAUSE = timedelta(days=1)
"""No limit of either service lasts longer than a day. A later date is a mistake and would stop us forever."""


class Allowance(Protocol):
    """The calls that a service still allows."""

    def before(self, call: Call, now: datetime) -> timedelta:
        """How long to wait before asking again. No pause means that the call may be sent; it is counted.

        Raises:
            Resting: one of our own limits stops the call.
            RateLimited: the service's limit for today is used up.
        """

    def after(self, call: Call, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """Update the allowance from a response. Header names are in lower case."""


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The pause in a ``Retry-After`` header, given in seconds or as a date; None if missing or unreadable."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,7}", text):
        return min(LONGEST_PAUSE, timedelta(seconds=int(text)))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    pause = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(LONGEST_PAUSE, max(NO_PAUSE, pause))
