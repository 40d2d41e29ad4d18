"""Exact's sync streams and the cursors that say how far they were read (S11)."""

from datetime import datetime, timedelta

from exactsend.domain.records import Cursor
from exactsend.exact.models import Change
from exactsend.gather.sources import Sources
from exactsend.systems import Stream

STREAM_OVERLAP = timedelta(minutes=15)
"""How long before the first run the streams begin: rows become visible at commit, not in order."""


def rows(
    sources: Sources, stream: Stream, cursors: dict[str, Cursor], *, known: Cursor | None = None
) -> list[Change]:
    """What is new in a stream. Its cursor moves in ``cursors`` alone: it counts when the caller has noted what the rows lead to.

    Args:
        sources: where from.
        stream: which.
        cursors: takes the moved cursor.
        known: where it was read to; without, what the ledger says.
    """
    known = known or sources.memory.cursor(stream) or Cursor(position=1)
    start, cursor = with_daily_restart(sources, known)
    changes = list(sources.exact.changes(stream, after=start))
    position = max([change.timestamp for change in changes], default=0)
    cursors[stream] = cursor.but(position=max(position, cursor.position))
    return changes


def with_daily_restart(sources: Sources, cursor: Cursor) -> tuple[int, Cursor]:
    """Where to read from: in the first run of a day, the position of two days ago."""
    today = sources.now.date().isoformat()
    if cursor.daily and cursor.daily[-1][0] == today:
        return cursor.position, cursor
    start = cursor.daily[-2][1] if len(cursor.daily) > 1 else cursor.position
    daily = (*cursor.daily[-2:], (today, cursor.position))
    return min(start, cursor.position), cursor.but(daily=daily)


def cursor_at(sources: Sources, stream: Stream, moment: datetime) -> Cursor:
    """The cursor from which everything is found that changed after this wall time of Exact's."""
    return Cursor(position=sources.exact.row_version_at(stream, moment))
