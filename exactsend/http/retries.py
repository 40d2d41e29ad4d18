"""Which calls are sent again, how often and after which pauses. The only place that repeats; it sends nothing itself."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from exactsend.errors import ApiError, Broken, Unanswered, Unreachable, is_refusal
from exactsend.http.messages import Call
from exactsend.system.structured_log import tell

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RetryPolicy:
    """How often a call that may be repeated is sent, and how the pauses between grow."""

    attempts: int = 4
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 20.0


USUAL_RETRIES = RetryPolicy()


def repeatedly(policy: RetryPolicy, call: Call, sleep: Callable[[float], None]) -> Retrying:
    """What repeats the attempts of one call; at the end the last error is raised as it is."""
    return Retrying(
        stop=stop_after_attempt(policy.attempts),
        wait=wait_random_exponential(multiplier=policy.first_pause_seconds, max=policy.longest_pause_seconds),
        retry=retry_if_exception(lambda error: worth_repeating(call, error)),
        before_sleep=_tell,
        sleep=sleep,
        reraise=True,
    )


def worth_repeating(call: Call, error: BaseException) -> bool:
    """Whether sending the same call again can't do harm, and may help.

    An error of signing in bears another path: a refresh is never repeated blindly. A 500 to a write is mostly Exact's way
    of saying that our request is wrong (Exact, knowledge base: response codes); so is one with a sentence to a read.
    """
    if not isinstance(error, ApiError) or error.path != call.bare_path or is_refusal(error):
        return False
    if isinstance(error, Broken) and error.http_status == 500 and call.method != "GET":  # noqa: PLR2004 - Internal Server Error
        return False
    return isinstance(error, Unreachable) or (call.repeatable and isinstance(error, (Unanswered, Broken)))


def _tell(state: RetryCallState) -> None:
    pause = state.next_action.sleep if state.next_action else 0.0
    tell(_log, logging.DEBUG, "repeat", attempt=state.attempt_number + 1, seconds=round(pause, 1))
