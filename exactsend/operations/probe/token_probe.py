"""The moment from which Exact gives new tokens: waited for, and asked for as every run does (S8)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from exactsend.exact.tokens import EARLIEST_REFRESH
from exactsend.operations.probe.probe_context import ProbeContext, ProbeFinding

_LAST = timedelta(seconds=615)
_STEP_SECONDS = 15.0
_FIRST = EARLIEST_REFRESH + timedelta(seconds=1)


def ask_about_refreshing(
    bench: ProbeContext, received_at: Callable[[], datetime | None]
) -> Iterator[ProbeFinding]:
    """The age at which the present access token is exchanged.

    Never asks before 570 seconds, never spends a token by itself: it calls, and the sign-in does what it does in every run.
    """
    question = "refresh_from_seconds"
    before = received_at()
    if before is None:
        yield ProbeFinding(question, "", "there is no sign-in")
        return
    age = bench.clock() - before
    pause = max(0.0, (_FIRST - age).total_seconds())
    bench.tell(f"waiting {pause:.0f} s for a renewal of the sign-in")
    bench.wait(pause)
    while bench.clock() - before <= _LAST:
        age = bench.clock() - before
        bench.services.exact.server_date()
        if received_at() != before:
            yield ProbeFinding(
                question, f"{age // timedelta(seconds=1)}", "the age of the token when Exact exchanged it"
            )
            return
        bench.wait(_STEP_SECONDS)
    yield ProbeFinding(question, "", "Exact gave no new token in ten minutes; the present one is kept")
