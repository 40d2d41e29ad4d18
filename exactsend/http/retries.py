"""Which calls are sent again, how often, and after which pauses. The only module that repeats calls."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from exactsend.errors import ApiError, Broken, Unanswered, Unreachable, is_refusal
from exactsend.http.messages import Call
from exactsend.system.structured_log import log_event

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RetryPolicy:
    """How often a repeatable call is sent, and how the pauses in between grow."""

    attempts: int = 4
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 20.0


DEFAULT_RETRIES = RetryPolicy()


def retrying(policy: RetryPolicy, call: Call, sleep: Callable[[float], None]) -> Retrying:
    """Tenacity's repeater for one call. When it gives up, it raises the last error unchanged."""
    return Retrying(
        stop=stop_after_attempt(policy.attempts),
        wait=wait_random_exponential(multiplier=policy.first_pause_seconds, max=policy.longest_pause_seconds),
        retry=retry_if_exception(lambda error: is_worth_repeating(call, error)),
        before_sleep=_log_retry,
        sleep=sleep,
        reraise=True,
    )


def is_worth_repeating(call: Call, error: BaseException) -> bool:
    """Whether sending the same call again is harmless and may help.

    A sign-in error has another path: a token refresh is never repeated blindly. A 500 to a write mostly means that our
    request is wrong (Exact, knowledge base: response codes), and so does a 500 with a message to a read.
    """
    if not isinstance(error, ApiError) or error.path != call.bare_path or is_refusal(error):
        return False
    if isinstance(error, Broken) and error.http_status == 500 and call.method != "GET":  # noqa: PLR2004 - Internal Server Error
        return False
    return isinstance(error, Unreachable) or (call.repeatable and isinstance(error, (Unanswered, Broken)))


def _log_retry(state: RetryCallState) -> None:
    pause = state.next_action.sleep if state.next_action else 0.0
    log_event(_log, logging.DEBUG, "repeat", attempt=state.attempt_number + 1, seconds=round(pause, 1))
