"""Questions about where Exact's streams begin, which read nothing and change nothing.

``SyncTimestamp``'s page lists the endPoints that it takes, and says neither what it answers to another one nor what where no row is
so new (Exact, REST API reference: SyncSyncSyncTimestamp, read 2026-11-30). Each question costs one refusal at most (S9).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from exactsend.errors import ApiError, is_refusal
from exactsend.exact.models import Stream
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding

_AHEAD = timedelta(days=366)


def ask_about_beginnings(bench: ProbeContext) -> Iterator[ProbeFinding]:
    """What SyncTimestamp says of a stream that its page does not list, and of a moment after which nothing was modified."""
    now = bench.services.exact.wall_time()
    bench.tell("asking Exact where streams begin")
    yield _asked(bench, "unlisted_beginning", Stream.ACCOUNTS, now - timedelta(days=1))
    yield _asked(bench, "beginning_ahead", Stream.DELIVERIES, now + _AHEAD)


def _asked(bench: ProbeContext, question: str, stream: Stream, moment: datetime) -> ProbeFinding:
    try:
        version = bench.services.exact.row_version_at(stream, moment, unlisted=True)
    except ApiError as error:
        if not is_refusal(error):
            raise
        status = "" if error.http_status is None else f"{error.http_status}"
        return ProbeFinding(question, "refused", ": ".join(part for part in (status, error.said) if part))
    if version is None:
        return ProbeFinding(question, "nothing", "Exact names no row version")
    return ProbeFinding(question, "given", f"row version {version}")
