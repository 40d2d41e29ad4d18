"""Prints errors and bugs: a sentence, the next step, and for a bug where it happened."""

import traceback
from collections.abc import Iterator

from exactsend import __version__
from exactsend.cli.terminal import Severity, Terminal
from exactsend.errors import ConfigError, ExactSendError, ExitStatus

_WARNINGS = frozenset(
    {ExitStatus.ATTENTION, ExitStatus.API, ExitStatus.LOCKED, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED}
)


def print_error(error: ExactSendError, terminal: Terminal, *, division: str = "") -> None:
    """Print what happened, every problem with the configuration, and the next step."""
    severity = severity_of(error.status)
    prefix = f"exactsend: {division}: " if division else "exactsend: "
    terminal.error(f"{prefix}{error.message}", severity)
    for problem in error.problems if isinstance(error, ConfigError) else ():
        terminal.error(f"  {problem}", severity)
    if error.hint:
        terminal.error(f"  {error.hint}", severity)


def severity_of(status: ExitStatus) -> Severity:
    """A warning where the next run continues the work without anybody's help, else an error."""
    return Severity.WARNING if status in _WARNINGS else Severity.ERROR


def print_bug(bug: BaseException, terminal: Terminal) -> None:
    """Print where a bug happened, without the values at hand there, and what to do about it."""
    terminal.error("\n".join(_traces(bug)))
    terminal.error(
        f"exactsend: this is a bug in exactsend {__version__}. Please report it, with the lines above, to whoever maintains your "
        "copy (see README.md). The lines show program code and none of your data."
    )


def _traces(bug: BaseException) -> Iterator[str]:
    """The stack frames and types of an error and of its causes. Messages are left out: they may quote a customer."""
    cause = bug.__cause__ or (None if bug.__suppress_context__ else bug.__context__)
    if cause is not None:
        yield from _traces(cause)
        yield "which led to:"
    yield "".join(traceback.format_tb(bug.__traceback__)) + type(bug).__qualname__
