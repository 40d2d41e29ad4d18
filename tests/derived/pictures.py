"""Pictures of a terminal for the documents, drawn from the output that the documents show."""

import re
from io import StringIO
from textwrap import TextWrapper

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.derived.console_blocks import outputs
from tests.documents import ROOT

FOLDER = ROOT / "docs" / "pictures"
COMMANDS = ROOT / "docs" / "commands.md"
PICTURES = {
    "dry-run": "exactsend sync --dry-run",
    "sync": "exactsend sync",
    "errors": "exactsend errors",
    "explain": "exactsend explain 4715",
    "status": "exactsend status",
}
"""The first command line of this kind that the page shows."""

WIDTH = 110
THEME = TerminalTheme(
    (30, 34, 42),
    (214, 218, 225),
    [
        (60, 64, 72),
        (224, 108, 117),
        (152, 195, 121),
        (229, 192, 123),
        (97, 175, 239),
        (198, 120, 221),
        (86, 182, 194),
        (214, 218, 225),
    ],
)


def picture(name: str, document: str) -> str:
    """One picture as SVG, of the commands page as it is given."""
    line, output = next(found for found in outputs(document) if found[0] == PICTURES[name])
    console = Console(file=StringIO(), record=True, width=WIDTH, force_terminal=True, legacy_windows=False)
    console.print(Text.assemble(("$ ", "green"), (line, "bold")))
    for row in output.splitlines():
        console.print(_row(row), soft_wrap=False)
    drawn = console.export_svg(title=line, theme=THEME, unique_id=f"exactsend-{name}")
    return _without_fonts_from_elsewhere(drawn)


def words(svg: str) -> str:
    """What a picture says, so that two can be compared however they were drawn."""
    return "\n".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def _row(row: str) -> Text:
    """A line; what needs a person is set off."""
    lead = len(row) - len(row.lstrip())
    wrapped = TextWrapper(WIDTH, subsequent_indent=" " * (lead + 2), break_on_hyphens=False).wrap(row) or [""]
    is_trouble = re.search(r"no label|→|needs a person|need a person|^exactsend:|exit status|^  the ", row)
    return Text("\n".join(wrapped), style="yellow" if is_trouble else "")


def _without_fonts_from_elsewhere(svg: str) -> str:
    """A picture loads nothing: readers have a font of their own."""
    without = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return without.replace("Fira Code, monospace", "monospace")
