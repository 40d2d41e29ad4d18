"""The manual page, made from the program's own help and the documents' tables of statuses and variables."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from exactsend import __version__
from exactsend.cli.app import program
from tests.documents import README, ROOT, table

SETUP = ROOT / "docs" / "setup.md"

DESCRIPTION = """\
exactsend connects Exact Online, where orders are kept, to Sendcloud, which makes shipping labels.

Cron or a systemd timer runs \\fBexactsend sync\\fR every few minutes: approved orders become incoming orders in Sendcloud, new
goods deliveries get their label or wait for one made by hand, and tracking numbers and labels go back onto the goods deliveries
in Exact.

Every command may be run again at any time, killed at any time, and run twice at once, with the same end. A delivery never gets
a second paid label unless a person asks for one.
"""

EXAMPLES = (
    ("See the whole job on simulated services:", "exactsend demo"),
    ("See what a run would do, and change nothing:", "exactsend sync \\-\\-dry\\-run"),
    ("Why did order 4711 not go?", "exactsend explain 4711"),
    (
        "The line for a crontab of your own:",
        "*/5 * * * * /opt/exactsend/bin/exactsend sync \\-\\-all \\-\\-quiet",
    ),
)

DATED = "2026-11-25"
"""The day of the version that the page is of."""

FILES = (
    (
        "~/.config/exactsend/config.toml",
        "The configuration. Every key, with what it means and its default, stands in config.example.toml.",
    ),
    (
        "~/.local/state/exactsend",
        "The state: a folder for each division with its ledger, and the sign\\-ins. Back it up as a whole.",
    ),
)


def manual() -> str:
    """The page, as man(1) reads it."""
    return "\n".join(_wrapped(_lines())) + "\n"


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Text in lines that can be read and compared; requests stay whole."""
    for line in lines:
        if line.startswith("."):
            yield line
        for place, part in enumerate([] if line.startswith(".") else textwrap.wrap(line, 78, **_AS_IT_IS)):
            yield f"\\&{part}" if place and part.startswith((".", "'")) else part


_AS_IT_IS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def _lines() -> Iterator[str]:
    yield ".\\\" Made by scripts/derive from the program's own help. Do not edit."
    yield f'.TH EXACTSEND 1 "{DATED}" "exactsend {__version__}" "User Commands"'
    yield from _section("NAME", ["exactsend \\- connects Exact Online to Sendcloud"])
    yield from _section("SYNOPSIS", [".B exactsend", "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]"])
    yield from _section("DESCRIPTION", _paragraphs(DESCRIPTION.split("\n\n")))
    group = program()
    yield from _section("OPTIONS", ["Before or after the name of a command:", *_options(group.params)])
    yield from _section("COMMANDS", _commands(group, "exactsend", _common(group)))
    yield from _section("EXIT STATUS", _tagged(_rows(README, "status", "meaning")))
    yield from _section("ENVIRONMENT", _tagged(_rows(SETUP, "variable", "what it says")))
    yield from _section("FILES", _tagged((f"\\fI{path}\\fR", text) for path, text in FILES))
    yield from _section("EXAMPLES", _examples())


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [f".SH {title}" if " " not in title else f'.SH "{title}"', *lines]


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for place, text in enumerate(texts):
        yield from [".PP", text] if place else [text]


def _common(group: Any) -> frozenset[str]:  # noqa: ANN401 - click's or typer's own, depending on typer's version
    return frozenset(option for parameter in group.params for option in parameter.opts)


def _commands(group: Any, called: str, common: frozenset[str]) -> Iterator[str]:  # noqa: ANN401 - likewise
    for name, listed in group.commands.items():
        full = f"{called} {name}"
        if hasattr(listed, "commands"):
            yield from _commands(listed, full, common)
            continue
        command = listed.load(program())
        arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
        shown = "".join(
            f" \\fI{_escaped(argument.make_metavar(_context(command)))}\\fR" for argument in arguments
        )
        yield f'.SS "{_escaped(full)}{shown}"'
        yield _sentence(command.help or "")
        yield from _options(parameter for parameter in command.params if not common & set(parameter.opts))


def _context(command: Any) -> Any:  # noqa: ANN401 - likewise
    return command.context_class(command)


def _options(parameters: Iterable[Any]) -> Iterator[str]:
    for parameter in parameters:
        if parameter.param_type_name == "option":
            spelled = ", ".join(f"\\fB{_escaped(option)}\\fR" for option in parameter.opts)
            takes = (
                "" if parameter.is_flag or parameter.count else f" \\fI{_escaped(_metavar(parameter))}\\fR"
            )
            yield from [".TP", spelled + takes, _sentence(parameter.help or "")]


def _metavar(option: Any) -> str:  # noqa: ANN401 - likewise
    return option.metavar or "|".join(getattr(option.type, "choices", [])) or "VALUE"


def _rows(document: Path, *columns: str) -> Iterator[tuple[str, str]]:
    for row in table(document, *columns):
        yield _marked(row[0]), _marked(row[1])


def _tagged(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for tag, text in pairs:
        yield from [".TP", tag, _sentence(text, escape=False)]


def _examples() -> Iterator[str]:
    for place, (what, line) in enumerate(EXAMPLES):
        yield from [*([".PP"] if place else []), what, ".PP", ".RS 4", ".nf", line, ".fi", ".RE"]


def _marked(text: str) -> str:
    """Text of a Markdown table: what stands between backticks in bold, links as their words."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"`([^`]+)`", r"\\fB\1\\fR", _escaped(words))


def _escaped(text: str) -> str:
    """Text in which nothing is a command to roff."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "\\&...")
    return plain.replace("~", "\\(ti").replace("^", "\\(ha")


def _sentence(text: str, *, escape: bool = True) -> str:
    """On one line, with its full stop, and no dot or quote at its beginning."""
    line = " ".join((_escaped(text) if escape else text).split())
    line = line if line.endswith((".", "!", "?")) else f"{line}."
    return f"\\&{line}" if line.startswith((".", "'")) else line
