"""Reads the project's documents for the tests that keep them in step: tables, links, command lines, and what the code has."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from exactsend.cli.app import program

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")


def table(document: Path, *columns: str) -> list[list[str]]:
    """The rows of every table of a document whose heading begins with these columns."""
    lines = document.read_text(encoding="utf-8").splitlines()
    rows: list[list[str]] = []
    for place, line in enumerate(lines):
        if line.startswith("|") and cells(line)[: len(columns)] == list(columns):
            rows += [cells(row) for row in _until_the_end(lines[place + 2 :])]
    assert rows, f"{document.name} has no table with {columns}"
    return rows


def _until_the_end(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("|"):
            return
        yield line


def cells(row: str) -> list[str]:
    """The cells of one line of a table; a bar inside a cell is written with a backslash."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip())[1:-1]]


def quoted(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def links() -> Iterator[tuple[Path, str, str]]:
    """Every link of every document: where it stands, its text, its target."""
    for document in DOCUMENTS:
        for match in LINK.finditer(without_code_blocks(document.read_text(encoding="utf-8"))):
            yield document, match["text"], match["target"]


def without_code_blocks(text: str) -> str:
    """The prose of a document."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(document: Path) -> frozenset[str]:
    """What a link may name behind the number sign."""
    headings = re.findall(
        r"^#+ (.+)$", without_code_blocks(document.read_text(encoding="utf-8")), re.MULTILINE
    )
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def leads_somewhere(document: Path, target: str) -> bool:
    """Whether a link inside the repository has its file, and its heading where it names one."""
    path, _, anchor = target.partition("#")
    found = (document.parent / path).resolve() if path else document
    return found.exists() and (not anchor or anchor in anchors(found))


@cache
def names_defined_in(path: Path) -> frozenset[str]:
    """Functions, classes, constants, and the methods of classes as ``Class.method``."""
    return frozenset(_names(ast.parse(path.read_text(encoding="utf-8")).body, ""))


def _names(body: list[ast.stmt], inside: str) -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name):
                yield inside + name
            case ast.ClassDef(name=name, body=members):
                yield inside + name
                yield from _names(members, f"{inside}{name}.")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield inside + name


@cache
def commands() -> dict[str, frozenset[str]]:
    """Every command of the program with its options."""
    return dict(_commands(program(), ""))


def _commands(found: object, called: str) -> Iterator[tuple[str, frozenset[str]]]:
    for name, command in getattr(found, "commands", {}).items():
        full = f"{called} {name}".strip()
        if hasattr(command, "commands"):
            yield from _commands(command, full)
        else:
            yield full, frozenset(_options_of(command.load(program()).params))


def _options_of(parameters: list[object]) -> Iterator[str]:
    for parameter in parameters:
        yield from (spelling for spelling in getattr(parameter, "opts", []) if spelling.startswith("-"))


def command_lines(text: str) -> list[str]:
    """The command lines of the program that a document shows: in blocks, in a crontab, in a unit, between backticks."""
    crontab = r"[\d*,/]+(?: [\d*,/]+){4} "
    blocks = re.findall(
        rf"^```(?:console)?\n(.*?)^```|^((?:ExecStart=|{crontab})[^\n]*)$", text, re.MULTILINE | re.DOTALL
    )
    shown = "\n".join(part for block in blocks for part in block)
    lines = re.findall(r"(?:^|^\$ |/bin/|\* )exactsend ([a-z].*)$", shown, re.MULTILINE)
    lines += re.findall(r"`exactsend ([a-z][^`]*)`", without_code_blocks(text))
    return [line.partition(" #")[0].partition(" | ")[0] for line in lines]


def python_files(folder: str = "exactsend") -> list[Path]:
    """The program's modules."""
    return sorted((ROOT / folder).rglob("*.py"))


def literals(path: Path) -> Iterator[str]:
    """Every text literal of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def texts_of_the_repository() -> Iterator[tuple[str, str]]:
    """Every file but pictures and those that tools leave behind."""
    for top in ROOT.iterdir():
        if (top.name.startswith(".") and top.name != ".ci") or top.name in {"wheels", "dist", "build"}:
            continue
        for path in [top] if top.is_file() else top.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".png":
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace")
