"""Probes of where Exact's streams start; they read no rows and change nothing.

The page of ``SyncTimestamp`` lists the endPoints that it accepts, but not its answer to any other endPoint, nor to a moment after the last
change (Exact, REST API reference: SyncSyncSyncTimestamp, read 2026-11-30). Each question costs at most one refusal (S9).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from exactsend.errors import ApiError, is_refusal
from exactsend.exact.models import Stream
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding

_AHEAD = timedelta(days=366)


def probe_stream_starts(context: ProbeContext) -> Iterator[ProbeFinding]:
    """What SyncTimestamp answers for a stream that its page does not list, and for a moment after the last change."""
    now = context.services.exact.wall_time()
    context.report_progress("asking Exact where streams start")
    yield _probe_start(context, "unlisted_beginning", Stream.ACCOUNTS, now - timedelta(days=1))
    yield _probe_start(context, "beginning_ahead", Stream.DELIVERIES, now + _AHEAD)


def _probe_start(context: ProbeContext, question: str, stream: Stream, moment: datetime) -> ProbeFinding:
    try:
        version = context.services.exact.row_version_at(stream, moment, unlisted=True)
    except ApiError as error:
        if not is_refusal(error):
            raise
        status = "" if error.http_status is None else f"{error.http_status}"
        return ProbeFinding(question, "refused", ": ".join(part for part in (status, error.said) if part))
    if version is None:
        return ProbeFinding(question, "nothing", "Exact returns no row version")
    return ProbeFinding(question, "given", f"row version {version}")
