"""``exactsend demo``: runs the program on simulated services, and shows each step."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TextIO

from exactsend.cli.context import CommandContext
from exactsend.cli.process_io import ProcessIO
from exactsend.cli.terminal import ClosablePipe
from exactsend.errors import ExitStatus
from exactsend.sandbox.demo import demo
from exactsend.system.signals import Interrupts


def run_demo(context: CommandContext) -> ExitStatus:
    """Run the demo of ``exactsend.sandbox.demo``."""
    process_io = context.process_io
    interrupts = Interrupts(process_io.sleep)

    def program(
        argv: Sequence[str],
        *,
        environ: Mapping[str, str],
        stdin: TextIO,
        out: TextIO,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> int:
        status = context.run_command_line(list(argv), ProcessIO(environ, stdin, out, out, clock, sleep))
        interrupts.stop()  # a signal that came while the command ended
        return status

    with interrupts.handling_signals_if_main_thread():
        return demo(program, ClosablePipe(process_io.stdout), process_io.environ, process_io.clock)
