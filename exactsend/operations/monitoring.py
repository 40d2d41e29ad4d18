"""Tells a monitoring service, a metrics file, a page and people how runs went. Never changes how they end: what fails here is logged.

The service is of the healthchecks style: ``/start``, then the plain address for success, ``/<exit status>`` for the rest.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from exactsend.engine.division_run import Run
from exactsend.engine.wiring import Wiring
from exactsend.errors import ApiError, ExactSendError, ExitStatus
from exactsend.http.allowance.rate_limit import NO_PAUSE
from exactsend.http.messages import Call
from exactsend.http.retries import RetryPolicy
from exactsend.http.transport import Transport
from exactsend.operations.notifications.digest_run import notify
from exactsend.settings.models import DivisionSettings
from exactsend.system.durable_files import READABLE_BY_ALL, replace_at_once
from exactsend.system.structured_log import log_event
from exactsend.views.data.read_model import read_model
from exactsend.views.data.values import Standing

log = logging.getLogger(__name__)

PING_SECONDS = 10.0
SUCCESSES = frozenset({ExitStatus.DONE, ExitStatus.ATTENTION, ExitStatus.LOCKED})


class Monitor:
    """What ``[monitoring]`` asks for, for one command."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._settings = wiring.settings.monitoring

    def started(self) -> None:
        """Tell that runs begin."""
        self._ping("/start")

    def ended(self, status: ExitStatus, runs: Sequence[Run]) -> None:
        """Tell how they ended."""
        successes = SUCCESSES - {ExitStatus.ATTENTION} if self._settings.ping_fail_on_errors else SUCCESSES
        self._ping("" if status in successes else f"/{int(status)}")
        if self._settings.metrics_file:
            self._write_metrics(self._settings.metrics_file, runs)
        if self._settings.report_file:
            self._write_report(self._settings.report_file)
        self._notify(runs)

    def _notify(self, runs: Sequence[Run]) -> None:
        try:
            notify(self._wiring, runs)
        except Exception as bug:  # noqa: BLE001 - the runs are over: how they ended is not changed by a bug in telling of it
            log_event(
                log, logging.WARNING, "notify_failed", f"a bug in telling people ({type(bug).__name__})"
            )

    def _ping(self, suffix: str) -> None:
        if self._settings.ping_url is None:
            return
        try:
            ping(self._settings.ping_url, suffix, self._wiring)
        except ApiError as failed:
            log_event(log, logging.WARNING, "ping_failed", failed.message)

    def _write_metrics(self, path: Path, runs: Sequence[Run]) -> None:
        now = self._wiring.process.clock()
        try:
            text = metrics(list(self._standings(now)), runs)
            replace_at_once(path, text, mode=READABLE_BY_ALL)
        except OSError as failed:
            log_event(log, logging.WARNING, "metrics_failed", f"{path} can't be written: {failed.strerror}")

    def _write_report(self, path: Path) -> None:
        """All divisions, likewise. Whatever goes wrong with a page to look at, the run is over and has its status."""
        from exactsend.views.dashboard.page_file import write_report  # noqa: PLC0415 - its template engine is needed here only

        try:
            write_report(path, self._wiring, [*self._wiring.settings.divisions.values()])
        except OSError as failed:
            log_event(log, logging.WARNING, "report_failed", f"{path} can't be written: {failed.strerror}")
        except Exception as bug:  # noqa: BLE001 - see above
            said = f"{path} was not written: a bug, {type(bug).__name__}"
            log_event(log, logging.WARNING, "report_failed", said)

    def _standings(self, now: datetime) -> Iterator[Standing]:
        """All divisions, whichever this command ran: the file is replaced as a whole."""
        for division in self._wiring.settings.divisions.values():
            with suppress(ExactSendError):  # its own run said so
                if isinstance(division, DivisionSettings):
                    yield read_model(self._wiring, division).standing(self._wiring, now)


# ── the ping ─────────────────────────────────────────────────────────────────────────────────────


class _Unlimited:
    """The allowance of a service that is asked twice in a run."""

    def before(self, call: Call, now: datetime) -> timedelta:
        del call, now
        return NO_PAUSE

    def after(self, call: Call, status: int, headers: Mapping[str, str], now: datetime) -> None:
        del call, status, headers, now


def ping(url: str, suffix: str, wiring: Wiring) -> None:
    """Ask for ``url`` with ``suffix`` at the end of its path. Whoever knows the path may ping, so logs do not show it.

    Raises:
        ApiError: no answer came, or one that is no success.
    """
    process, parts = wiring.process, urlsplit(url)
    process.redaction.add(parts.path.strip("/"))
    query = f"?{parts.query}" if parts.query else ""
    with Transport(
        "The monitoring service",
        f"{parts.scheme}://{parts.netloc}",
        None,
        allowance=_Unlimited(),
        clock=process.clock,
        sleep=process.sleep,
        retry=RetryPolicy(attempts=1),
    ) as transport:
        transport.send(
            Call(
                "GET",
                f"{parts.path.rstrip('/')}{suffix}{query}",
                accept="*/*",
                endpoint="ping",
                timeout_seconds=PING_SECONDS,
            )
        )


# ── the metrics file ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Metric:
    """One line of the file for each division: its name, what it means, and its value."""

    name: str
    meaning: str
    value: Callable[[Standing], float | None]


GAUGES = (
    Metric(
        "last_good_run_timestamp_seconds",
        "When the last good run ended.",
        lambda standing: _seconds(standing.schedule.last_good_run),
    ),
    Metric(
        "last_run_timestamp_seconds",
        "When the last run ended, however early.",
        lambda standing: _seconds(standing.last_run.at if standing.last_run else None),
    ),
    Metric(
        "last_status",
        "The exit status of the last run, however early it ended.",
        lambda standing: standing.last_run.status if standing.last_run else None,
    ),
    Metric(
        "refused_questions",
        "Questions that Exact or Sendcloud refuses.",
        lambda standing: len(standing.refused),
    ),
    Metric(
        "incoming_orders",
        "Entries of ours among Sendcloud's incoming orders.",
        lambda standing: standing.incoming,
    ),
    Metric(
        "waiting_for_label",
        "Deliveries without a label that ought to get one.",
        lambda standing: standing.waiting,
    ),
    Metric(
        "labels",
        "Deliveries that have a label, of those that are not long done.",
        lambda standing: standing.labels,
    ),
    Metric(
        "purchases_unknown",
        "Purchases whose outcome is not known yet.",
        lambda standing: standing.unknown_purchases,
    ),
    Metric("errors", "Orders and deliveries that need a person.", lambda standing: standing.errors),
    Metric(
        "parcels_towards_max_per_day",
        "Parcels of the last 24 hours that count towards labels.max_per_day.",
        lambda standing: standing.parcels_towards_max_per_day,
    ),
    Metric(
        "sign_in_days_left",
        "Days until the sign-in to Exact dies unused.",
        lambda standing: standing.sign_in_days_left,
    ),
    Metric(
        "sign_in_age_seconds",
        "Time since the tokens of the sign-in came.",
        lambda standing: standing.sign_in_age.total_seconds() if standing.sign_in_age is not None else None,
    ),
    Metric(
        "exact_calls_left", "Calls that Exact still allows today.", lambda standing: standing.exact_calls_left
    ),
    Metric(
        "exact_calls_today",
        "Calls of today, of all divisions of the sign-in.",
        lambda standing: standing.exact_calls_today,
    ),
    Metric(
        "exact_calls_allowed",
        "What exact.max_calls_per_day allows these.",
        lambda standing: standing.max_calls_per_day,
    ),
)


def metrics(standings: Sequence[Standing], runs: Sequence[Run]) -> str:
    """The file's content, in Prometheus' text format."""
    lines: list[str] = []
    for gauge in GAUGES:
        values = [(f'division="{standing.division}"', gauge.value(standing)) for standing in standings]
        lines += _metric(gauge.name, gauge.meaning, values)
    statuses = [(f'division="{run.division}"', int(run.exit_status)) for run in runs]
    lines += _metric("exit_status", "How the last run ended.", statuses)
    calls = [
        (f'division="{run.division}",api="{api}"', count)
        for run in runs
        for api, count in sorted(run.calls.items())
    ]
    lines += _metric("calls", "Calls of the last run.", calls)
    return "".join(f"{line}\n" for line in lines)


def _metric(name: str, meaning: str, values: Sequence[tuple[str, float | None]]) -> Iterator[str]:
    known = [(labels, value) for labels, value in values if value is not None]
    if known:
        yield f"# HELP exactsend_{name} {meaning}"
        yield f"# TYPE exactsend_{name} gauge"
    for labels, value in known:
        yield f"exactsend_{name}{{{labels}}} {value:.15g}"


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
