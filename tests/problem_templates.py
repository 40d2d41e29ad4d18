"""Reads from the source with what values problems and phrases are made, and from the catalogue what its texts name.

``python -m tests.problem_templates`` prints the templates, which is what a translator would be handed.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from exactsend.domain.problem_catalogue import PHRASES, SHARED, TEXTS, Text
from exactsend.domain.problems import AS_STORED, Code
from exactsend.engine.plan.carrier_errors import CAUSES, FieldPlace
from exactsend.engine.plan.preflight import OBJECTIONS
from tests.documents import ROOT, python_files

HAPPENED = ("failed", "refused")
NAMES: Mapping[str, set[tuple[Code | None, str]]] = {
    "OBJECTIONS[reason]": {(code, reason.lower()) for reason, code in OBJECTIONS.items()},
    "field": {(Code.ADDRESS_INCOMPLETE, field) for field in ("AddressLine1", "Postcode", "City")},
    "'cause_alone'": {(None, "cause_alone")},
    "happened": {(None, happened) for happened in HAPPENED},
    "f'{happened}_passing'": {(None, f"{happened}_passing") for happened in HAPPENED},
    "f'{happened}_known'": {(None, f"{happened}_known") for happened in HAPPENED},
    "problem.variant": {(Code.LABEL_GIVEN_UP, f"{happened}_passing") for happened in HAPPENED},
}
"""What the code or the variant of a call may be that names it by an expression: no code stands for any."""
FAULTS = {
    "tariff_code_fault": {Code.HS_CODE_MISSING, Code.HS_CODE_INVALID},
    "origin_fault": {Code.ORIGIN_MISSING, Code.ORIGIN_INVALID},
}
"""The codes that these functions return."""
CONVERSIONS = {"as_problem", "hold"}
"""They hand on a code, variant and values as they were given."""

Definition = ast.FunctionDef
Kind = tuple[Code | None, str]


@dataclass(frozen=True)
class Made:
    """A call that makes a problem or a phrase."""

    place: str
    kinds: frozenset[Kind]
    """The codes and variants that it may have; no code stands for a text that any may have."""
    values: frozenset[str]


@dataclass(frozen=True)
class Module:
    """A module of the program."""

    path: Path
    tree: ast.Module

    @cached_property
    def functions(self) -> dict[str, Definition]:
        """Its functions, by name."""
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, Definition)}

    def calls(self, *names: str) -> Iterator[tuple[ast.Call, Definition]]:
        """Every call of a function of that name in a function, and that function."""
        for function in self.functions.values():
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                    yield node, function

    def place(self, node: ast.expr) -> str:
        """Where it is, for people."""
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


def modules() -> list[Module]:
    """The program without the sandbox, which has problems of its own."""
    paths = (path for path in python_files() if "sandbox" not in path.parts)
    return [Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


# ── problems ─────────────────────────────────────────────────────────────────────────────────────


def made_problems(module: Module) -> Iterator[Made]:
    """Every problem that a module makes."""
    for call, function in module.calls("Problem", "hold"):
        if function.name not in CONVERSIONS:
            arguments = _arguments(call, ("code", "values", "variant", "detail"))
            values = arguments.get("values")
            yield Made(
                module.place(call),
                frozenset(_kinds(arguments["code"], arguments.get("variant"), function)),
                _keys(values, function, module) if values is not None else frozenset(),
            )


def made_phrases(module: Module) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    """Every phrase that a module makes by a literal key: the place, the keys, and the names of its values."""
    for call, function in module.calls("Phrase"):
        arguments = _arguments(call, ("key", "values"))
        values = arguments.get("values")
        if isinstance(arguments["key"], ast.Constant):
            keys = frozenset(_literals(arguments["key"]))
            yield module.place(call), keys, _keys(values, function, module) if values else frozenset()


def text_of(kind: Kind) -> Text | None:
    """The catalogue's text."""
    code, variant = kind
    return SHARED.get(variant) if code is None else TEXTS.get((code, variant))


def misfits(made: Made) -> list[str]:
    """What of a call and the catalogue differs."""
    found = []
    for kind in made.kinds:
        text = text_of(kind)
        if text is None:
            found.append(f"{made.place}: no text for {kind}")
        elif text.placeholders != made.values:
            found.append(f"{made.place}: {kind} names {set(text.placeholders)}, given {set(made.values)}")
    return found


def _arguments(call: ast.Call, names: tuple[str, ...]) -> dict[str, ast.expr]:
    by_name = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    return dict(zip(names, call.args, strict=False)) | by_name


def _kinds(code: ast.expr, variant: ast.expr | None, function: Definition) -> set[Kind]:
    if variant is not None and (named := NAMES.get(ast.unparse(variant))):
        return named
    if ast.unparse(code) in NAMES:
        return NAMES[ast.unparse(code)]
    variants = _literals(variant) if variant is not None else [""]
    return {(each, text) for each in _codes(code, function) for text in variants}


def _codes(code: ast.expr, function: Definition) -> set[Code]:
    match code:
        case ast.Attribute(value=ast.Name(id="Code"), attr=name):
            return {Code[name]}
        case ast.Name(id=name):
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.NamedExpr)
                    and node.target.id == name
                    and isinstance(node.value, ast.Call)
                ):
                    return FAULTS[ast.unparse(node.value.func)]
    raise ValueError(f"line {code.lineno}: which codes may {ast.unparse(code)} be?")


def _literals(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=first, orelse=second):
            return [*_literals(first), *_literals(second)]
    raise ValueError(f"line {node.lineno}: {ast.unparse(node)} is no literal")


def _keys(node: ast.expr, function: Definition, module: Module) -> frozenset[str]:
    """The keys of a dictionary: written out, named before, or what a function of the module returns."""
    match node:
        case ast.Dict(keys=keys, values=values):
            parts = [
                _keys(value, function, module) if key is None else frozenset(_literals(key))
                for key, value in zip(keys, values, strict=True)
            ]
            return frozenset[str]().union(*parts)
        case ast.Name(id=name):
            (assigned,) = _assigned(function, name)
            return _keys(assigned, function, module)
        case ast.Call(func=ast.Name(id=name)) if name in module.functions:
            called = module.functions[name]
            (returned,) = (
                part.value for part in ast.walk(called) if isinstance(part, ast.Return) and part.value
            )
            return _keys(returned, called, module)
    raise ValueError(f"{module.place(node)}: the keys of {ast.unparse(node)} can't be read")


def _assigned(function: Definition, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                yield value


# ── the catalogue ────────────────────────────────────────────────────────────────────────────────


def texts() -> dict[Kind, Text]:
    """Every text but the one of problems that were stored with their sentences."""
    found: dict[Kind, Text] = {
        (None, variant): text for variant, text in SHARED.items() if variant != AS_STORED
    }
    found.update({(code, variant): text for (code, variant), text in TEXTS.items()})
    return found


def templates() -> list[str]:
    """All templates, each once: what a translator would be handed."""
    of_texts = {part for text in texts().values() for part in (text.message, text.remedy) if part}
    return sorted(of_texts | {*PHRASES.values()})


def phrases_of_causes() -> dict[str, frozenset[str]]:
    """The phrases of what is behind a refusal, and of its cures, with what they are given."""
    named = {FieldPlace.ADDRESS, FieldPlace.PERSON, FieldPlace.ITEM}
    causes = {f"cause.{cause.key}": frozenset(cause.names) for cause in CAUSES}
    cures = {f"cure.{place.value}": frozenset({"field"} if place in named else ()) for place in FieldPlace}
    return causes | cures


if __name__ == "__main__":
    print("\n".join(templates()))  # noqa: T201 - it is asked for them
