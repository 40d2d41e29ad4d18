"""Rows and columns: drawn with rich for a terminal, aligned with blanks for everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from exactsend.report.visible import shown_on_one_line

GAP = "  "


@dataclass(frozen=True)
class Table:
    """Rows of text under a heading each."""

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
    """The table as a terminal shows it. Cells are text and never markup."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - needed on a terminal only
    from rich.console import Console  # noqa: PLC0415 - likewise
    from rich.table import Table as Drawing  # noqa: PLC0415 - likewise
    from rich.text import Text  # noqa: PLC0415 - likewise

    drawing = Drawing(box=SIMPLE_HEAD)
    for heading in table.headings:
        drawing.add_column(Text(heading), overflow="fold")
    for row in table.rows:
        drawing.add_row(*(Text(shown_on_one_line(cell)) for cell in row))
    page = StringIO()
    console = Console(file=page, force_terminal=True, width=width, no_color=not color, legacy_windows=False)
    console.print(drawing)
    return page.getvalue()
