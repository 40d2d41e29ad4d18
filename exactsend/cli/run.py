"""Runs one command and turns its ending into words and an exit status. The only place that catches everything.

An error of ours is a sentence, its next step and its status; anything else is a bug, and keeps its traceback.
"""

import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import typer

from exactsend import __version__
from exactsend.cli.app import app
from exactsend.cli.options import Invocation
from exactsend.cli.process_io import ProcessIO, of_this_process, redirect_to_devnull, write_best_effort
from exactsend.errors import ConfigError, ExactSendError, ExitStatus, Interrupted

if TYPE_CHECKING:
    from exactsend.cli.context import CommandContext
    from exactsend.cli.terminal import Gravity, Terminal

_UsageFault: type[BaseException] = typer.BadParameter.__mro__[1]
"""What typer raises for any wrong usage. It is click's, or its own copy of click's, depending on typer's version."""

_GOES_ON_BY_ITSELF = frozenset(
    {ExitStatus.ATTENTION, ExitStatus.API, ExitStatus.LOCKED, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED}
)


def main(argv: Sequence[str] | None = None, surroundings: ProcessIO | None = None) -> int:
    """Run a command line; gives its exit status."""
    here = surroundings or of_this_process()
    understood = _understood(argv, here)
    return understood if isinstance(understood, int) else int(_run(understood, here))


def _understood(argv: Sequence[str] | None, here: ProcessIO) -> Invocation | int:
    """What the command line asks for; a status where it is answered already: help, version, wrong usage."""
    with redirect_stdout(here.stdout), redirect_stderr(here.stderr):
        try:
            answer = typer.main.get_command(app).main(
                args=None if argv is None else list(argv), prog_name="exactsend", standalone_mode=False
            )
        except _UsageFault as fault:
            return _wrong_usage(fault, here)
        except OSError as cause:
            return help_untold(cause, here)
    return answer if isinstance(answer, Invocation | int) else ExitStatus.DONE


def help_untold(cause: OSError, here: ProcessIO) -> ExitStatus:
    """The help, or the version, found no reader; one who has gone, as ``| head`` does, has read enough."""
    redirect_to_devnull(here.stdout)
    if isinstance(cause, BrokenPipeError):
        return ExitStatus.DONE
    write_best_effort(here.stderr, f"exactsend: this can't be written: {cause.strerror}\n")
    return ExitStatus.ATTENTION


def _wrong_usage(fault: BaseException, here: ProcessIO) -> int:
    """Say what is wrong with the command line; with no words at all on it, the help was printed."""
    message = getattr(fault, "format_message", lambda: str(fault))()
    context = getattr(fault, "ctx", None)
    if type(fault).__name__ == "NoArgsIsHelpError":
        write_best_effort(here.stderr, f"{message}\n")
    else:
        command = context.command_path if context else "exactsend"
        write_best_effort(here.stderr, f"exactsend: {message}\nTry: {command} --help\n")
    return ExitStatus.USAGE


def _run(invocation: Invocation, here: ProcessIO) -> ExitStatus:
    from exactsend.cli.context import CommandContext  # noqa: PLC0415 - likewise
    from exactsend.cli.log_output import goes_to_journal, logging_to  # noqa: PLC0415 - loads what --help does not need
    from exactsend.cli.terminal import Terminal  # noqa: PLC0415 - likewise

    common = invocation.common
    verbosity, log_format = common.verbosity, common.log_format
    with logging_to(here.stderr, here.environ, verbosity=verbosity, log_format=log_format) as redaction:
        terminal = Terminal(
            here.stdout,
            here.stderr,
            quiet=common.quiet,
            json=common.json,
            color=not here.environ.get("NO_COLOR"),
            blanked=redaction.blanked,
            is_journal=goes_to_journal(here.stderr, here.environ),
        )
        place = CommandContext(
            here,
            terminal,
            config=common.config,
            state_dir=common.state_dir,
            divisions=common.divisions,
            every_division=common.every_division,
            redaction=redaction,
            command=invocation.command,
        )
        try:
            return invocation.work(place)
        except ExactSendError as error:
            return _told(error, invocation, terminal)
        except KeyboardInterrupt:
            return _told(Interrupted("interrupted; to go on, run it again"), invocation, terminal)
        except Exception as bug:  # noqa: BLE001 - whatever it is, it ends here
            return _bug(bug, place)


def _told(error: ExactSendError, invocation: Invocation, terminal: "Terminal") -> ExitStatus:
    say_error(error, terminal)
    if invocation.common.json:
        from exactsend.views.text.json_documents import failed_document  # noqa: PLC0415 - loads what --help does not need

        terminal.document(failed_document(invocation.command, invocation.rows, error))
    return error.status


def say_error(error: ExactSendError, terminal: "Terminal", *, division: str = "") -> None:
    """An error of ours in words: what, every problem with the configuration, and the next step."""
    gravity = gravity_of(error.status)
    terminal.complain(
        f"exactsend: {division}: {error.message}" if division else f"exactsend: {error.message}", gravity
    )
    for problem in error.problems if isinstance(error, ConfigError) else ():
        terminal.complain(f"  {problem}", gravity)
    if error.hint:
        terminal.complain(f"  {error.hint}", gravity)


def gravity_of(status: ExitStatus) -> "Gravity":
    """An ending that needs nobody at once, since the next run goes on from it, is a warning."""
    from exactsend.cli.terminal import Gravity  # noqa: PLC0415 - loads what --help does not need

    return Gravity.WARNING if status in _GOES_ON_BY_ITSELF else Gravity.ERROR


def _bug(bug: Exception, place: "CommandContext") -> ExitStatus:
    say_bug(bug, place)
    return ExitStatus.BUG


def say_bug(bug: BaseException, place: "CommandContext") -> None:
    """A bug: where it happened, without what was at hand there, and what to do with it."""
    place.terminal.complain("\n".join(_traces(bug)))
    place.terminal.complain(
        f"exactsend: this is a bug in exactsend {__version__}. Please report it with the lines above to whoever maintains your "
        "copy (README.md says where); they hold lines of the program and nothing of your data."
    )


def _traces(bug: BaseException) -> Iterator[str]:
    """The frames and kinds of an error and of those that led to it. Not their words: these may quote a customer."""
    cause = bug.__cause__ or (None if bug.__suppress_context__ else bug.__context__)
    if cause is not None:
        yield from _traces(cause)
        yield "which led to:"
    yield "".join(traceback.format_tb(bug.__traceback__)) + type(bug).__qualname__
