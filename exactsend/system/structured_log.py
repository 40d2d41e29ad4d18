"""Logs events with named values, and the division and run they belong to. The handler formats them.

Never pass personal data: logs are kept, and others read them.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

Value = str | int | float | bool | None

_NOTHING: Mapping[str, Value] = MappingProxyType({})
_about: ContextVar[Mapping[str, Value]] = ContextVar("about", default=_NOTHING)


@contextmanager
def log_values(**named: Value) -> Iterator[None]:
    """Add these values to everything that this thread logs in the block."""
    token = _about.set({**_about.get(), **named})
    try:
        yield
    finally:
        _about.reset(token)


def log_event(log: logging.Logger, level: int, event: str, said: str = "", **named: Value) -> None:
    """Log an event: its name, a sentence if needed, and named values. Empty values are left out."""
    if not log.isEnabledFor(level):
        return
    named = {**_about.get(), **{name: value for name, value in named.items() if value not in {None, ""}}}
    log.log(level, "%s", as_line(event, said, named), extra={"event": event, "said": said, "named": named})


def as_line(event: str, said: str, named: Mapping[str, Value]) -> str:
    """An event on one line: ``event name=value name=value: sentence``."""
    line = " ".join([event, *(f"{name}={value}" for name, value in named.items())])
    return f"{line}: {said}" if said else line
