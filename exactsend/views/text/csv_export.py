"""CSV that people open in a spreadsheet: no text in it is taken for a formula. Source: OWASP, "CSV Injection"."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from exactsend.http.messages import Json

_RUNS = re.compile(r"(^|[;\t\r\n])(?=[ \xa0]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
"""Where a spreadsheet may see a formula begin: at the beginning of a cell, and behind what it may take for the end of one. Where numbers
have commas, as in most of Europe, cells are parted by semicolons, whatever the file parts them by."""


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[Json]], *, line_end: str = "\n") -> str:
    """Rows below their headings; lists are joined with blanks, and what would run is made text."""
    page = StringIO()
    writer = csv.writer(page, lineterminator=line_end)
    writer.writerow(headings)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return page.getvalue()


def harmless(text: str) -> str:
    """The text with an apostrophe before each place at which a spreadsheet would see a formula begin."""
    return _RUNS.sub(r"\1'", text)


def _cell(value: Json) -> str:
    if isinstance(value, list):
        return harmless(" ".join(map(str, value)))
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else str(value)
