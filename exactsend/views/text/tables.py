"""Tables as text: drawn with rich on a terminal, aligned with spaces elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from exactsend.views.text.terminal_escape import shown_on_one_line

GAP = "  "
COLUMN_PADDING = 3
"""The characters that rich adds to each column."""


@dataclass(frozen=True)
class Table:
    """Headings and rows of text."""

    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def aligned(table: Table) -> str:
    """The table as lines of plain text."""
    lines = [[shown_on_one_line(cell) for cell in row] for row in (table.headings, *table.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.headings))]
    return "".join(
        GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )


def drawn(table: Table, *, width: int, color: bool) -> str:
    """The table for a terminal. Cells are plain text, never markup."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - needed on a terminal only
    from rich.console import Console  # noqa: PLC0415 - likewise
    from rich.table import Table as Drawing  # noqa: PLC0415 - likewise
    from rich.text import Text  # noqa: PLC0415 - likewise

    least = _longest_words(table)
    if len(least) > 1 and sum(least) + COLUMN_PADDING * len(least) + 1 > width:
        return listed(table)
    drawing = Drawing(box=SIMPLE_HEAD)
    for heading, longest in zip(table.headings, least, strict=True):
        drawing.add_column(Text(heading), overflow="fold", min_width=longest if len(least) > 1 else None)
    for row in table.rows:
        drawing.add_row(*(Text(shown_on_one_line(cell)) for cell in row))
    output = StringIO()
    console = Console(file=output, force_terminal=True, width=width, no_color=not color, legacy_windows=False)
    console.print(drawing)
    return output.getvalue()


def _longest_words(table: Table) -> list[int]:
    """The length of the longest word of each column."""
    columns = zip(table.headings, *(map(shown_on_one_line, row) for row in table.rows), strict=True)
    return [max(len(word) for cell in column for word in (*cell.split(), "")) for column in columns]


def listed(table: Table) -> str:
    """A table that is too wide for the terminal: a line per cell, after its heading."""
    column = max(map(len, table.headings))
    rows = [
        "".join(
            f"{heading.ljust(column)}{GAP}{shown_on_one_line(cell)}".rstrip() + "\n"
            for heading, cell in zip(table.headings, row, strict=True)
        )
        for row in table.rows
    ]
    return "\n".join(rows)
