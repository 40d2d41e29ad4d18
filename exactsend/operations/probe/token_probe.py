"""Probes the age from which Exact issues new tokens, renewing the sign-in as every run does (S8)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from exactsend.exact.tokens import EARLIEST_REFRESH
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding

_LAST = timedelta(seconds=615)
_STEP_SECONDS = 15.0
_FIRST = EARLIEST_REFRESH + timedelta(seconds=1)


def probe_token_refresh(
    context: ProbeContext, received_at: Callable[[], datetime | None]
) -> Iterator[ProbeFinding]:
    """The age at which Exact exchanges the present access token.

    Never asks before 570 seconds and never uses the refresh token itself: it makes a call, and the sign-in renews itself as in every run.
    """
    question = "refresh_from_seconds"
    before = received_at()
    if before is None:
        yield ProbeFinding(question, "", "there is no sign-in")
        return
    age = context.clock() - before
    pause = max(0.0, (_FIRST - age).total_seconds())
    context.report_progress(f"waiting {pause:.0f} s for the sign-in to renew")
    context.wait(pause)
    while context.clock() - before <= _LAST:
        age = context.clock() - before
        context.services.exact.server_date()
        if received_at() != before:
            yield ProbeFinding(
                question, f"{age // timedelta(seconds=1)}", "the age of the token when Exact exchanged it"
            )
            return
        context.wait(_STEP_SECONDS)
    yield ProbeFinding(
        question, "", "Exact issued no new token within ten minutes; the present one still works"
    )
