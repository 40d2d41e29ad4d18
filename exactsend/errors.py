"""What can go wrong, and which exit status it ends with.

::

    ExactSendError                 message for people, hint for the next step, exit status      status
    ├── UsageError                 the command line asks for what cannot be                        2
    ├── ConfigError                the configuration is wrong; lists every problem at once         3
    │   └── WrongAccount           other accounts stand behind the keys than the ledger pins       3
    ├── LoginNeeded                credentials missing, expired or revoked                         4
    ├── SafetyStop                 a limit stops the purchases; says which and how to lift it      5
    ├── ClockOff                   our clock is wrong: nothing is bought                           7
    ├── LedgerError                the state can't be read or written                              6
    │   └── StateDamaged           what stands there is damaged, or newer than this program        6
    ├── AlreadyRunning             another run holds the lock; names it                           75
    ├── Terminated                 SIGTERM came; the critical writes are finished                143
    │   └── Interrupted            SIGINT came; likewise                                         130
    └── ApiError                   api, method, path, status                                       7
        ├── Unreachable            it never left: safe to repeat
        ├── Unanswered             it left and no whole answer came: ask before repeating
        ├── RateLimited            carries the pause until it makes sense again
        ├── Resting                an allowance of ours says no: nothing was sent
        ├── Refused                4xx: our request is wrong; carries the problems named
        │   └── Forbidden          401, 403: a right or a setting is missing
        │       └── KeysRefused    401 of Sendcloud: its keys are not good any more                  4
        ├── Broken                 5xx, or a gateway's page
        └── Unreadable             2xx whose body is not what the vendor's documentation says

The branches answer three questions: who must act, did it happen, is it worth repeating. Nothing is split that nobody
handles differently. A bug in exactsend is none of these: it keeps its traceback and ends with status 70.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum


class ExitStatus(IntEnum):
    """How a command ends; the README has the same table and a test compares the two."""

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
"""Several divisions or causes: the first of these that applies."""


def worst(statuses: Sequence[ExitStatus]) -> ExitStatus:
    """The status that a command ends with when its parts ended with these.

    A locked division is passed over: it counts only when nothing else ran.
    """
    ran = [status for status in statuses if status != ExitStatus.LOCKED]
    return min(ran or statuses, key=WORST_FIRST.index, default=ExitStatus.DONE)


class ExactSendError(Exception):
    """Something a person should read; never a bug.

    ``message`` has no capital and no full stop, since it follows "exactsend: ". ``hint`` is a sentence of its own: the next step.
    """

    status = ExitStatus.ATTENTION
    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ExactSendError):
    """The command line asks for what cannot be."""

    status = ExitStatus.USAGE
    code = "usage"


class ConfigError(ExactSendError):
    """The configuration is wrong. ``problems`` has every problem, each a sentence that names its key."""

    status = ExitStatus.CONFIG
    code = "config"

    def __init__(self, message: str, *, problems: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class WrongAccount(ConfigError):
    """Another account stands behind the keys than the one the ledger pins."""

    code = "wrong_account"


class LoginNeeded(ExactSendError):
    """A person must sign in: credentials are missing, expired or revoked."""

    status = ExitStatus.LOGIN
    code = "login_needed"


class SafetyStop(ExactSendError):
    """A limit stops the purchases of this run; orders and write-back went on."""

    status = ExitStatus.SAFETY
    code = "safety_limit"


class ClockOff(ExactSendError):
    """This machine's clock differs from the services' by more than what may be: nothing is bought."""

    status = ExitStatus.API
    code = "clock_off"


class LedgerError(ExactSendError):
    """The state can't be read or written."""

    status = ExitStatus.LEDGER
    code = "ledger"


class StateDamaged(LedgerError):
    """What stands in the state folder is damaged, or newer than this program."""

    code = "ledger_damaged"


class AlreadyRunning(ExactSendError):
    """Another run holds this division."""

    status = ExitStatus.LOCKED
    code = "locked"


class Terminated(ExactSendError):
    """SIGTERM came; raised where the critical writes are finished."""

    status = ExitStatus.TERMINATED
    code = "terminated"


class Interrupted(Terminated):
    """SIGINT came; what had begun was finished."""

    status = ExitStatus.INTERRUPTED
    code = "interrupted"


class ApiError(ExactSendError):
    """A call to one of the two services did not give what was asked for.

    ``api`` is "Exact" or "Sendcloud"; ``path`` is without query, so that no personal data stands in it; ``endpoint`` is the path
    without ids, by which refusals are remembered; ``http_status`` is None where no answer came.
    """

    status = ExitStatus.API
    code = "api"
    endpoint = ""
    said = ""
    """The service's own sentence, where it gave one."""
    is_of_the_record = True
    """The record that was asked for is to blame, as others of its kind were answered; False where that is not known."""

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
    """It never left: connecting failed. Safe to repeat."""

    code = "unreachable"


class Unanswered(ApiError):
    """It left and no whole answer came. Ask before repeating."""

    code = "unanswered"


class RateLimited(ApiError):
    """The service asks to wait. ``pause`` is how long, None where it does not say."""

    code = "rate_limited"

    def __init__(
        self, message: str, *, pause: timedelta | None = None, api: str = "", method: str = "", path: str = ""
    ) -> None:
        super().__init__(message, api=api, method=method, path=path, http_status=429)
        self.pause = pause


class Resting(ApiError):
    """An allowance of ours says no: nothing was sent.

    ``pause`` is how long it rests, None where that is not known; ``http_status`` that of the last refusal where it is one endpoint
    that rests, and None where all calls do.
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
    """One thing a service finds wrong with our request: where (its pointer or field) and what."""

    pointer: str
    detail: str
    code: str = ""


class Refused(ApiError):
    """4xx: our request is wrong and nothing was made. ``problems`` has what the service names."""

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
        """The whole answer, for who knows what else may stand in it. It may name a person: never kept, never shown."""


class Forbidden(Refused):
    """401 or 403: a right, a sign-in or a setting is missing."""

    code = "forbidden"


class KeysRefused(Forbidden):
    """401 of Sendcloud: the keys are not good any more, so nothing can be asked with them. A person must connect anew."""

    status = ExitStatus.LOGIN
    code = LoginNeeded.code


class Broken(ApiError):
    """5xx, or a gateway's page: their side is broken for now. For a write it may have arrived all the same."""

    code = "broken"


class Unreadable(ApiError):
    """A 2xx whose body is not what the vendor's documentation says. It proves nothing, least of all an absence."""

    code = "unreadable"


NAMELESS = "?rows that name no record"
"""What a listing's name bears where it answered, but some of its rows lack the key of the record that they are about."""
ALL_REFUSED = ("Blocked", "InactiveUser", "LicenseExpired", "DivisionBlocked", "NoDivisionAccess")
"""How a ``Reason`` of Exact begins after which everything is refused."""


def is_refusal(error: ApiError) -> bool:
    """Whether the service answered and said no to this very call, so that asking for something else may well succeed.

    A 401 is no such refusal: it is the sign-in, or the key, that is refused. Nor is one with a ``Reason`` that is about user,
    customer or division, after which everything is refused (Exact, knowledge base: response codes). Exact words many refusals as 500 with a sentence
    (Exact, knowledge base: response codes; seen on PUT and POST in picqer/exact-php-client #161 and #492); a 500 without one,
    a gateway's page and a time-out are an outage.
    """
    match error:
        case Refused():
            reasons = [problem.detail for problem in error.problems if problem.code == "reason"]
            return error.http_status != 401 and not any(reason.startswith(ALL_REFUSED) for reason in reasons)  # noqa: PLR2004 - Unauthorized
        case Broken():
            return error.http_status == 500 and bool(error.said)  # noqa: PLR2004 - Internal Server Error
        case Unreadable():
            return True
        case _:
            return False
