"""The command line: arguments in, exit status out.

``app`` declares the commands, ``program`` runs one and turns its ending into words and a status. What a command does stands in a
module of its own, imported when it is run: ``--version`` and ``--help`` load none of it.
"""

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from exactsend import __version__

COLLECTED_RARELY = (50_000, 20, 20)
"""Loading makes very many objects, all of which stay: looking for garbage among them takes a tenth of the time."""

if TYPE_CHECKING:
    from exactsend.cli.surroundings import Surroundings


def main(argv: Sequence[str] | None = None, surroundings: "Surroundings | None" = None) -> int:
    """Run a command line; gives its exit status."""
    if argv is None:  # this process is ours
        gc.set_threshold(*COLLECTED_RARELY)
    asked = sys.argv[1:] if argv is None else argv
    if list(asked) == ["--version"]:  # answered before anything is loaded
        print(f"exactsend {__version__}", file=surroundings.stdout if surroundings else sys.stdout)
        return 0
    from exactsend.cli import program  # noqa: PLC0415 - see above

    return program.main(argv, surroundings)
