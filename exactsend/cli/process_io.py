"""What the process stands in: environment, streams, time. Loads nothing else, so that ``--version`` is quick."""

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
    """Environment, streams and time of one command. Tests hand in their own."""

    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = _sleep

    @property
    def means(self) -> str:
        """Who seems to have called: a person at a terminal, systemd, or else cron or a script."""
        # A terminal first: what is called from a desktop's terminal has systemd's mark too.
        if self.stdin.isatty() or self.stderr.isatty():
            return "terminal"
        return "systemd" if self.environ.get("INVOCATION_ID") else "unattended"


def of_this_process() -> ProcessIO:
    """The real ones. What a stream can't encode (cron's may know ASCII only) is written as an escape."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return ProcessIO(os.environ, sys.stdin, sys.stdout, sys.stderr)


def write_best_effort(stream: TextIO, text: str) -> None:
    """Write what need not be read: where this can't be said, nothing can."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        redirect_to_devnull(stream)


def redirect_to_devnull(stream: TextIO) -> None:
    """What is written to this stream from now on, also when Python ends, is not for anybody."""
    with suppress(OSError, ValueError):  # a stream without a file of its own
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _open_what_is_closed() -> None:
    """Lead each standard stream that the caller closed nowhere, before a file of ours gets its number and what was meant for it."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, number)
            if nowhere != number:
                os.close(nowhere)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115 - for as long as the process lives
