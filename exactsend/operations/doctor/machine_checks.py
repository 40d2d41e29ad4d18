"""Checks of this machine: files and their modes, the disk, the credential store, cron's environment, the age of the sign-in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from exactsend.credentials.store_choice import PROOF_CHARACTERS
from exactsend.errors import LoginNeeded
from exactsend.ledger.verify import verify
from exactsend.operations.doctor.checks import CheckContext, CheckResults, Issue, Note
from exactsend.settings.trusted_files import group_may_write
from exactsend.views.data.ledger_queries import ledger_queries

FEW_DAYS = 10
MIN_FREE_BYTES = 100 * 1024 * 1024
"""Far more than the ledger of several years needs; with less, the disk is nearly full."""
_CRON_SECONDS = 20.0
_CRON_VARIABLES = ("HOME", "LOGNAME", "USER", "PATH", "SHELL", "LANG")
_ROUND_TRIP = (
    "import sys; from pathlib import Path; from exactsend.credentials.store_choice import store_of; "
    "store_of('keyring', Path(sys.argv[1])).prove(64)"
)


def configuration(context: CheckContext) -> CheckResults:
    """Whether a group may change the configuration. One that everybody may change is rejected when it is loaded."""
    path = context.wiring.settings.path
    if group_may_write(path.stat()):
        yield Issue(f"other users may change {path}", f"Restrict it: chmod go-w {path}")


def state(context: CheckContext) -> CheckResults:
    """Whether the state can be read, and only by this user."""
    folder = context.wiring.process.state
    if folder.exists() and group_may_write(folder.stat()):
        yield Issue(f"other users may change {folder}", f"Restrict it: chmod go-w {folder}")
    if folder.exists() and folder.stat().st_uid != os.geteuid():
        yield Issue(
            f"{folder} belongs to another user than the one who runs doctor",
            "Run doctor as the user whose timer runs exactsend: sudo -u USER exactsend doctor",
        )
    for finding in verify(context.wiring.folder(context.division)):
        yield Issue(finding.message, finding.hint)


def disk(context: CheckContext) -> CheckResults:
    """Whether the disk has room for the ledger."""
    folder = _existing(context.wiring.process.state)
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        yield Issue(
            f"only {free // 1024**2} MB are free on the disk of {folder}",
            "Free some space, or move the state folder.",
        )
    if os.statvfs(folder).f_files and not os.statvfs(folder).f_favail:
        yield Issue(f"no more files can be created on the disk of {folder}", "Delete files there.")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())


def credential_store(context: CheckContext) -> CheckResults:
    """Whether the store returns what is written to it. Takes the sign-in's lock, since runs test the same entry."""
    with context.wiring.sign_in_store(context.division.exact).lock():
        context.wiring.store().prove(PROOF_CHARACTERS)
    return iter(())


def cron(context: CheckContext) -> CheckResults:
    """Whether a cron job has what this shell has."""
    environ = context.wiring.process.environ
    ours = sorted(name for name in environ if name.startswith("EXACTSEND_"))
    if ours and "JOURNAL_STREAM" not in environ:
        yield Note(
            f"this shell sets {', '.join(ours)}; a job of cron or systemd has only what it sets itself"
        )
    if context.wiring.store().kind == "keyring" and not _keyring_answers_cron(context):
        yield Issue(
            "the keyring answers here, but not in a bare environment such as cron's",
            "Keep the credentials in files: exactsend connect --store file",
        )


def _keyring_answers_cron(context: CheckContext) -> bool:
    """Whether the keyring works in another process that has only cron's environment."""
    bare = {name: os.environ[name] for name in _CRON_VARIABLES if name in os.environ}
    state = str(context.wiring.process.state)
    try:
        with context.wiring.sign_in_store(context.division.exact).lock():
            done = subprocess.run(  # noqa: S603 - this interpreter and a constant program
                [sys.executable, "-c", _ROUND_TRIP, state],
                env=bare,
                timeout=_CRON_SECONDS,
                capture_output=True,
                check=False,
            )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def sign_in(context: CheckContext) -> CheckResults:
    """Whether there is a sign-in to Exact, and it does not expire soon.

    Raises:
        LoginNeeded: there is no sign-in.
    """
    context.wiring.store()
    days = (
        ledger_queries(context.wiring, context.division).status(context.wiring, context.now).sign_in_days_left
    )
    if days is None:
        raise LoginNeeded("this installation is not signed in to Exact", hint="Run exactsend connect.")
    if days < FEW_DAYS:
        yield Issue(
            f"the sign-in to Exact expires in {days} days unless a run uses it",
            "Run exactsend sync from a timer; each run extends the sign-in to 30 days.",
        )


def credentials(context: CheckContext) -> CheckResults:
    """Whether all secrets are available."""
    _ = context.services
    return iter(())
