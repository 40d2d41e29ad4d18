"""What a command prints: results to stdout, everything else to stderr. Text from a service never acts as markup or control code."""

import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import TextIO

from exactsend.cli.process_io import redirect_to_devnull, write_best_effort
from exactsend.errors import ExactSendError
from exactsend.http.messages import Json
from exactsend.views.text.csv_export import csv_text
from exactsend.views.text.json_documents import schema
from exactsend.views.text.tables import Table, aligned, drawn
from exactsend.views.text.terminal_escape import shown

__all__ = ["Severity", "Terminal", "shown"]


class Severity(IntEnum):
    """How severe a message is, in the numbers of systemd's journal. Source: sd-daemon(3)."""

    ERROR = 3
    WARNING = 4


_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Terminal:
    """The two streams of a command, and what it may print on them."""

    stdout: TextIO
    stderr: TextIO
    quiet: bool = False
    json: bool = False
    color: bool = True
    """Whether to use colour on a terminal."""
    blanked: Callable[[str], str] = str
    """Removes known secrets, which a service may have quoted."""
    is_journal: bool = False
    """systemd's journal reads ``stderr``."""

    def result(self, text: str) -> None:
        """Print a result: to stdout, or to stderr where stdout is kept for a JSON document."""
        if self.json:
            self.note(text)
        else:
            _write(self.stdout, f"{shown(self.blanked(text))}\n")

    def table(self, table: Table) -> None:
        """Print rows: drawn on a terminal, aligned elsewhere."""
        if self.stdout.isatty():
            _write(
                self.stdout, drawn(self._blanked_table(table), width=_width(self.stdout), color=self.color)
            )
        else:
            _write(self.stdout, aligned(self._blanked_table(table)))

    def spreadsheet(self, headings: Sequence[str], rows: Iterable[Sequence[Json]]) -> None:
        """Print rows as CSV."""
        blanked = ([self._blanked_values(value) for value in row] for row in rows)
        _write(self.stdout, shown(csv_text(headings, blanked)))

    def document(self, document: Json) -> None:
        """Print the JSON document of a command. ASCII only, so that nothing in it can control a terminal."""
        _write(self.stdout, self._dumped(document) + "\n")

    def rows_document(self, command: str, key: str, rows: Iterable[Json] | Iterable[dict[str, Json]]) -> None:
        """Print the JSON document of a command that has rows only."""
        self.document({"schema": schema(command), key: [*rows]})

    def long_document(self, head: Mapping[str, Json], rows: str, content: Iterable[Json]) -> None:
        """Print a JSON document that ends with rows, a few hundred at a time, however many there are."""
        _write(self.stdout, self._dumped(dict(head)).removesuffix("\n}") + f',\n  "{rows}": [')
        following, end = iter(content), "]\n}\n"
        between = ""
        while batch := [*islice(following, _ROWS_AT_ONCE)]:
            # The batch as a list, without its brackets and indented by two more columns.
            text = self._dumped(batch)[1:-2].replace("\n", "\n  ")
            _write(self.stdout, f"{between}{text}")
            between, end = ",", "\n  ]\n}\n"
        _write(self.stdout, end)

    def _dumped(self, document: Json) -> str:
        """A document as text, with secrets blanked in its values. Names of fields and the schema stay, even if a secret has the same text."""
        text = json.dumps(document, indent=2)
        if self.blanked(text) == text:
            return text
        without: Json = self._blanked_values(document)
        if isinstance(document, dict) and isinstance(without, dict) and "schema" in document:
            without["schema"] = document["schema"]
        return json.dumps(without, indent=2)

    def _blanked_values(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {name: self._blanked_values(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._blanked_values(inner) for inner in value]
        return self.blanked(value) if isinstance(value, str) else value

    def _blanked_table(self, table: Table) -> Table:
        return Table(table.headings, [tuple(map(self.blanked, row)) for row in table.rows])

    def note(self, text: str) -> None:
        """Print a note to stderr."""
        write_best_effort(self.stderr, f"{shown(self.blanked(text))}\n")

    def error(self, text: str, severity: Severity = Severity.ERROR) -> None:
        """Print an error to stderr; in systemd's journal with its severity, so that ``journalctl -p err`` shows it."""
        mark = f"<{severity.value}>" if self.is_journal else ""
        for line in text.splitlines():
            write_best_effort(self.stderr, f"{mark}{shown(self.blanked(line))}\n")

    def progress(self, phrase: str) -> None:
        """Show a person at a terminal what is being done."""
        if self.stderr.isatty() and not self.quiet and not self.json:
            self.note(f"{phrase} …")

    def prompt(self, question: str) -> None:
        """Print a question whose answer follows on the same line."""
        write_best_effort(self.stderr, shown(question))

    def is_interactive(self, stdin: TextIO) -> bool:
        """Whether a person can be asked."""
        return stdin.isatty() and self.stderr.isatty()


def _write(stream: TextIO, text: str) -> None:
    """Write and flush. If the reader has closed the pipe, as ``| head`` does, the rest is dropped and the command goes on.

    Raises:
        ExactSendError: the output can't be written, for example on a full disk.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        redirect_to_devnull(stream)
    except OSError as cause:
        redirect_to_devnull(stream)
        raise ExactSendError(
            f"the output can't be written: {cause.strerror}",
            hint="Completed work is safe; only this output was lost. exactsend explain NUMBER shows it again.",
        ) from cause


class ClosablePipe(io.StringIO):
    """A stream that passes on to another one, whose reader may close it early."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        """Pass on the text."""
        _write(self._stream, text)
        return len(text)

    def isatty(self) -> bool:
        """Whether the other stream is a terminal."""
        return self._stream.isatty()


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):  # io.UnsupportedOperation is both
        return 100
