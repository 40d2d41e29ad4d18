"""The environment, the streams and the clock of the process. Loads nothing else, so that ``--version`` is quick."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from typing import TextIO


def _now() -> datetime:
    from exactsend.engine.wiring import now_utc  # noqa: PLC0415 - wiring loads both services

    return now_utc()


def _sleep(seconds: float) -> None:
    from exactsend.engine.wiring import sleep  # noqa: PLC0415 - likewise

    sleep(seconds)


@dataclass(frozen=True)
class ProcessIO:
    """The environment, the streams and the clock of one command. Tests pass their own."""

    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = _sleep

    @property
    def means(self) -> str:
        """What seems to have started the command: a person at a terminal, systemd, or something unattended such as cron."""
        # The terminal first: a shell in a desktop's terminal has systemd's variable too.
        if self.stdin.isatty() or self.stderr.isatty():
            return "terminal"
        return "systemd" if self.environ.get("INVOCATION_ID") else "unattended"


def of_this_process() -> ProcessIO:
    """Those of this process. Characters that a stream can't encode (cron's may be ASCII only) are written as escapes."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return ProcessIO(os.environ, sys.stdin, sys.stdout, sys.stderr)


def write_best_effort(stream: TextIO, text: str) -> None:
    """Write, and ignore failures: there is no other stream to report them on."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        redirect_to_devnull(stream)


def redirect_to_devnull(stream: TextIO) -> None:
    """Discard what is written to this stream from now on, including what Python flushes when it ends."""
    with suppress(OSError, ValueError):  # a stream without a file of its own
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _open_closed_streams() -> None:
    """Open /dev/null for each standard stream that the caller closed. Otherwise the next file would get its number, and its output."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, number)
            if nowhere != number:
                os.close(nowhere)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115 - for as long as the process lives
