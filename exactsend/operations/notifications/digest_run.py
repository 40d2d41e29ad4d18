"""After each run: takes in what is new, and sends it when it is time."""

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
from exactsend.operations.notifications.digest_state import Box, Facts, letters, sent, taken_in
from exactsend.operations.notifications.message import digest
from exactsend.operations.notifications.send import NotSent, require_sendable, send
from exactsend.settings.models import DivisionSettings
from exactsend.system import structured_log
from exactsend.system.durable_files import make_private_folder, touching
from exactsend.system.durable_files import replace as replace_file
from exactsend.system.elapsed import is_due_again
from exactsend.system.lock import Lock
from exactsend.views.data.read_model import read_model

log = logging.getLogger(__name__)

_FILE = "notify.json"
_PATIENCE = timedelta(seconds=30)
"""For another run that is sending."""


def notify(wiring: Wiring, runs: Sequence[Run]) -> None:
    """Tell what is new after these runs, as ``[notify]`` wants it. What fails here is logged, and told the next time."""
    if not wiring.settings.notify.on:
        return
    clock, pause = wiring.process.clock, wiring.process.sleep
    try:
        lock = Lock(wiring.process.state / "notify.lock")
        with lock.acquire(run_id=wiring.process.run_id, clock=clock, sleep=pause, wait=_PATIENCE):
            _told(wiring, runs, clock())
    except ExactSendError as failed:
        structured_log.log_event(log, logging.WARNING, "notify_failed", f"{failed.message}. {failed.hint}")


def _told(wiring: Wiring, runs: Sequence[Run], now: datetime) -> None:
    settings, box = wiring.settings.notify, _opened(wiring)
    for run in runs:
        box = taken_in(box, _facts(wiring, run), settings.on)
    _keep(wiring, box)
    is_due = is_due_again(timedelta(minutes=settings.every_minutes), box.sent_at, now)
    if box.owed or (box.waiting and is_due):
        _send(wiring, box, now, is_due=is_due)


def _send(wiring: Wiring, box: Box, now: datetime, *, is_due: bool) -> None:
    """To each address by itself: one that does not take it is tried again, and no other is told twice.

    Raises:
        NotSent: an address did not take it, or nothing can be sent at all.
    """
    urls = _urls(wiring)
    require_sendable(" ".join(urls))
    wanted = letters(box, addresses=len(urls), is_due=is_due)
    untold, failed = set(wanted), dict[int, NotSent]()
    for number, news in wanted.items():
        try:
            send(digest(news), urls[number - 1])
        except NotSent as error:
            failed[number] = error
            continue
        untold.discard(number)
        # After each: who has it must not be told again, even if this run dies before the last.
        _keep(wiring, sent(box, wanted, untold, at=now, is_due=is_due))
    if not wanted:
        _keep(wiring, sent(box, {}, (), at=now, is_due=False))
    if failed:
        raise _summed_up(failed, of=len(urls))


def _summed_up(failed: Mapping[int, NotSent], *, of: int) -> NotSent:
    """What failed as one error; where there are several addresses, with the numbers of those that it is about."""
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
            "notify.on says what to tell, and nothing says to whom",
            hint="Set EXACTSEND_NOTIFY_URL, or EXACTSEND_NOTIFY_URL_FILE.",
        )
    urls = found.get_secret_value().split()
    for url in urls:
        wiring.process.redaction.add(url)
    return urls


# ── what a run left ──────────────────────────────────────────────────────────────────────────────


def _facts(wiring: Wiring, run: Run) -> Facts:
    bought = sum(
        outcome.kind is ActionKind.LABEL_BUY and outcome.outcome is OutcomeKind.DONE
        for outcome in run.outcomes
    )
    facts = Facts(run.division, run.exit_status, run.result.stopped, labels=bought)
    division = wiring.settings.divisions[run.division]
    if not isinstance(division, DivisionSettings):
        return facts
    try:
        model = read_model(wiring, division)
        standing = model.standing(wiring, wiring.process.clock())
        return replace(
            facts,
            problems=model.problems(),
            refused=standing.refused,
            sign_in_days=standing.sign_in_days_left,
        )
    except ExactSendError:  # the run itself said so
        return facts


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def _opened(wiring: Wiring) -> Box:
    """What was kept. A file that can't be understood is no reason to be silent: everything is news then."""
    path = wiring.process.state / _FILE
    with touching(path):
        kept = path.read_text(encoding="utf-8") if path.exists() else "{}"
    try:
        return Box.model_validate(json.loads(kept))
    except (ValueError, ValidationError):
        structured_log.log_event(log, logging.WARNING, "notify_begins_anew", f"{path} can't be understood")
        return Box()


def _keep(wiring: Wiring, box: Box) -> None:
    make_private_folder(wiring.process.state)
    replace_file(wiring.process.state / _FILE, box.model_dump_json().encode(), name="notify")
