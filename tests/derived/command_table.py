"""The README's table of commands, made from the lines of the program's own help."""

import re
from collections.abc import Iterator

from exactsend.cli.app import program

_TABLE = re.compile(r"(?<=^\| command \| what it does \|\n\|---\|---\|\n)(?:\|[^\n]*\n)*", re.MULTILINE)


def with_command_table(document: str) -> str:
    """The text of a document with every command in its table of commands."""
    rows = "".join(f"| `exactsend {name}` | {text} |\n" for name, text in _commands(program(), ""))
    return _TABLE.sub(lambda _: rows, document)


def _commands(group: object, called: str) -> Iterator[tuple[str, str]]:
    for name, command in getattr(group, "commands", {}).items():
        full = f"{called} {name}".strip()
        if hasattr(command, "commands"):
            yield from _commands(command, full)
        else:
            yield full, command.short_help
