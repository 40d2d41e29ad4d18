"""How the last run of a division ended, if an error ended it: a small file beside the ledger.

The ledger stores the end of every run that holds it. A run that finds the division held by another process, or a ledger that can't be read,
must not write there; and the ledger stores no error messages. So a run that an error ends leaves this file, replaced in one step, which
needs no lock; a run without an error deletes it. It decides nothing: if it can't be read, the ledger counts.
"""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from exactsend.domain.run_history import LastRun
from exactsend.system.durable_files import PRIVATE_FILE, make_private_folder, replace_atomically

LAST_RUN = "last-run.json"


def keep_last_run(folder: Path, last: LastRun) -> None:
    """Keep how a run ended.

    Raises:
        LedgerError, OSError: it can't be written.
    """
    make_private_folder(folder)
    replace_atomically(folder / LAST_RUN, f"{json.dumps(last.to_json())}\n", mode=PRIVATE_FILE)


def forget_last_run(folder: Path) -> None:
    """Take the file away: a later run ended without an error, and the ledger says how.

    Raises:
        OSError: it can't be deleted.
    """
    (folder / LAST_RUN).unlink(missing_ok=True)


def last_run(folder: Path, noted: LastRun | None, now: datetime) -> LastRun | None:
    """The last run to end: as kept here, or as noted in the ledger. A note of a moment that is still to come proves nothing."""
    kept = _kept(folder)
    if kept is None or noted is None:
        return kept or noted
    return noted if kept.at < noted.at <= now else kept


def _kept(folder: Path) -> LastRun | None:
    with suppress(OSError, ValueError, ValidationError):
        return LastRun.model_validate(json.loads((folder / LAST_RUN).read_text(encoding="utf-8")))
    return None
