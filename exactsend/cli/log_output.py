"""Sets up logging to stderr for one command: level, format, and blanked secrets. Logs nothing itself."""

import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from exactsend.cli.options import LogFormat
from exactsend.http.redaction import Redaction
from exactsend.views.text.terminal_escape import shown_on_one_line

_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""What journald calls the levels. Source: sd-daemon(3)."""


@contextmanager
def logging_to(
    stream: TextIO, environ: Mapping[str, str], *, verbosity: int, log_format: LogFormat | None = None
) -> Iterator[Redaction]:
    """Log to ``stream`` alone while a command runs, and restore the earlier handlers. Gives the filter that blanks secrets."""
    root = logging.getLogger()
    previous_handlers, previous_level = root.handlers[:], root.level
    redaction = Redaction()
    sink = logging.StreamHandler(stream)
    sink.setFormatter(_formatter(log_format, under_journal=is_journal(stream, environ)))
    sink.addFilter(redaction)
    root.handlers[:] = [sink]
    root.setLevel(_LEVELS[min(verbosity, len(_LEVELS) - 1)])
    try:
        yield redaction
    finally:
        root.handlers[:] = previous_handlers
        root.setLevel(previous_level)


def _formatter(log_format: LogFormat | None, *, under_journal: bool) -> logging.Formatter:
    if log_format is LogFormat.JSON:
        return _AsJson()
    return _ForJournal() if under_journal else _ForPeople()


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether systemd's journal reads this stream. JOURNAL_STREAM has the device and inode of the journal's stream."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # a stream without a file
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class _ForPeople(logging.Formatter):
    """One line with the time in UTC, whatever the message contains."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:<7} {message}", "%Y-%m-%dT%H:%M:%SZ", style="{")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        return shown_on_one_line(super().format(record))


class _ForJournal(logging.Formatter):
    """One line with its priority; the journal knows the time."""

    def format(self, record: logging.LogRecord) -> str:
        return f"<{_PRIORITIES.get(record.levelno, 6)}>{shown_on_one_line(super().format(record))}"


class _AsJson(logging.Formatter):
    """One JSON object per line: time, level, event, and the event's named values. ASCII only."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        event = getattr(record, "event", None)
        line = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": event or "log",
            "logger": record.name,
            **getattr(record, "named", {}),
        }
        if said := record.getMessage() if event is None else getattr(record, "said", ""):
            line["message"] = said
        if record.exc_text:
            line["trace"] = record.exc_text
        return json.dumps(line)
