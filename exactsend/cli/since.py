"""The moment that ``--since`` names."""

import re
from datetime import UTC, date, datetime, timedelta

from exactsend.errors import UsageError


def moment_of(text: str, now: datetime) -> datetime:
    """The moment that ``30d`` or a date means: that many days ago, or 00:00 UTC of that day.

    Raises:
        UsageError: it is neither.
    """
    if days := re.fullmatch(r"(\d{1,5})d", text):
        return now - timedelta(days=int(days[1]))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--since {text} is neither a number of days nor a date", hint="Use 30d, or 2026-11-01."
        ) from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
