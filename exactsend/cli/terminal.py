"""Where a command's words go. Results to stdout, everything else to stderr; text from an API never acts as markup or control code."""

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
    """How grave a thing is, as the journal counts. Source: sd-daemon(3)."""

    ERROR = 3
    WARNING = 4


_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Terminal:
    """The two streams of a command, and how much it may say."""

    stdout: TextIO
    stderr: TextIO
    quiet: bool = False
    json: bool = False
    color: bool = True
    """Colour is wanted; there is none off a terminal all the same."""
    blanked: Callable[[str], str] = str
    """Takes known secrets out of what a service may have quoted."""
    is_journal: bool = False
    """systemd's journal reads ``stderr``."""

    def result(self, text: str) -> None:
        """What was asked for: to stdout, where that is not kept for a JSON document."""
        if self.json:
            self.note(text)
        else:
            _write(self.stdout, f"{shown(self.blanked(text))}\n")

    def table(self, table: Table) -> None:
        """Rows that were asked for: drawn on a terminal, else aligned."""
        if self.stdout.isatty():
            _write(
                self.stdout, drawn(self._blanked_table(table), width=_width(self.stdout), color=self.color)
            )
        else:
            _write(self.stdout, aligned(self._blanked_table(table)))

    def spreadsheet(self, headings: Sequence[str], rows: Iterable[Sequence[Json]]) -> None:
        """Rows that were asked for as CSV."""
        blanked = ([self._blanked_values(value) for value in row] for row in rows)
        _write(self.stdout, shown(csv_text(headings, blanked)))

    def document(self, document: Json) -> None:
        """The one JSON document of a command. ASCII only, so nothing in it can steer a terminal."""
        _write(self.stdout, self._dumped(document) + "\n")

    def rows_document(self, command: str, key: str, rows: Iterable[Json] | Iterable[dict[str, Json]]) -> None:
        """The JSON document of a command that has nothing but rows."""
        self.document({"schema": schema(command), key: [*rows]})

    def long_document(self, head: Mapping[str, Json], rows: str, content: Iterable[Json]) -> None:
        """The same with rows at its end, written a few hundred at a time however many there are."""
        _write(self.stdout, self._dumped(dict(head)).removesuffix("\n}") + f',\n  "{rows}": [')
        following, end = iter(content), "]\n}\n"
        between = ""
        while some := [*islice(following, _ROWS_AT_ONCE)]:
            # Drawn up as a list of its own, without its brackets: two columns more and it stands in the document.
            text = self._dumped(some)[1:-2].replace("\n", "\n  ")
            _write(self.stdout, f"{between}{text}")
            between, end = ",", "\n  ]\n}\n"
        _write(self.stdout, end)

    def _dumped(self, document: Json) -> str:
        """A document without the values that are secret; the names of its fields, and its schema's, stay whatever a secret is called."""
        text = json.dumps(document, indent=2)
        if self.blanked(text) == text:
            return text
        without: Json = self._blanked_values(document)
        if isinstance(document, dict) and isinstance(without, dict) and "schema" in document:
            without["schema"] = document["schema"]
        return json.dumps(without, indent=2)

    def _blanked_values(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {name: self._blanked_values(number) for name, number in value.items()}
        if isinstance(value, list):
            return [self._blanked_values(number) for number in value]
        return self.blanked(value) if isinstance(value, str) else value

    def _blanked_table(self, table: Table) -> Table:
        return Table(table.headings, [tuple(map(self.blanked, row)) for row in table.rows])

    def note(self, text: str) -> None:
        """Anything else: to stderr."""
        write_best_effort(self.stderr, f"{shown(self.blanked(text))}\n")

    def error(self, text: str, severity: Severity = Severity.ERROR) -> None:
        """What went wrong: to stderr, and to the journal with how grave it is, so that ``journalctl -p err`` shows it."""
        mark = f"<{severity.value}>" if self.is_journal else ""
        for line in text.splitlines():
            write_best_effort(self.stderr, f"{mark}{shown(self.blanked(line))}\n")

    def progress(self, phrase: str) -> None:
        """What goes on, to a person who waits."""
        if self.stderr.isatty() and not self.quiet and not self.json:
            self.note(f"{phrase} …")

    def prompt(self, question: str) -> None:
        """A question whose answer follows on the same line."""
        write_best_effort(self.stderr, shown(question))

    def is_interactive(self, stdin: TextIO) -> bool:
        """Whether a person can be asked."""
        return stdin.isatty() and self.stderr.isatty()


def _write(stream: TextIO, text: str) -> None:
    """Write at once. A reader who has gone, as ``| head`` does, is not told the rest, and the command goes on.

    Raises:
        ExactSendError: what is written can't be kept, on a full disk for one.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        redirect_to_devnull(stream)
    except OSError as cause:
        redirect_to_devnull(stream)
        raise ExactSendError(
            f"what there is to tell can't be written: {cause.strerror}",
            hint="Completed work is safe; only this output was lost. exactsend explain NUMBER shows it again.",
        ) from cause


class ClosablePipe(io.StringIO):
    """A stream to another one whose reader may go before the end."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        """Pass on what is written."""
        _write(self._stream, text)
        return len(text)

    def isatty(self) -> bool:
        """Whether the other one is a terminal."""
        return self._stream.isatty()


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):  # io.UnsupportedOperation is both
        return 100
