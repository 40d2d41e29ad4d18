"""What the process stands in: environment, streams, time. Loads nothing else, so that ``--version`` is quick."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from typing import TextIO


def _now() -> datetime:
    from exactsend.wiring import now_utc  # noqa: PLC0415 - wiring loads both services

    return now_utc()


def _sleep(seconds: float) -> None:
    from exactsend.wiring import sleep  # noqa: PLC0415 - likewise

    sleep(seconds)


@dataclass(frozen=True)
class Surroundings:
    """Environment, streams and time of one command. Tests hand in their own."""

    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = _sleep


def of_this_process() -> Surroundings:
    """The real ones. What a stream can't encode (cron's may know ASCII only) is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return Surroundings(os.environ, sys.stdin, sys.stdout, sys.stderr)
