"""CSV in which no text acts as a spreadsheet formula. Source: OWASP, "CSV Injection"."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from exactsend.http.messages import Json

_FORMULA_STARTS = re.compile(r"(^|[;\t\r\n])(?=[ \xa0]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
"""Where a spreadsheet may see the beginning of a formula: at the start of a cell, and after a character that may separate cells. In
countries with decimal commas, as most of Europe, spreadsheets split at semicolons, whatever separator the file uses."""


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[Json]], *, line_end: str = "\n") -> str:
    """Headings and rows as CSV; lists are joined with spaces, and formulas become text."""
    output = StringIO()
    writer = csv.writer(output, lineterminator=line_end)
    writer.writerow(headings)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return output.getvalue()


def harmless(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet might start a formula."""
    return _FORMULA_STARTS.sub(r"\1'", text)


def _cell(value: Json) -> str:
    if isinstance(value, list):
        return harmless(" ".join(map(str, value)))
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else str(value)
