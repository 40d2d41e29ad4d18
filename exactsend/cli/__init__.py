"""The command line: arguments in, exit status out.

``app`` declares the commands, ``program`` runs one and turns its ending into words and a status. What a command does stands in a
module of its own, imported when it is run: ``--version`` and ``--help`` load none of it.
"""

from exactsend.cli.program import main

__all__ = ["main"]
