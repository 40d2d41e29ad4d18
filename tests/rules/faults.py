"""Faults: what is changed in a function to take a rule out of it, found in its syntax tree by the words that the code mentions there.

A word is a name, an attribute, a keyword or a constant. Each fault fits exactly one spot of the function, or raises ``NoSuchSpot``:
the table of rules never takes out something else, or nothing. Spots are innermost: of a condition in a condition, the inner one.
"""

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Raise)
"""Statements without a block."""


class NoSuchSpot(AssertionError):
    """The function has no spot that fits, or several."""


@dataclass(frozen=True)
class Spot:
    """Where a node is in the tree."""

    parent: ast.AST
    field: str
    index: int | None
    """Its place in the field, where the field is a list."""

    @property
    def node(self) -> ast.AST:
        value = getattr(self.parent, self.field)
        node: ast.AST = value if self.index is None else value[self.index]
        return node

    def put(self, *nodes: ast.AST) -> None:
        """Replace the node; in a list by any number of nodes."""
        if self.index is None:
            (node,) = nodes
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index : self.index + 1] = nodes


@dataclass(frozen=True)
class Fault:
    """One change to a function."""

    kind: str
    words: tuple[str, ...]
    fits: Callable[[Spot], bool]
    change: Callable[[Spot, ast.FunctionDef], None]

    def made_in(self, function: ast.FunctionDef) -> ast.FunctionDef:
        """A copy of the function with the fault.

        Raises:
            NoSuchSpot: the function has no such spot, or several.
        """
        copy = deepcopy(function)
        fitting = [spot for spot in _spots(copy) if self.fits(spot) and set(self.words) <= _words(spot.node)]
        innermost = [spot for spot in fitting if not any(_holds(spot, other) for other in fitting)]
        if len(innermost) != 1:
            found = [ast.unparse(spot.node) for spot in innermost]
            raise NoSuchSpot(f"{function.name} has {len(found)} {self.kind}s with {self.words}: {found}")
        self.change(innermost[0], copy)
        return ast.fix_missing_locations(copy)


# ── conditions ───────────────────────────────────────────────────────────────────────────────────


def never(*words: str) -> Fault:
    """The condition with these words never holds; in an ``or`` that leaves the others."""
    return condition(*words, becomes="False")


def always(*words: str) -> Fault:
    """The condition with these words always holds; in an ``and`` that leaves the others."""
    return condition(*words, becomes="True")


def condition(*words: str, becomes: str) -> Fault:
    """Another condition takes the place of that with these words: of an ``if``, of an ``and`` or ``or``, or of a check (``passed=``)."""
    return Fault("condition", words, _is_condition, _put(becomes))


def _is_condition(spot: Spot) -> bool:
    match spot.parent, spot.field:
        case (ast.If() | ast.IfExp() | ast.While(), "test"):
            return True
        case (ast.comprehension(), "ifs") | (ast.BoolOp(), "values") | (ast.keyword(arg="passed"), "value"):
            return True
        case _:
            return False


# ── statements and values ────────────────────────────────────────────────────────────────────────


def skipped(*words: str) -> Fault:
    """The statement with these words is not executed."""
    return statement(*words, becomes="pass")


def statement(*words: str, becomes: str) -> Fault:
    """Another statement takes its place."""
    return Fault(
        "statement",
        words,
        lambda spot: isinstance(spot.node, SIMPLE),
        lambda spot, _: spot.put(*ast.parse(becomes).body),
    )


def done_before_the_block(*words: str) -> Fault:
    """The statement is executed before the block that it is in."""

    def change(spot: Spot, function: ast.FunctionDef) -> None:
        (outside,) = (one for one in _spots(function) if one.node is spot.parent)
        moved = spot.node
        spot.put()
        outside.put(moved, outside.node)

    return Fault("statement", words, lambda spot: isinstance(spot.node, SIMPLE), change)


def returned(*words: str, becomes: str) -> Fault:
    """The ``return`` with these words returns something else."""
    return Fault(
        "return",
        words,
        lambda spot: isinstance(spot.parent, ast.Return) and spot.field == "value",
        _put(becomes),
    )


def assigned(name: str, *words: str, becomes: str) -> Fault:
    """What is assigned to a name is something else; the words are of the value."""

    def fits(spot: Spot) -> bool:
        match spot.parent, spot.field:
            case (
                (ast.Assign(targets=[target]) | ast.AnnAssign(target=target) | ast.NamedExpr(target=target)),
                "value",
            ):
                return ast.unparse(target) == name
            case _:
                return False

    return Fault(f"value of {name}", words, fits, _put(becomes))


def call(function: str, *words: str, becomes: str) -> Fault:
    """A call of this function gives something else."""
    return Fault(
        f"call of {function}",
        words,
        lambda spot: isinstance(spot.node, ast.Call) and _name(spot.node.func) == function,
        _put(becomes),
    )


def code(text: str, *, becomes: str) -> Fault:
    """An expression or a statement that reads like this, however it is laid out, becomes another. For what no words tell apart."""
    wanted = ast.dump(_parsed(text))
    return Fault(f"place that reads {text!r}", (), lambda spot: ast.dump(spot.node) == wanted, _put(becomes))


# ── elements: arguments of a call, members of a tuple, list, set or dictionary ───────────────────


def element(*words: str, of: str = "", becomes: str) -> Fault:
    """The element with these words is another; ``of`` is a word of the call or collection that it belongs to."""
    return Fault("element", words, _is_element(of), _put(becomes))


def dropped(*words: str, of: str = "") -> Fault:
    """The element with these words is not there."""

    def change(spot: Spot, _function: ast.FunctionDef) -> None:
        if isinstance(spot.parent, ast.Dict) and spot.index is not None:
            del spot.parent.keys[spot.index]
        spot.put()

    return Fault("element", words, _is_element(of), change)


def joined(*words: str, of: str = "", by: str) -> Fault:
    """The element with these words is followed by another."""

    def change(spot: Spot, _function: ast.FunctionDef) -> None:
        added = _parsed(f"f({by})")
        assert isinstance(added, ast.Call)
        # Where a keyword follows an argument it is put among the arguments: compiling needs it among the keywords.
        spot.put(spot.node, *added.args)
        if isinstance(spot.parent, ast.Call):
            spot.parent.keywords += added.keywords

    return Fault("element", words, _is_element(of), change)


def _is_element(of: str) -> Callable[[Spot], bool]:
    def fits(spot: Spot) -> bool:
        match spot.parent, spot.field:
            case (ast.Call(), "args" | "keywords") | (ast.Dict(), "values"):
                pass
            case ((ast.Tuple() | ast.List() | ast.Set()), "elts"):
                pass
            case _:
                return False
        return not of or of in _words(spot.parent)

    return fits


# ── the tree ─────────────────────────────────────────────────────────────────────────────────────


def _put(code: str) -> Callable[[Spot, ast.FunctionDef], None]:
    return lambda spot, _function: spot.put(_parsed(code))


def _parsed(code: str) -> ast.AST:
    """The expression, where it is nothing but one, or the statement."""
    (statement,) = ast.parse(code).body
    return statement.value if isinstance(statement, ast.Expr) else statement


def _spots(tree: ast.AST) -> Iterator[Spot]:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield Spot(parent, field, None)
            elif isinstance(value, list):
                yield from (
                    Spot(parent, field, at) for at, node in enumerate(value) if isinstance(node, ast.AST)
                )


def _holds(outer: Spot, inner: Spot) -> bool:
    return outer.node is not inner.node and any(node is inner.node for node in ast.walk(outer.node))


def _words(tree: ast.AST) -> set[str]:
    return {word for node in ast.walk(tree) if (word := _name(node))}


def _name(node: ast.AST) -> str:
    match node:
        case (
            ast.Name(id=name)
            | ast.Attribute(attr=name)
            | ast.keyword(arg=str(name))
            | ast.Constant(value=str(name))
        ):
            return name
        case ast.Constant(value=value):
            return str(value)
        case _:
            return ""
