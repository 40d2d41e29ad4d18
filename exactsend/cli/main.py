"""Runs one command line and turns its outcome into an exit status. The only module that catches every exception."""

import gc
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import typer

from exactsend.cli.app import ParsedCommand, program
from exactsend.cli.process_io import ProcessIO, of_this_process, redirect_to_devnull, write_best_effort
from exactsend.errors import ExactSendError, ExitStatus, Interrupted

if TYPE_CHECKING:
    from exactsend.cli.context import CommandContext
    from exactsend.cli.terminal import Terminal
    from exactsend.http.redaction import Redaction

_UsageFault: type[BaseException] = typer.BadParameter.__mro__[1]
"""What typer raises for wrong usage: click's class, or its own copy of it, depending on typer's version."""


def main(argv: Sequence[str] | None = None, process_io: ProcessIO | None = None) -> int:
    """Run a command line, by default that of this process; return its exit status."""
    if argv is not None:
        return _main(argv, process_io or of_this_process())
    gc.set_threshold(100_000, 20, 20)  # loading makes many objects, all of which stay: search them rarely
    try:
        return _main(sys.argv[1:], process_io or of_this_process())
    finally:
        gc.freeze()  # the process ends: a search for garbage would take a fifth of the time of --version


def _main(argv: Sequence[str], process_io: ProcessIO) -> int:
    parsed = _parsed(argv, process_io)
    return int(_run(parsed, process_io) if isinstance(parsed, ParsedCommand) else parsed)


def _parsed(argv: Sequence[str], process_io: ProcessIO) -> ParsedCommand | int:
    """The command to run; an exit status where nothing is left to do: after help, version or wrong usage."""
    with redirect_stdout(process_io.stdout), redirect_stderr(process_io.stderr):
        try:
            answer = program().main(args=list(argv), prog_name="exactsend", standalone_mode=False)
        except _UsageFault as fault:
            return _print_usage(fault, process_io)
        except OSError as cause:
            return _help_not_printed(cause, process_io)
    return answer if isinstance(answer, ParsedCommand | int) else ExitStatus.DONE


def _print_usage(fault: BaseException, process_io: ProcessIO) -> ExitStatus:
    """Print what is wrong with the command line; the help where it is empty."""
    message = getattr(fault, "format_message", lambda: str(fault))()
    context = getattr(fault, "ctx", None)
    if type(fault).__name__ == "NoArgsIsHelpError":
        write_best_effort(process_io.stderr, f"{message}\n")
    else:
        command = context.command_path if context else "exactsend"
        write_best_effort(process_io.stderr, f"exactsend: {message}\nTry: {command} --help\n")
    return ExitStatus.USAGE


def _help_not_printed(cause: OSError, process_io: ProcessIO) -> ExitStatus:
    """The status where the help or the version could not be written. A reader that closed the pipe, such as ``| head``, is no error."""
    redirect_to_devnull(process_io.stdout)
    if isinstance(cause, BrokenPipeError):
        return ExitStatus.DONE
    write_best_effort(process_io.stderr, f"exactsend: can't write the output: {cause.strerror}\n")
    return ExitStatus.ATTENTION


def _run(parsed: ParsedCommand, process_io: ProcessIO) -> ExitStatus:
    # Loaded here, since help and completion need none of it.
    from exactsend.cli.error_output import print_bug  # noqa: PLC0415
    from exactsend.cli.log_output import logging_to  # noqa: PLC0415

    options = parsed.options
    with logging_to(
        process_io.stderr, process_io.environ, verbosity=options.verbose, log_format=options.log_format
    ) as redaction:
        context = _context(parsed, process_io, redaction)
        try:
            return parsed.run(context)
        except ExactSendError as error:
            return _print_failure(error, parsed, context.terminal)
        except KeyboardInterrupt:
            interrupted = Interrupted("interrupted; to continue, run it again")
            return _print_failure(interrupted, parsed, context.terminal)
        except Exception as bug:  # noqa: BLE001 - the last resort
            print_bug(bug, context.terminal)
            return ExitStatus.BUG


def _context(parsed: ParsedCommand, process_io: ProcessIO, redaction: "Redaction") -> "CommandContext":
    from exactsend.cli.context import CommandContext  # noqa: PLC0415 - likewise
    from exactsend.cli.log_output import is_journal  # noqa: PLC0415 - likewise
    from exactsend.cli.terminal import Terminal  # noqa: PLC0415 - likewise

    options = parsed.options
    terminal = Terminal(
        process_io.stdout,
        process_io.stderr,
        quiet=options.quiet,
        json=options.json,
        color=not process_io.environ.get("NO_COLOR"),
        blanked=redaction.blanked,
        is_journal=is_journal(process_io.stderr, process_io.environ),
    )
    return CommandContext(
        process_io,
        terminal,
        main,
        config=options.config,
        state_dir=options.state_dir,
        divisions=options.division,
        every_division=options.every_division,
        redaction=redaction,
        command=parsed.name,
    )


def _print_failure(error: ExactSendError, parsed: ParsedCommand, terminal: "Terminal") -> ExitStatus:
    from exactsend.cli.error_output import print_error  # noqa: PLC0415 - likewise
    from exactsend.views.text.json_documents import failed_document  # noqa: PLC0415 - likewise

    print_error(error, terminal)
    if terminal.json:
        terminal.document(failed_document(parsed.name, parsed.rows, error))
    return error.status
