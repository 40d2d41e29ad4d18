"""After each run: stores what is new, and sends it when it is due."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import ValidationError

from exactsend.engine.division_run import Run
from exactsend.engine.plan.actions import ActionKind, OutcomeKind
from exactsend.engine.wiring import Wiring
from exactsend.errors import ExactSendError
from exactsend.operations.notifications.digest_state import (
    DigestState,
    RunFacts,
    after_sending,
    due_messages,
    with_news,
)
from exactsend.operations.notifications.message import digest
from exactsend.operations.notifications.send import NotSent, require_sendable, send
from exactsend.settings.models import DivisionSettings
from exactsend.system import structured_log
from exactsend.system.durable_files import disk_errors, make_private_folder
from exactsend.system.durable_files import replace as replace_file
from exactsend.system.elapsed import is_due_again
from exactsend.system.lock import Lock
from exactsend.views.data.ledger_queries import ledger_queries

log = logging.getLogger(__name__)

_FILE = "notify.json"
_LOCK_WAIT = timedelta(seconds=30)
"""How long to wait for another run that is sending."""


def notify(wiring: Wiring, runs: Sequence[Run]) -> None:
    """Notify of what is new after these runs, as configured in ``[notify]``. A failure is logged; the next run sends again."""
    if not wiring.settings.notify.on:
        return
    clock, pause = wiring.process.clock, wiring.process.sleep
    try:
        lock = Lock(wiring.process.state / "notify.lock")
        with lock.acquire(run_id=wiring.process.run_id, clock=clock, sleep=pause, wait=_LOCK_WAIT):
            _notify_under_lock(wiring, runs, clock())
    except ExactSendError as failed:
        structured_log.log_event(log, logging.WARNING, "notify_failed", f"{failed.message}. {failed.hint}")


def _notify_under_lock(wiring: Wiring, runs: Sequence[Run], now: datetime) -> None:
    settings, state = wiring.settings.notify, _load(wiring)
    for run in runs:
        state = with_news(state, _facts(wiring, run), settings.on)
    _save(wiring, state)
    is_due = is_due_again(timedelta(minutes=settings.every_minutes), state.sent_at, now)
    if state.owed or (state.waiting and is_due):
        _send(wiring, state, now, is_due=is_due)


def _send(wiring: Wiring, state: DigestState, now: datetime, *, is_due: bool) -> None:
    """Send to each address separately: if one does not accept its message, only that one is tried again.

    Raises:
        NotSent: an address did not accept its message, or nothing can be sent at all.
    """
    urls = _urls(wiring)
    require_sendable(" ".join(urls))
    wanted = due_messages(state, addresses=len(urls), is_due=is_due)
    unsent, failed = set(wanted), dict[int, NotSent]()
    for number, news in wanted.items():
        try:
            send(digest(news), urls[number - 1])
        except NotSent as error:
            failed[number] = error
            continue
        unsent.discard(number)
        # After each one: an address must not get its message again, even if this run dies before the last.
        _save(wiring, after_sending(state, wanted, unsent, at=now, is_due=is_due))
    if not wanted:
        _save(wiring, after_sending(state, {}, (), at=now, is_due=False))
    if failed:
        raise _combined_failure(failed, of=len(urls))


def _combined_failure(failed: Mapping[int, NotSent], *, of: int) -> NotSent:
    """All failures as one error; with several addresses, it names theirs by number."""
    first = next(iter(failed.values()))
    if of == 1:
        return first
    numbers = ", ".join(map(str, failed))
    return NotSent(
        f"{first.message} (of the {of} addresses of EXACTSEND_NOTIFY_URL: number {numbers})", hint=first.hint
    )


def _urls(wiring: Wiring) -> list[str]:
    found = wiring.secrets().find_notify_url()
    if found is None:
        raise NotSent(
            "notify.on is set, but no address to notify is",
            hint="Set EXACTSEND_NOTIFY_URL, or EXACTSEND_NOTIFY_URL_FILE.",
        )
    urls = found.get_secret_value().split()
    for url in urls:
        wiring.process.redaction.add(url)
    return urls


# ── what a run did ──────────────────────────────────────────────────────────────────────────────


def _facts(wiring: Wiring, run: Run) -> RunFacts:
    bought = sum(
        outcome.kind is ActionKind.LABEL_BUY and outcome.outcome is OutcomeKind.DONE
        for outcome in run.outcomes
    )
    facts = RunFacts(run.division, run.exit_status, run.result.stopped, labels=bought)
    division = wiring.settings.divisions[run.division]
    if not isinstance(division, DivisionSettings):
        return facts
    try:
        model = ledger_queries(wiring, division)
        status = model.status(wiring, wiring.process.clock())
        return replace(
            facts,
            problems=model.problems(),
            refused=status.refused,
            sign_in_days=status.sign_in_days_left,
        )
    except ExactSendError:  # the run itself has reported it
        return facts


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def _load(wiring: Wiring) -> DigestState:
    """The stored state. If the file is unreadable, everything counts as new."""
    path = wiring.process.state / _FILE
    with disk_errors(path):
        kept = path.read_text(encoding="utf-8") if path.exists() else "{}"
    try:
        return DigestState.model_validate(json.loads(kept))
    except (ValueError, ValidationError):
        structured_log.log_event(
            log, logging.WARNING, "notify_begins_anew", f"{path} is unreadable, so everything counts as new"
        )
        return DigestState()


def _save(wiring: Wiring, state: DigestState) -> None:
    make_private_folder(wiring.process.state)
    replace_file(wiring.process.state / _FILE, state.model_dump_json().encode(), name="notify")
