"""Suggests mappings of Exact's warehouses and shipping methods, and adds those that a person accepts to the configuration.

Suggestions are based on similar names, so a person must accept each. Comments and order of the configuration are kept.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from exactsend.cli.context import CommandContext
from exactsend.cli.prompts import Prompts, confirm
from exactsend.cli.similarity import most_similar
from exactsend.engine.mapping_tables import MappingTable, mapping_tables
from exactsend.errors import LoginNeeded, UsageError
from exactsend.settings.models import DivisionSettings
from exactsend.settings.toml_edit import Pair, with_pairs
from exactsend.system.durable_files import replace

_NONE = "-"
"""The answer that leaves a code unmapped."""


def suggest_mappings(context: CommandContext, path: Path) -> None:
    """List what can be mapped; on a terminal, ask about each code.

    Raises:
        UsageError: the division is not connected yet.
    """
    for division in context.chosen_or_all():
        if not isinstance(division, DivisionSettings):
            raise division.error()
        tables = _tables(context, path, division)
        for line in _lines(division, tables):
            context.terminal.result(line)
        if context.terminal.is_interactive(context.process_io.stdin):
            _go_through(context, path, division, tables)


def _tables(
    context: CommandContext, path: Path, division: DivisionSettings
) -> tuple[MappingTable, MappingTable]:
    try:
        return mapping_tables(context.wiring, division)
    except LoginNeeded as not_connected:
        raise UsageError(
            f"{path} exists, and init never overwrites a configuration",
            hint="Run exactsend connect; after that, init lists what can be mapped in it.",
        ) from not_connected


def _suggestion(table: MappingTable, code: str) -> Pair | None:
    """The target with the most similar name."""
    return most_similar(f"{code} {table.codes[code]}", table.targets)


# ── lines to paste ─────────────────────────────────────────────────────────────────────────────────────


def _lines(division: DivisionSettings, tables: tuple[MappingTable, MappingTable]) -> Iterator[str]:
    """Lines to paste: existing mappings, and the rest commented out, with a suggestion where a name is similar."""
    warehouses, methods = tables
    yield f"# {division.name}: the sender addresses of Sendcloud:"
    yield from (f"#   {number}  {name}" for number, name in warehouses.targets.items())
    yield f"# {division.name}: the shipping options of Sendcloud:"
    yield from (f"#   {name}" for name in methods.targets.values() if name)
    yield "# Lines that begin with # are suggestions based on similar names: check them, then remove the #."
    yield from _pairs(warehouses, sample="0")
    yield from _pairs(methods, sample='""')


def _pairs(table: MappingTable, *, sample: str) -> Iterator[str]:
    yield f"[{'.'.join(table.path)}]"
    for code, description in table.codes.items():
        if code in table.mapped:
            yield f"{json.dumps(code)} = {json.dumps(table.mapped[code])}  # {description}"
        else:
            suggested = _suggestion(table, code)
            value = sample if suggested is None else json.dumps(suggested)
            yield f"#{json.dumps(code)} = {value}  # {description}"
    yield ""


# ── questions ────────────────────────────────────────────────────────────────────────────────


def _go_through(
    context: CommandContext, path: Path, division: DivisionSettings, tables: tuple[MappingTable, MappingTable]
) -> None:
    """Ask about each code that is not mapped, show the new lines, and write them if the person agrees."""
    terminal, stdin = context.terminal, context.process_io.stdin
    if not any(table.unmapped for table in tables):
        return
    if not confirm(terminal, stdin, f"Go through what is not mapped in {division.name} yet?", yes=False):
        return
    prompts = Prompts(terminal, stdin)
    for table in tables:
        pairs = {
            code: value
            for code in table.unmapped
            if (value := _ask_for_target(prompts, table, code)) is not None
        }
        if pairs:
            _add(context, path, table, pairs)


def _ask_for_target(prompts: Prompts, table: MappingTable, code: str) -> Pair | None:
    """The target that the person chooses; None where the code stays unmapped."""
    suggested = _suggestion(table, code)
    usual = _NONE if suggested is None else str(suggested)
    name = f"{table.label} {code} ({table.codes[code]}), {_NONE} for nothing"
    while True:
        answer = prompts.choice(name, usual)
        if answer == _NONE:
            return None
        if (target := table.target(answer)) is not None:
            return target
        prompts.terminal.note(f"Sendcloud has no {answer!r}; it has: {', '.join(map(str, table.targets))}")


def _add(context: CommandContext, path: Path, table: MappingTable, pairs: Mapping[str, Pair]) -> None:
    for code, value in pairs.items():
        context.terminal.note(f"  {json.dumps(code)} = {json.dumps(value)}")
    heading = f"[{'.'.join(table.path)}]"
    if not confirm(
        context.terminal, context.process_io.stdin, f"Add this to {heading} in {path}?", yes=False
    ):
        return
    text = path.read_text(encoding="utf-8")
    changed = with_pairs(text, table.path, _with_inherited(text, table, pairs))
    if changed is None:
        context.terminal.note(
            f"{path} writes {heading} in a way that init can't add to: paste the lines above by hand."
        )
        return
    _overwrite(path.resolve(), text, changed)
    context.terminal.note(f"Added. The previous text is in {path.name}.before.")


def _with_inherited(text: str, table: MappingTable, pairs: Mapping[str, Pair]) -> Mapping[str, Pair]:
    """The pairs, with those inherited from [defaults] where the table is new: a division's own table replaces the inherited one whole."""
    heading_is_new = with_pairs(text, table.path, table.mapped) is not None
    return {**table.mapped, **pairs} if heading_is_new else pairs


def _overwrite(path: Path, before: str, text: str) -> None:
    """Replace the file atomically and keep its mode; its previous text is kept in a second file."""
    mode = path.stat().st_mode & 0o777
    replace(path.with_name(f"{path.name}.before"), before.encode(), name="config")
    replace(path, text.encode(), name="config")
    path.chmod(mode)
