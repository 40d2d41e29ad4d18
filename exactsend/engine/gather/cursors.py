"""Reads the changes of one Exact stream, and moves the cursor that says how far it was read (S11, S13).

A stream is read by row version. SyncTimestamp gives its start for the streams that the vendor lists; through the others
the reader pages to the end, a few pages a run. Until then, and while a stream is refused, changes are found by date.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from exactsend.domain.division_records import Cursor
from exactsend.engine.optional_requests import NotAnswered
from exactsend.engine.ports import Stream
from exactsend.engine.run_context import RunContext
from exactsend.errors import ApiError, Refused, is_refusal
from exactsend.exact.endpoints import (
    BY_DATE,
    SYNC_TIMESTAMP,
    SYNC_TIMESTAMP_KNOWS,
    listing_by_date,
    stream_path,
)
from exactsend.exact.models import Change
from exactsend.system.elapsed import is_due_again

STREAM_OVERLAP = timedelta(minutes=15)
"""Streams start so long before the first run: rows become visible at commit, not in order of row version."""
DATE_OVERLAP = timedelta(hours=2)
"""Each search by date goes back so far behind the previous one: for late commits, and for the repeated hour in autumn."""
DAYS_KEPT = 3
"""The first position of this many days is kept. Once a day a stream is read again from that of two days ago."""
RESTART_BACK = timedelta(days=2)
MAX_PAGES = 3
"""Pages of a thousand rows that one run reads towards the end of a stream without a known start."""
MAX_QUERIES = 80
"""Queries of one run to find the second in which a bad record was changed. A day takes twice seventeen."""
OUTAGE_FAILURES = 7
"""So many failures without a success mean that the service is failing, not a record."""
CENTRAL_EUROPE = ZoneInfo("Europe/Amsterdam")
"""The zone of Exact's times (Exact, REST API FAQ; an answer of January 2025 has an offset of 3600)."""


@dataclass(frozen=True)
class StreamRead:
    """The changes read from a stream, and its new cursor."""

    changes: tuple[Change, ...]
    cursor: Cursor
    is_all: bool = True
    """False: changes may have been missed, so all open work must be read again."""


def read_stream(context: RunContext, stream: Stream, known: Cursor) -> StreamRead:
    """The changes in a stream since ``known``. The caller must store the returned cursor together with what the changes lead to."""
    if known.position == 0:
        return _find_start(context, stream, known)
    try:
        return _by_version(context, stream, known)
    except NotAnswered:
        return _by_date(context, stream, known)


def wall_time(context: RunContext) -> datetime:
    """Exact's clock, as the local time without zone that its records have."""
    try:
        return context.questions.ask("exact", "GET current/Me", context.exact.wall_time)
    except NotAnswered:
        return to_wall_time(context.now)


def to_wall_time(moment: datetime) -> datetime:
    """A time as Exact stores it: local, without zone."""
    return moment.astimezone(CENTRAL_EUROPE).replace(tzinfo=None)


def earliest_reading(wall: datetime) -> datetime:
    """An Exact time that no later change is dated before: in the repeated hour of autumn, an hour earlier.

    A change at 02:10 of the second pass comes after one at 02:50 of the first.
    """
    comes_twice = (
        wall.replace(tzinfo=CENTRAL_EUROPE, fold=0).utcoffset()
        != wall.replace(tzinfo=CENTRAL_EUROPE, fold=1).utcoffset()
    )
    return wall - timedelta(hours=1) if comes_twice else wall


# ── by row version ───────────────────────────────────────────────────────────────────────────────


def _by_version(context: RunContext, stream: Stream, known: Cursor) -> StreamRead:
    """The rows above the position; once a day those above the position of two days ago.

    Rows become visible at commit, not in order. So for two days after the stream started, the daily read also starts
    again at the time from which changes count. The daily read begins at the last row itself. If that row is gone and no
    later one exists, a back-up of Exact may have been restored, whose new rows have lower versions. Then the stream
    starts again, two days back.

    Raises:
        NotAnswered: the stream is refused.
    """
    start, cursor, is_daily = with_daily_restart(context, known)
    committed_late: tuple[Change, ...] = ()
    if is_daily and known.begins is not None:
        if stream in SYNC_TIMESTAMP_KNOWS:
            start = min(start, _first_since(context, stream, known.begins, start))
        else:
            committed_late = _by_date(context, stream, known.replace(by_date=None)).changes
        cursor = cursor.replace(begins=None if len(cursor.daily) > DAYS_KEPT - 1 else known.begins)
    rows = context.questions.ask(
        "exact", f"GET {stream_path(stream)}", lambda: list(context.exact.changes(stream, after=start))
    )
    if (listing := listing_by_date(stream)) is not None:
        context.questions.answered("exact", f"GET {listing}{BY_DATE}")  # no longer needed
    newest = max([row.timestamp for row in rows], default=0)
    if is_daily and newest < known.position:
        begins = earliest_reading(wall_time(context) - RESTART_BACK)
        return read_stream(context, stream, Cursor(begins=begins, daily=cursor.daily[-1:]))
    changes = tuple(row for row in rows if row.timestamp != known.position)
    return StreamRead(
        (*changes, *committed_late), cursor.replace(position=max(newest, known.position), by_date=None)
    )


def with_daily_restart(context: RunContext, cursor: Cursor) -> tuple[int, Cursor, bool]:
    """The position to read from, the new cursor, and whether this is the first read of the day.

    The first read of a day starts at the position of two days ago, or just before the last row.
    """
    today = context.now.date().isoformat()
    if cursor.daily and cursor.daily[-1][0] == today:
        return cursor.position, cursor, False
    start = cursor.daily[-2][1] if len(cursor.daily) > 1 else cursor.position
    daily = (*cursor.daily[1 - DAYS_KEPT :], (today, cursor.position))
    return min(start, cursor.position - 1), cursor.replace(daily=daily), bool(cursor.daily)


# ── where it begins ──────────────────────────────────────────────────────────────────────────────


def _find_start(context: RunContext, stream: Stream, known: Cursor) -> StreamRead:
    if stream in SYNC_TIMESTAMP_KNOWS:
        return _start_from_service(context, stream, known)
    walked = _page_towards_end(context, stream, known)
    # Move the cursor afterwards: a change in between is then found twice rather than never.
    found = _by_date(context, stream, known)
    return StreamRead(found.changes, walked.replace(by_date=found.cursor.by_date), found.is_all)


def _start_from_service(context: RunContext, stream: Stream, known: Cursor) -> StreamRead:
    """One below the first row since the stream's start time. If no row is that new, the next run asks again."""
    begins = known.begins or earliest_reading(wall_time(context) - STREAM_OVERLAP)
    try:
        first = context.questions.ask(
            "exact", f"GET {SYNC_TIMESTAMP.path}", lambda: context.exact.row_version_at(stream, begins)
        )
    except NotAnswered:
        return _by_date(context, stream, known.replace(begins=begins))
    if first is None:
        return StreamRead((), known.replace(begins=begins, by_date=None))
    try:
        return _by_version(context, stream, known.replace(position=max(first - 1, 1), begins=begins))
    except NotAnswered:
        return _by_date(context, stream, known.replace(begins=begins))


def _first_since(context: RunContext, stream: Stream, moment: datetime, otherwise: int) -> int:
    """Just below the first row since the stream started: rows committed late may have appeared since."""
    try:
        first = context.questions.ask(
            "exact", f"GET {SYNC_TIMESTAMP.path}", lambda: context.exact.row_version_at(stream, moment)
        )
    except NotAnswered:
        return otherwise
    return otherwise if first is None else first - 1


def _page_towards_end(context: RunContext, stream: Stream, cursor: Cursor) -> Cursor:
    """Read a few pages further towards the end of a stream. From there on it is read by row version.

    Earlier changes were found by date; later ones have a higher version.
    """
    for _ in range(MAX_PAGES):
        walked = cursor.walked or 1
        try:
            page, is_last = context.questions.ask(
                "exact",
                f"GET {stream_path(stream)}",
                lambda: context.exact.first_page_of_changes(stream, after=walked),  # noqa: B023 - asked at once
            )
        except NotAnswered:
            return cursor
        cursor = cursor.replace(walked=max([row.timestamp for row in page], default=walked))
        if is_last:
            return cursor.replace(position=cursor.walked, walked=0)
    return cursor


# ── by date ──────────────────────────────────────────────────────────────────────────────────────


def _by_date(context: RunContext, stream: Stream, known: Cursor) -> StreamRead:
    """Changes by date since the last good run, with overlap; once a day since two days ago."""
    listing = listing_by_date(stream)
    if listing is None:
        return StreamRead((), known, is_all=False)
    now = to_wall_time(context.now)
    since = _since(context, known, now)
    try:
        rows = context.questions.ask(
            "exact",
            f"GET {listing}{BY_DATE}",
            lambda: list(context.exact.changes_by_date(stream, since=since)),
        )
    except NotAnswered as refused:
        is_worded = refused.refused.status == 500 and refused.refused.said  # noqa: PLR2004 - Internal Server Error
        return (
            _around_a_bad_record(context, stream, known, since, now)
            if is_worded
            else StreamRead((), known, is_all=False)
        )
    return StreamRead(tuple(rows), known.replace(by_date=now, gaps=(), gaps_found=None))


def _around_a_bad_record(
    context: RunContext, stream: Stream, known: Cursor, since: datetime, now: datetime
) -> StreamRead:
    """Changes by date before and after a record that makes the query fail.

    Halves the period until one second is left. This costs no error allowance, because Exact doesn't count status 500
    (S9).
    """
    is_fresh = known.gaps_found is not None and not is_due_again(timedelta(hours=1), known.gaps_found, now)
    gaps = list(known.gaps) if is_fresh else []
    waiting = deque(_between(since, now + timedelta(hours=1), gaps))
    rows: list[Change] = []
    answered, calls = 0, 0
    while waiting:
        begin, end = waiting.popleft()
        calls += 1
        if calls > MAX_QUERIES or (not answered and calls > OUTAGE_FAILURES):
            return StreamRead(tuple(rows), known, is_all=False)
        try:
            rows += context.exact.changes_by_date(stream, since=begin, until=end)
        except ApiError as error:
            if not is_refusal(error) or isinstance(error, Refused):
                return StreamRead(tuple(rows), known, is_all=False)
            if end - begin <= timedelta(seconds=1):
                gaps.append((begin, end))
            else:
                middle = (begin + (end - begin) / 2).replace(microsecond=0)
                waiting.extend([(begin, middle), (middle, end)])
        else:
            answered += 1
    found = known.gaps_found if is_fresh and len(gaps) == len(known.gaps) else now
    return StreamRead(tuple(rows), known.replace(by_date=now, gaps=tuple(gaps), gaps_found=found))


def _between(
    begin: datetime, end: datetime, gaps: Sequence[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """The periods between these gaps."""
    begin, end = begin.replace(microsecond=0), end.replace(microsecond=0)
    for first, last in sorted(gaps):
        if begin < first < end:
            yield begin, first
        begin = max(begin, last)
    if begin < end:
        yield begin, end


def _since(context: RunContext, known: Cursor, now: datetime) -> datetime:
    if known.by_date is None and known.begins is not None:
        return known.begins
    last_good = context.records.schedule.last_good_run
    before = known.by_date or (to_wall_time(last_good) if last_good else now)
    is_first_of_a_day = known.by_date is None or known.by_date.date() != now.date()
    says_nothing = before > now  # dated by a wrong clock
    since = before - DATE_OVERLAP
    return min(since, now - RESTART_BACK) if is_first_of_a_day or says_nothing else since
