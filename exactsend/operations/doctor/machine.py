"""Checks of this machine: files and their modes, the disk, the credential store, what cron would find, the sign-in's age."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from exactsend.credentials.store_choice import PROOF_CHARACTERS
from exactsend.errors import LoginNeeded
from exactsend.ledger.verify import verify
from exactsend.operations.doctor.checks import CheckContext, Found, Remark, Trouble
from exactsend.settings.trusted_files import group_may_write
from exactsend.views.data.read_model import read_model

FEW_DAYS = 10
LEAST_FREE_BYTES = 100 * 1024 * 1024
"""A ledger of years, the tokens and a copy of each take far less; who has less than this is about to have none."""
_CRON_SECONDS = 20.0
_CRON_KNOWS = ("HOME", "LOGNAME", "USER", "PATH", "SHELL", "LANG")
_ROUND_TRIP = (
    "import sys; from pathlib import Path; from exactsend.credentials.store_choice import store_of; "
    "store_of('keyring', Path(sys.argv[1])).prove(64)"
)


def configuration(case: CheckContext) -> Found:
    """Whether a group may change the configuration; one that everybody may change is not even read."""
    path = case.wiring.settings.path
    if group_may_write(path.stat()):
        yield Trouble(f"other users may change {path}", f"Close it: chmod go-w {path}")


def state(case: CheckContext) -> Found:
    """Whether the state can be read, and by nobody else."""
    folder = case.wiring.process.state
    if folder.exists() and group_may_write(folder.stat()):
        yield Trouble(f"other users may change {folder}", f"Close it: chmod go-w {folder}")
    if folder.exists() and folder.stat().st_uid != os.geteuid():
        yield Trouble(
            f"{folder} belongs to another user than the one who runs this",
            "Run doctor as the user whose timer runs exactsend: sudo -u USER exactsend doctor",
        )
    for finding in verify(case.wiring.folder(case.division)):
        yield Trouble(finding.message, finding.hint)


def disk(case: CheckContext) -> Found:
    """Whether there is room for the ledger."""
    place = _existing(case.wiring.process.state)
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE_BYTES:
        yield Trouble(
            f"only {free // 1024**2} MB are free on the disk of {place}",
            "Make room, or move the state folder.",
        )
    if os.statvfs(place).f_files and not os.statvfs(place).f_favail:
        yield Trouble(f"no more files can be made on the disk of {place}", "Delete files there.")


def _existing(path: Path) -> Path:
    return next(candidate for candidate in (path, *path.absolute().parents) if candidate.exists())


def credential_store(case: CheckContext) -> Found:
    """Whether the store keeps what it is given, right now. Under the sign-in's lock: a run proves the store in the same place."""
    with case.wiring.sign_in_store(case.division.exact).lock():
        case.wiring.store().prove(PROOF_CHARACTERS)
    return iter(())


def cron(case: CheckContext) -> Found:
    """Whether a job of cron would find what this shell finds."""
    environ = case.wiring.process.environ
    ours = sorted(name for name in environ if name.startswith("EXACTSEND_"))
    if ours and "JOURNAL_STREAM" not in environ:
        yield Remark(
            f"this shell sets {', '.join(ours)}; a job of cron or systemd has only what its own lines set"
        )
    if case.wiring.store().kind == "keyring" and not _keyring_answers_cron(case):
        yield Trouble(
            "the keyring answers here and not in a bare environment such as cron's",
            "Keep the credentials in files: exactsend connect --store file",
        )


def _keyring_answers_cron(case: CheckContext) -> bool:
    """A round trip by another process that has what cron gives its jobs, and nothing of this session."""
    bare = {name: os.environ[name] for name in _CRON_KNOWS if name in os.environ}
    state = str(case.wiring.process.state)
    try:
        with case.wiring.sign_in_store(case.division.exact).lock():
            done = subprocess.run(  # noqa: S603 - this very interpreter, and a program of ours
                [sys.executable, "-c", _ROUND_TRIP, state],
                env=bare,
                timeout=_CRON_SECONDS,
                capture_output=True,
                check=False,
            )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def sign_in(case: CheckContext) -> Found:
    """Whether there is a sign-in to Exact that will last.

    Raises:
        LoginNeeded: there is none.
    """
    case.wiring.store()
    days = read_model(case.wiring, case.division).standing(case.wiring, case.now).sign_in_days_left
    if days is None:
        raise LoginNeeded("this installation is not signed in to Exact", hint="Run exactsend connect.")
    if days < FEW_DAYS:
        yield Trouble(
            f"the sign-in to Exact dies in {days} days if nothing uses it",
            "Let a timer run exactsend sync; the next run makes it good for 30 days again.",
        )


def credentials(case: CheckContext) -> Found:
    """Whether all secrets are there."""
    _ = case.systems
    return iter(())
