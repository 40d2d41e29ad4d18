"""Reports how runs went: by ping, metrics file, report page and messages. Never changes how they end: failures here are only logged.

The ping follows healthchecks.io: ``/start``, then the plain address for success, ``/<exit status>`` otherwise.
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
from exactsend.system.durable_files import READABLE_BY_ALL, replace_atomically
from exactsend.system.structured_log import log_event
from exactsend.views.data.ledger_queries import ledger_queries
from exactsend.views.data.view_types import DivisionStatus

log = logging.getLogger(__name__)

PING_SECONDS = 10.0
SUCCESSES = frozenset({ExitStatus.DONE, ExitStatus.ATTENTION, ExitStatus.LOCKED})


class Monitor:
    """Reports the runs of one command as ``[monitoring]`` and ``[notify]`` configure it."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._settings = wiring.settings.monitoring

    def report_start(self) -> None:
        """Report that the runs begin."""
        self._ping("/start")

    def report_end(self, status: ExitStatus, runs: Sequence[Run]) -> None:
        """Report how the runs ended."""
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
        except Exception as bug:  # noqa: BLE001 - the runs are over, and a bug in notifying must not change how they ended
            log_event(log, logging.WARNING, "notify_failed", f"a bug in exactsend ({type(bug).__name__})")

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
            text = metrics(list(self._division_statuses(now)), runs)
            replace_atomically(path, text, mode=READABLE_BY_ALL)
        except OSError as failed:
            log_event(log, logging.WARNING, "metrics_failed", f"{path} can't be written: {failed.strerror}")

    def _write_report(self, path: Path) -> None:
        """Write the report page of all divisions. The runs are over, so no error here may change their status."""
        from exactsend.views.dashboard.page_file import write_report  # noqa: PLC0415 - its template engine is needed here only

        try:
            write_report(path, self._wiring, [*self._wiring.settings.divisions.values()])
        except OSError as failed:
            log_event(log, logging.WARNING, "report_failed", f"{path} can't be written: {failed.strerror}")
        except Exception as bug:  # noqa: BLE001 - see above
            message = f"{path} was not written: a bug in exactsend ({type(bug).__name__})"
            log_event(log, logging.WARNING, "report_failed", message)

    def _division_statuses(self, now: datetime) -> Iterator[DivisionStatus]:
        """The status of every division, whether or not this command ran it, because the file is replaced as a whole."""
        for division in self._wiring.settings.divisions.values():
            with suppress(ExactSendError):  # its own run has reported it
                if isinstance(division, DivisionSettings):
                    yield ledger_queries(self._wiring, division).status(self._wiring, now)


# ── the ping ─────────────────────────────────────────────────────────────────────────────────────


class _NoLimit:
    """No allowance: the service gets two requests in a run."""

    def before(self, call: Call, now: datetime) -> timedelta:
        del call, now
        return NO_PAUSE

    def after(self, call: Call, status: int, headers: Mapping[str, str], now: datetime) -> None:
        del call, status, headers, now


def ping(url: str, suffix: str, wiring: Wiring) -> None:
    """Request ``url`` with ``suffix`` appended to its path. Anyone who knows the path can ping, so it is kept out of logs.

    Raises:
        ApiError: there was no answer, or not a successful one.
    """
    process, parts = wiring.process, urlsplit(url)
    process.redaction.add(parts.path.strip("/"))
    query = f"?{parts.query}" if parts.query else ""
    with Transport(
        "The monitoring service",
        f"{parts.scheme}://{parts.netloc}",
        None,
        allowance=_NoLimit(),
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
    """A metric with one value for each division."""

    name: str
    meaning: str
    value: Callable[[DivisionStatus], float | None]


GAUGES = (
    Metric(
        "last_good_run_timestamp_seconds",
        "When the last good run ended.",
        lambda status: _seconds(status.schedule.last_good_run),
    ),
    Metric(
        "last_run_timestamp_seconds",
        "When the last run ended, however early.",
        lambda status: _seconds(status.last_run.at if status.last_run else None),
    ),
    Metric(
        "last_status",
        "The exit status of the last run, however early it ended.",
        lambda status: status.last_run.status if status.last_run else None,
    ),
    Metric(
        "refused_questions",
        "Requests that Exact or Sendcloud refuses.",
        lambda status: len(status.refused),
    ),
    Metric(
        "incoming_orders",
        "Our orders among Sendcloud's incoming orders.",
        lambda status: status.incoming,
    ),
    Metric(
        "waiting_for_label",
        "Deliveries without a label that should get one.",
        lambda status: status.waiting,
    ),
    Metric(
        "labels",
        "Deliveries that have a label, without archived ones.",
        lambda status: status.labels,
    ),
    Metric(
        "purchases_unknown",
        "Purchases whose outcome is not known yet.",
        lambda status: status.unknown_purchases,
    ),
    Metric("errors", "Orders and deliveries that need a person.", lambda status: status.errors),
    Metric(
        "parcels_towards_max_per_day",
        "Parcels of the last 24 hours that count towards labels.max_per_day.",
        lambda status: status.parcels_towards_max_per_day,
    ),
    Metric(
        "sign_in_days_left",
        "Days until the sign-in to Exact expires if unused.",
        lambda status: status.sign_in_days_left,
    ),
    Metric(
        "sign_in_age_seconds",
        "Time since the tokens of the sign-in were received.",
        lambda status: status.sign_in_age.total_seconds() if status.sign_in_age is not None else None,
    ),
    Metric(
        "exact_calls_left", "Calls that Exact still allows today.", lambda status: status.exact_calls_left
    ),
    Metric(
        "exact_calls_today",
        "Calls made today, by all divisions of the sign-in.",
        lambda status: status.exact_calls_today,
    ),
    Metric(
        "exact_calls_allowed",
        "What exact.max_calls_per_day allows them.",
        lambda status: status.max_calls_per_day,
    ),
)


def metrics(divisions: Sequence[DivisionStatus], runs: Sequence[Run]) -> str:
    """The content of the metrics file, in Prometheus text format."""
    lines: list[str] = []
    for gauge in GAUGES:
        values = [(f'division="{status.division}"', gauge.value(status)) for status in divisions]
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
