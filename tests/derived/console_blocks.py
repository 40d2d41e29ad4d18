"""The output that the documents show: each command line is run in a small shop, in the order of the document.

A block that begins with ``$ exactsend`` is played, and what it shows is made anew; behind ``> FILE`` it goes there instead, behind
``| head -N`` only its first lines are shown. A comment before it says what people do
meanwhile: ``<!-- world: deliver 4711 4712; wait 5 -->``. Each document begins in a shop that is connected and that no run
has seen, on a Monday morning.
"""

import re
import shlex
from collections.abc import Iterable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.documents import ROOT
from tests.shop import AUTOMATIC, MANUAL, Finished, Shop

PLAYED = tuple(sorted({*ROOT.glob("README.md"), *(ROOT / "docs").glob("*.md")}))
"""The documents that may show output."""

_PIECE = re.compile(
    r"<!-- world: (?P<world>[^>]*?) -->|^```console\n\$ exactsend (?P<line>[^\n]*)\n.*?^```$",
    re.MULTILINE | re.DOTALL,
)

_COMMAND = re.compile(r"(?P<line>.*?)(?: > (?P<file>\S+)| \| head -(?P<lines>\d+))?")


def played(document: str) -> str:
    """The text of a document with the output that its command lines have now."""
    if not _PIECE.search(document):
        return document
    with (
        TemporaryDirectory(prefix="exactsend-played-") as folder,
        Shop(Path(folder), config=MANUAL) as shop,
        chdir(folder),
    ):
        shop.connect()
        return _PIECE.sub(lambda piece: _replayed(shop, piece), document)


def outputs(document: str) -> list[tuple[str, str]]:
    """Each command line that a document shows, and its output."""
    blocks = re.findall(r"^```console\n\$ (exactsend [^\n]*)\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    return [(line, output) for line, output in blocks]


def _replayed(shop: Shop, piece: "re.Match[str]") -> str:
    if piece["world"] is not None:
        for action in piece["world"].split(";"):
            _do(shop, *action.split())
        return piece[0]
    command = _COMMAND.fullmatch(piece["line"].partition(" #")[0])
    assert command is not None  # it matches every line
    finished = shop.run(*shlex.split(command["line"]))
    shown = _shown(shop, finished)
    if command["file"]:
        Path(command["file"]).write_text(finished.out, encoding="utf-8")
        shown = ""
    elif command["lines"]:
        shown = "".join(shown.splitlines(keepends=True)[: int(command["lines"])])
    return f"```console\n$ exactsend {piece['line']}\n{shown}```"


def _shown(shop: Shop, finished: Finished) -> str:
    """What a person sees, and the exit status where it is not 0."""
    status = f"(exit status {finished.status})\n" if finished.status else ""
    text = f"{finished.out}{finished.err}{status}"
    for real, told in (
        (shop.sandbox.exact_url.removeprefix("http://"), "start.exactonline.nl"),
        (str(shop.folder), "/home/you"),
    ):
        text = _told_otherwise(text, real, told)
    return _with_runs_numbered(text)


def _told_otherwise(text: str, real: str, told: str) -> str:
    """The text with one thing called otherwise; a column of a table that it stands in becomes as much wider."""
    cell, room = f"{real}  ", max(0, len(told) - len(real))
    columns = {found.start() for line in text.splitlines() for found in re.finditer(re.escape(cell), line)}
    lines = [
        _with_room(line, columns, len(real), room) if real not in line else line for line in text.split("\n")
    ]
    return "\n".join(lines).replace(real, told)


def _with_room(line: str, columns: Iterable[int], width: int, room: int) -> str:
    """A line of the same table that has something else in these columns."""
    for column in sorted(columns, reverse=True):
        end = column + width
        if line[column - 2 : column] == line[end : end + 2] == "  ":
            line = line[:end] + " " * room + line[end:]
    return line


def _with_runs_numbered(text: str) -> str:
    """The runs of an output by number: what names them is thrown anew each time."""
    names = list(dict.fromkeys(re.findall(r"\brun ([0-9a-f]{8})\b", text)))
    return re.sub(r"\brun ([0-9a-f]{8})\b", lambda found: f"run {names.index(found[1]) + 1:08x}", text)


def _do(shop: Shop, action: str, *words: str) -> None:
    """What somebody does in the shop."""
    match action, words:
        case (("automatic" | "manual"), ()):
            shop.configure({"automatic": AUTOMATIC, "manual": MANUAL}[action])
        case "wait", (minutes,):
            shop.pass_time(minutes=float(minutes))
        case "sync", ():
            shop.run("sync")
        case (("leave-out" | "put" | "refuse"), (endpoint, *field)):
            _change_answers(shop, action, endpoint, *field)
        case "deliver", numbers:
            for number in numbers:
                shop.office.deliver(int(number))
        case (("panel-label" | "panel-copy" | "panel-cancel"), (number,)):
            _do_in_the_panel(shop, action, number)
        case "address", (number, *line):
            address = shop.office.order(int(number)).text("DeliveryAddress")
            shop.office.correct_address(address, AddressLine1=" ".join(line))
        case "typo", ():
            right = shop.config_path.read_text(encoding="utf-8")
            shop.config_path.write_text(right.replace("start_date", "startdate"), encoding="utf-8")
        case _:
            raise ValueError(f"nobody knows how to {action} {' '.join(words)}")


def _change_answers(shop: Shop, action: str, endpoint: str, *field: str) -> None:
    """Leave a field out of an endpoint's answers, show something else in it, or refuse the endpoint."""
    if action == "leave-out":
        shop.sandbox.world.altered.leave_out(endpoint, *field)
    elif action == "put":
        shop.sandbox.world.altered.put(endpoint, *field)
    else:
        shop.sandbox.world.exact.refusals.refuse(endpoint, status=403, sentence="Forbidden")


def _do_in_the_panel(shop: Shop, action: str, number: str) -> None:
    """Make a label, make another one to the address of the one that is there, or cancel the newest."""
    if action == "panel-label":
        shop.panel.make_label(number, None)
    elif action == "panel-cancel":
        shop.panel.cancel_label(number)
    else:
        (label, *_) = shop.panel.labels(number)
        to = {name: str(value) for name, value in label.to_address.items()}
        shop.panel.make_label_elsewhere(number, label.integration_id, to_address=to, option="postnl:standard")
