"""Reads from the source what problems say: every template that a translator would be handed, and what is said without one.

``python -m tests.problem_templates`` prints the templates.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Formatter

from exactsend.engine.plan.carrier_errors import CAUSES, FieldPlace
from exactsend.engine.plan.preflight import OBJECTIONS
from exactsend.trade.address import _FIELD_NAMES
from tests.documents import ROOT, python_files

TABLES: Mapping[str, Sequence[str]] = {
    "cause.says": [cause.says for cause in CAUSES],
    "cause.place.value": [place.value for place in FieldPlace],
    "objection": [objection for _, objection in OBJECTIONS.values()],
    "_FIELD_NAMES[field]": list(_FIELD_NAMES.values()),
}
"""Templates that stand in tables, by the words with which ``sentence`` is called for one of them."""
KEPT = "as_problem"
"""What the ledger kept is told as it was said then."""

Definition = ast.FunctionDef
Part = tuple[Definition | None, ast.expr]


@dataclass(frozen=True)
class Said:
    """A call of ``sentence``."""

    place: str
    templates: tuple[str, ...]
    """The literal one, or those of its table; none where it is neither."""
    values: frozenset[str]
    is_of_a_table: bool

    @property
    def fits(self) -> bool:
        """Its values are those that the template names; with a table, those that any of its templates may name."""
        named = [placeholders(template) for template in self.templates]
        if self.is_of_a_table:
            return all(candidate <= self.values for candidate in named)
        return named == [self.values]


def placeholders(template: str) -> frozenset[str]:
    """The names of the values that a template demands, nothing but names."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


@dataclass(frozen=True)
class Module:
    """A module of the program."""

    path: Path
    tree: ast.Module

    @cached_property
    def functions(self) -> dict[str, Definition]:
        """Those that stand outside of classes, by name."""
        return {
            function_def.name: function_def
            for function_def in self.tree.body
            if isinstance(function_def, Definition)
        }

    @property
    def says_sentences(self) -> bool:
        """It has the function of the domain, not the report's of the same name."""
        return any(
            isinstance(statement, ast.ImportFrom) and statement.module == "exactsend.domain.templates"
            for statement in self.tree.body
        )

    def calls(self, function: str) -> Iterator[tuple[ast.Call, Definition | None]]:
        """Every call of a function of that name, and the definition it stands in."""
        yield from _calls(self.tree, function, None)

    def place(self, node: ast.expr) -> str:
        """Where it stands, for people."""
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


def _calls(
    node: ast.AST, function: str, within: Definition | None
) -> Iterator[tuple[ast.Call, Definition | None]]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
        yield node, within
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, function, node if isinstance(node, Definition) else within)


def modules() -> list[Module]:
    """The program without the sandbox, which has problems of its own."""
    paths = (path for path in python_files() if "sandbox" not in path.parts)
    return [Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def said() -> Iterator[Said]:
    """Every sentence of the program."""
    for module in modules():
        for call, _ in module.calls("sentence") if module.says_sentences else ():
            yield _said(module, call)


def _said(module: Module, call: ast.Call) -> Said:
    template, *more = call.args
    values = frozenset(keyword.arg or "**" for keyword in call.keywords) | {
        f"*{ast.unparse(expression)}" for expression in more
    }
    if isinstance(template, ast.Constant) and isinstance(template.value, str):
        return Said(module.place(call), (template.value,), values, is_of_a_table=False)
    table = TABLES.get(ast.unparse(template), ())
    return Said(module.place(call), tuple(table), values, is_of_a_table=True)


def templates() -> list[str]:
    """All templates, each once: what a translator would be handed."""
    return sorted({template for candidate in said() for template in candidate.templates})


# ── what problems are told with ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Slot:
    """A parameter that takes what a person will read."""

    function: str
    parameter: str
    position: int | None
    private_to: Path | None = None
    """The module that alone calls the function, whose name another one may have too."""

    def filled_by(self, call: ast.Call) -> ast.expr | None:
        """What a call hands over; None: it leaves out what may be left out."""
        by_name = next((keyword.value for keyword in call.keywords if keyword.arg == self.parameter), None)
        if by_name is None and self.position is not None and self.position < len(call.args):
            return call.args[self.position]
        return by_name


BEGINNINGS = (Slot("Problem", "message", 1), Slot("Problem", "remedy", 3))


def untold(known: Sequence[Module]) -> list[str]:
    """Where a problem is told with something else than a sentence.

    Who hands a parameter of its own on has its callers asked for it, and what another function of the module returns is asked there.
    """
    waiting, seen, found = list(BEGINNINGS), set(BEGINNINGS), []
    while waiting:
        slot = waiting.pop()
        for module, (within, part) in _fillings(known, slot):
            handed_on = _slot(module, within, part)
            if handed_on is None:
                found.append(f"{module.place(part)} {ast.unparse(part)}")
            elif handed_on not in seen:
                seen.add(handed_on)
                waiting.append(handed_on)
    return found


def _fillings(known: Sequence[Module], slot: Slot) -> Iterator[tuple[Module, Part]]:
    for module in (candidate for candidate in known if slot.private_to in {None, candidate.path}):
        for call, within in module.calls(slot.function):
            filling = slot.filled_by(call)
            if filling is not None and (within is None or within.name != KEPT):
                yield from ((module, part) for part in _parts(module, within, filling))


def _parts(module: Module, within: Definition | None, node: ast.expr) -> Iterator[Part]:
    """What is left of it besides sentences and nothing at all, each with the definition it stands in."""
    match node:
        case ast.Constant(value=""):
            return
        case ast.IfExp(body=one, orelse=other):
            yield from _parts(module, within, one)
            yield from _parts(module, within, other)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _parts(module, within, value)
        case ast.Call(func=ast.Name(id="sentence")) if module.says_sentences:
            return
        case ast.Call(func=ast.Name(id=name)) if name in module.functions:
            for returned in ast.walk(module.functions[name]):
                if isinstance(returned, ast.Return) and returned.value is not None:
                    yield from _parts(module, module.functions[name], returned.value)
        case _:
            yield within, node


def _slot(module: Module, within: Definition | None, node: ast.expr) -> Slot | None:
    """The parameter that is handed on; None where it is none."""
    if within is None or not isinstance(node, ast.Name):
        return None
    private_to = module.path if within.name.startswith("_") else None
    positional = [argument.arg for argument in (*within.args.posonlyargs, *within.args.args)]
    if node.id in positional:
        return Slot(within.name, node.id, positional.index(node.id), private_to)
    named = {argument.arg for argument in within.args.kwonlyargs}
    return Slot(within.name, node.id, None, private_to) if node.id in named else None


if __name__ == "__main__":
    print("\n".join(templates()))  # noqa: T201 - it is asked for them
