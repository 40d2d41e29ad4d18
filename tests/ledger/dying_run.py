"""A run that kills itself just before its n-th effect on the disk: ``python dying_run.py FOLDER N``.

Writes the name of each event once it is recorded.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from exactsend.ledger.store import Ledger

folder, deadly = Path(sys.argv[1]), int(sys.argv[2])
effects = 0


def fault_hook(_name: str) -> None:
    global effects  # noqa: PLW0603 - a script of one run
    effects += 1
    if effects == deadly:
        os.kill(os.getpid(), signal.SIGKILL)


with Ledger.open(
    folder,
    run_id="dying",
    clock=lambda: datetime(2026, 11, 23, tzinfo=UTC),
    program="test",
    fault_hook=fault_hook,
) as ledger:
    for name in ("a", "b", "fold", "c", "archive", "d", "archive", "e"):
        if name == "fold":
            ledger.fold()
        elif name == "archive":
            ledger.fold([("deliveries", key) for key, _ in ledger.recent("deliveries")])
        else:
            ledger.record(name, puts=[("deliveries", name, {"state": name})])
            sys.stdout.write(f"{name}\n")
            sys.stdout.flush()
