"""Reads the divisions and replaces the file: the one part of the page that touches the disk.

Takes no lock and talks to no service, so it may be done at any time.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exactsend.engine.wiring import Wiring
from exactsend.errors import ConfigError, ExactSendError
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.system.durable_files import replace_at_once
from exactsend.views.dashboard.page import Report, Unread, rendered
from exactsend.views.dashboard.service_links import links_for
from exactsend.views.data.overview import Health, Overview
from exactsend.views.data.read_model import read_model

USUAL_DAYS = 30

Division = DivisionSettings | BrokenDivision


@dataclass(frozen=True)
class Told:
    """A division that the page tells of, in figures."""

    division: str
    health: Health
    deliveries: int
    errors: int


@dataclass(frozen=True)
class Written:
    """What was written, and what could not be looked at."""

    since: datetime
    divisions: tuple[Told, ...]
    errors: tuple[tuple[str, ExactSendError], ...]
    """By division."""


def write_report(
    path: Path, wiring: Wiring, divisions: Sequence[Division], *, days: int = USUAL_DAYS
) -> Written:
    """Write the page of these divisions to ``path``. A division that can't be read is told of in it, and stops no other.

    Raises:
        OSError: the file can't be written; the one before stays.
    """
    with _without_collecting():
        return _write(path, wiring, divisions, days)


def _write(path: Path, wiring: Wiring, divisions: Sequence[Division], days: int) -> Written:
    now = wiring.process.clock()
    since = start_of_day(now) - timedelta(days=days - 1)
    overviews: list[Overview] = []
    errors: list[tuple[str, ExactSendError]] = []
    for division in divisions:
        try:
            overviews.append(_overview(wiring, division, now, since))
        except ExactSendError as error:
            errors.append((division.name, error))
    report = Report(
        tuple(overviews),
        tuple(_unread(name, error) for name, error in errors),
        since=since,
        written_at=now,
        links=links_for(wiring.settings.sendcloud.base_url),
    )
    replace_at_once(path, rendered(report))
    return Written(since, tuple(map(_told, overviews)), tuple(errors))


def _unread(division: str, error: ExactSendError) -> Unread:
    problems = error.problems if isinstance(error, ConfigError) else ()
    return Unread(
        division, ": ".join((error.message, *(["; ".join(problems)] if problems else []))), error.hint
    )


def _told(overview: Overview) -> Told:
    return Told(
        overview.division, overview.health, deliveries=len(overview.deliveries), errors=len(overview.problems)
    )


def _overview(wiring: Wiring, division: Division, now: datetime, since: datetime) -> Overview:
    if isinstance(division, BrokenDivision):
        raise division.error()
    return read_model(wiring, division).overview(wiring, now, since)


def start_of_day(moment: datetime) -> datetime:
    """When the day of a moment began, in UTC."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Thousands of records are read and none is given up before the end: to look for garbage meanwhile doubles the time."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()
