"""The command line: arguments in, exit status out.

``app`` declares the commands, ``program`` runs one and turns its ending into words and a status. What a command does stands in a
module of its own, imported when it is run: ``--version`` and ``--help`` load none of it.
"""

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from exactsend import __version__

COLLECTED_RARELY = (100_000, 20, 20)
"""Loading makes very many objects, all of which stay: looking for garbage among them takes a tenth of the time."""

if TYPE_CHECKING:
    from exactsend.cli.process_io import ProcessIO


def main(argv: Sequence[str] | None = None, surroundings: "ProcessIO | None" = None) -> int:
    """Run a command line; gives its exit status."""
    if argv is not None:
        return _main(argv, surroundings)
    # This process is ours.
    gc.set_threshold(*COLLECTED_RARELY)
    try:
        return _main(sys.argv[1:], surroundings)
    finally:
        gc.freeze()  # what stands now ends with the process: Python need not look for garbage in it


def _main(argv: Sequence[str], surroundings: "ProcessIO | None") -> int:
    if list(argv) == ["--version"] and surroundings is None:
        return _told_version()
    from exactsend.cli import run  # noqa: PLC0415 - see above

    return run.main(argv, surroundings)


def _told_version() -> int:
    """Answered before anything is loaded."""
    try:
        print(f"exactsend {__version__}", flush=True)  # noqa: T201 - whatever prints otherwise takes longer to load
    except OSError as cause:
        from exactsend.cli import process_io, run  # noqa: PLC0415 - see above

        process_io.redirect_to_devnull(sys.stdout)
        return run.help_untold(cause, process_io.of_this_process())
    return 0
