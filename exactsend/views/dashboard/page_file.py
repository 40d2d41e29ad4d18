"""Reads the divisions and writes the page. Needs no lock and no service, so it can run at any time."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exactsend.engine.wiring import Wiring
from exactsend.errors import ConfigError, ExactSendError
from exactsend.settings.models import BrokenDivision, DivisionSettings
from exactsend.system.durable_files import replace_atomically
from exactsend.views.dashboard.page import Report, UnreadableDivision, page_html
from exactsend.views.dashboard.service_links import links_for
from exactsend.views.data.ledger_queries import ledger_queries
from exactsend.views.data.overview import Health, Overview

DEFAULT_DAYS = 30

AnyDivision = DivisionSettings | BrokenDivision


@dataclass(frozen=True)
class DivisionFigures:
    """The figures of a division on the page."""

    division: str
    health: Health
    deliveries: int
    errors: int


@dataclass(frozen=True)
class Written:
    """What the page contains, and which divisions it could not read."""

    since: datetime
    divisions: tuple[DivisionFigures, ...]
    errors: tuple[tuple[str, ExactSendError], ...]
    """By division."""


def write_report(
    path: Path, wiring: Wiring, divisions: Sequence[AnyDivision], *, days: int = DEFAULT_DAYS
) -> Written:
    """Write the page of these divisions to ``path``. The page lists a division that can't be read and goes on with the others.

    Raises:
        OSError: the file can't be written; the previous file stays.
    """
    with _without_garbage_collection():
        return _write(path, wiring, divisions, days)


def _write(path: Path, wiring: Wiring, divisions: Sequence[AnyDivision], days: int) -> Written:
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
        tuple(_unreadable_division(name, error) for name, error in errors),
        since=since,
        written_at=now,
        links=links_for(wiring.settings.sendcloud.base_url),
    )
    replace_atomically(path, page_html(report))
    return Written(since, tuple(map(_figures, overviews)), tuple(errors))


def _unreadable_division(division: str, error: ExactSendError) -> UnreadableDivision:
    problems = "; ".join(error.problems) if isinstance(error, ConfigError) else ""
    message = f"{error.message}: {problems}" if problems else error.message
    return UnreadableDivision(division, message, error.hint)


def _figures(overview: Overview) -> DivisionFigures:
    return DivisionFigures(
        overview.division, overview.health, deliveries=len(overview.deliveries), errors=len(overview.problems)
    )


def _overview(wiring: Wiring, division: AnyDivision, now: datetime, since: datetime) -> Overview:
    if isinstance(division, BrokenDivision):
        raise division.error()
    return ledger_queries(wiring, division).overview(wiring, now, since)


def start_of_day(moment: datetime) -> datetime:
    """The beginning of a moment's day, in UTC."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Turn the garbage collector off: thousands of records are read and all stay in use, so collecting would double the time."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()
