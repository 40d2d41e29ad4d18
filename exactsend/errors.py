"""The errors a command can end with, and their exit statuses.

::

    ExactSendError                 message, hint for the next step, exit status              status
    ├── UsageError                 the command line is invalid                                     2
    ├── ConfigError                the configuration is wrong; lists every problem                 3
    │   └── WrongAccount           the credentials belong to other accounts than the ledger        3
    ├── LoginNeeded                credentials are missing, expired or revoked                     4
    ├── SafetyStop                 a safety limit stops purchases; names it and how to lift it     5
    ├── ClockOff                   this machine's clock is wrong: nothing is bought                7
    ├── LedgerError                the ledger can't be read or written                             6
    │   └── StateDamaged           the ledger is damaged, or newer than this program               6
    ├── AlreadyRunning             another run holds the lock; names it                           75
    ├── Terminated                 SIGTERM; critical writes are finished                         143
    │   └── Interrupted            SIGINT; likewise                                              130
    └── ApiError                   api, method, path, HTTP status                                  7
        ├── Unreachable            the request was never sent: safe to repeat
        ├── Unanswered             it was sent, but no complete response came: look up first
        ├── RateLimited            carries the pause before the next call
        ├── Resting                our own limit: nothing was sent
        ├── Refused                4xx: our request is wrong; carries the problems named
        │   └── Forbidden          401, 403: a right or a setting is missing
        │       └── KeysRefused    401 from Sendcloud: its keys are no longer valid                  4
        ├── Broken                 5xx, or a gateway's error page
        └── Unreadable             2xx with a body that contradicts the vendor's documentation

The branches answer three questions: who must act, did it happen, and is it worth repeating. Errors that are handled alike
share a class. A bug in exactsend is not in this tree: it keeps its traceback and exits with status 70.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit statuses of all commands. The README has the same table, and a test compares the two."""

    DONE = 0
    ATTENTION = 1
    USAGE = 2
    CONFIG = 3
    LOGIN = 4
    SAFETY = 5
    LEDGER = 6
    API = 7
    BUG = 70
    LOCKED = 75
    INTERRUPTED = 130
    TERMINATED = 143


WORST_FIRST = (
    ExitStatus.TERMINATED,
    ExitStatus.INTERRUPTED,
    ExitStatus.BUG,
    ExitStatus.LEDGER,
    ExitStatus.CONFIG,
    ExitStatus.LOGIN,
    ExitStatus.SAFETY,
    ExitStatus.API,
    ExitStatus.ATTENTION,
    ExitStatus.LOCKED,
    ExitStatus.DONE,
)
"""With several divisions or causes, the first of these that applies is the exit status."""


def worst(statuses: Sequence[ExitStatus]) -> ExitStatus:
    """The exit status of a command whose parts ended with these statuses.

    A locked division counts only if nothing else ran.
    """
    ran = [status for status in statuses if status != ExitStatus.LOCKED]
    return min(ran or statuses, key=WORST_FIRST.index, default=ExitStatus.DONE)


class ExactSendError(Exception):
    """An error that a person should read; never a bug.

    ``message`` follows "exactsend: ", so it has no capital and no full stop. ``hint`` is a separate sentence: the next step.
    """

    status = ExitStatus.ATTENTION
    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ExactSendError):
    """The command line is invalid."""

    status = ExitStatus.USAGE
    code = "usage"


class ConfigError(ExactSendError):
    """The configuration is wrong. ``problems`` lists every problem as a sentence that names its key."""

    status = ExitStatus.CONFIG
    code = "config"

    def __init__(self, message: str, *, problems: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class WrongAccount(ConfigError):
    """The credentials belong to another account than the one the ledger is pinned to."""

    code = "wrong_account"


class LoginNeeded(ExactSendError):
    """A person must sign in: credentials are missing, expired or revoked."""

    status = ExitStatus.LOGIN
    code = "login_needed"


class SafetyStop(ExactSendError):
    """A safety limit stops the purchases of this run; orders and write-back continue."""

    status = ExitStatus.SAFETY
    code = "safety_limit"


class ClockOff(ExactSendError):
    """This machine's clock differs too much from the services' clocks: nothing is bought."""

    status = ExitStatus.API
    code = "clock_off"


class LedgerError(ExactSendError):
    """The ledger can't be read or written."""

    status = ExitStatus.LEDGER
    code = "ledger"


class StateDamaged(LedgerError):
    """The ledger is damaged, or was written by a newer version of this program."""

    code = "ledger_damaged"


class AlreadyRunning(ExactSendError):
    """Another run holds this division's lock."""

    status = ExitStatus.LOCKED
    code = "locked"


class Terminated(ExactSendError):
    """The process received SIGTERM; raised once the critical writes are finished."""

    status = ExitStatus.TERMINATED
    code = "terminated"


class Interrupted(Terminated):
    """The process received SIGINT; raised once the critical writes are finished."""

    status = ExitStatus.INTERRUPTED
    code = "interrupted"


class ApiError(ExactSendError):
    """A call to Exact or Sendcloud failed.

    ``api`` is "Exact" or "Sendcloud". ``path`` has no query, so it holds no personal data. ``endpoint`` is the path
    without ids; refusals are counted under it. ``http_status`` is None if there was no response.
    """

    status = ExitStatus.API
    code = "api"
    endpoint = ""
    said = ""
    """The service's own message, if it sent one."""
    is_of_the_record = True
    """The record in question causes the error, since others of its kind were answered; False if that is not known."""

    def __init__(
        self,
        message: str,
        *,
        api: str = "",
        method: str = "",
        path: str = "",
        http_status: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.api = api
        self.method = method
        self.path = path
        self.http_status = http_status


class Unreachable(ApiError):
    """Connecting failed, so the request was never sent. Safe to repeat."""

    code = "unreachable"


class Unanswered(ApiError):
    """The request was sent, but no complete response came. It may have taken effect: look it up before repeating it."""

    code = "unanswered"


class RateLimited(ApiError):
    """The service asks us to wait. ``pause`` is how long; None if it does not say."""

    code = "rate_limited"

    def __init__(
        self, message: str, *, pause: timedelta | None = None, api: str = "", method: str = "", path: str = ""
    ) -> None:
        super().__init__(message, api=api, method=method, path=path, http_status=429)
        self.pause = pause


class Resting(ApiError):
    """One of our own limits stops the call: nothing was sent.

    ``pause`` is how long that lasts; None if unknown. ``http_status`` is the status of the last refusal if a single endpoint
    rests, and None if all calls do.
    """

    code = "resting"

    def __init__(
        self,
        message: str,
        *,
        pause: timedelta | None = None,
        api: str = "",
        path: str = "",
        http_status: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, api=api, path=path, http_status=http_status, hint=hint)
        self.pause = pause


@dataclass(frozen=True)
class FieldProblem:
    """One problem that a service finds in our request: where (its pointer or field) and what."""

    pointer: str
    detail: str
    code: str = ""


class Refused(ApiError):
    """4xx: our request is wrong and nothing was created. ``problems`` lists what the service names."""

    code = "refused"

    def __init__(
        self,
        message: str,
        *,
        problems: Sequence[FieldProblem] = (),
        api: str = "",
        method: str = "",
        path: str = "",
        http_status: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, api=api, method=method, path=path, http_status=http_status, hint=hint)
        self.problems = tuple(problems)
        self.answer: object = None
        """The whole response body, for callers that know its other fields. It may name a person: never store or show it."""


class Forbidden(Refused):
    """401 or 403: a right, a sign-in or a setting is missing."""

    code = "forbidden"


class KeysRefused(Forbidden):
    """401 from Sendcloud: its keys are no longer valid, so no call can succeed. A person must connect again."""

    status = ExitStatus.LOGIN
    code = LoginNeeded.code


class Broken(ApiError):
    """5xx, or a gateway's error page: the service is out of order for now. A write may still have taken effect."""

    code = "broken"


class Unreadable(ApiError):
    """A 2xx response whose body contradicts the vendor's documentation. It proves nothing, least of all that a record is gone."""

    code = "unreadable"


NAMELESS = "?rows that name no record"
"""Suffix of a listing's name when it was answered, but some of its rows lack the key of their record."""
REASONS_THAT_REFUSE_ALL_CALLS = (
    "Blocked",
    "InactiveUser",
    "LicenseExpired",
    "DivisionBlocked",
    "NoDivisionAccess",
)
"""Prefixes of Exact's ``Reason`` header that mean every other call is refused too."""


def is_refusal(error: ApiError) -> bool:
    """Whether the service refused only this call, so that other calls may well succeed.

    A 401 does not count: it refuses the sign-in or the key. Nor does a ``Reason`` about the user, customer or division, after
    which Exact refuses everything (Exact, knowledge base: response codes). Exact sends many refusals as a 500 with a message
    (Exact, knowledge base: response codes; seen on PUT and POST in picqer/exact-php-client #161 and #492). A 500 without a
    message, a gateway's error page and a time-out are outages.
    """
    match error:
        case Refused():
            reasons = [problem.detail for problem in error.problems if problem.code == "reason"]
            refuses_all = any(reason.startswith(REASONS_THAT_REFUSE_ALL_CALLS) for reason in reasons)
            return error.http_status != 401 and not refuses_all  # noqa: PLR2004 - Unauthorized
        case Broken():
            return error.http_status == 500 and bool(error.said)  # noqa: PLR2004 - Internal Server Error
        case Unreadable():
            return True
        case _:
            return False
