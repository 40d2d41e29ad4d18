"""The parts of a parsed filter: terms, which have a value for each row, and conditions, which are true or false of it.

``filters`` parses them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exactsend.sandbox.exact.wire import Comparable

_COMPARE: Mapping[str, Callable[[Comparable, Comparable], bool]] = {
    "eq": lambda ours, theirs: ours == theirs,
    "ne": lambda ours, theirs: ours != theirs,
    "gt": lambda ours, theirs: ours > theirs,  # type: ignore[operator] # the parser has checked that the kinds agree
    "ge": lambda ours, theirs: ours >= theirs,  # type: ignore[operator]  # likewise
    "lt": lambda ours, theirs: ours < theirs,  # type: ignore[operator]  # likewise
    "le": lambda ours, theirs: ours <= theirs,  # type: ignore[operator]  # likewise
}
RELATIONS = frozenset(_COMPARE)
"""The comparison operators."""

ValueOf = Callable[[str], Comparable]
"""Reads a field of the current row."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A part of a filter that has a value."""

    kind: str
    """``null`` can be compared with every kind."""
    value: Callable[[ValueOf], Comparable]
    fields: frozenset[str] = frozenset()
    is_field: bool = False
    is_literal: bool = False

    @property
    def constant(self) -> Comparable:
        """The value of a literal."""
        return self.value(lambda _name: None)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The simplest condition: a field compared with a constant."""

    field: str
    relation: str
    constant: Comparable


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A filter or a part of it, true or false of a row."""

    holds: Callable[[ValueOf], bool]
    fields: frozenset[str]
    """The fields that it uses."""
    required: Mapping[str, frozenset[Comparable]]
    """Fields that must have one of these values for the condition to be true; an index can use them."""
    statements: tuple[Statement | None, ...]
    """The statements that it joins with ``and``; None for a part that is not a simple statement."""


def comparison(left: Term, relation: str, right: Term) -> Condition:
    """A condition on two terms; ``relation`` is one of ``RELATIONS``."""
    compare, is_equality = _COMPARE[relation], relation in ("eq", "ne")

    def holds(value_of: ValueOf) -> bool:
        ours, theirs = left.value(value_of), right.value(value_of)
        if not is_equality and (ours is None or theirs is None):  # null can only be tested for equality
            return False
        return compare(ours, theirs)

    required: dict[str, frozenset[Comparable]] = {}
    statement = None
    if left.is_field and right.is_literal:
        (name,) = left.fields
        statement = Statement(field=name, relation=relation, constant=right.constant)
        if relation == "eq":
            required = {name: frozenset({right.constant})}
    fields = left.fields | right.fields
    return Condition(holds=holds, fields=fields, required=required, statements=(statement,))


def conjunction(left: Condition, right: Condition) -> Condition:
    """``and``."""
    return Condition(
        holds=lambda value_of: left.holds(value_of) and right.holds(value_of),
        fields=left.fields | right.fields,
        required={**left.required, **right.required},
        statements=left.statements + right.statements,
    )


def disjunction(left: Condition, right: Condition) -> Condition:
    """``or``."""
    common = left.required.keys() & right.required.keys()
    return Condition(
        holds=lambda value_of: left.holds(value_of) or right.holds(value_of),
        fields=left.fields | right.fields,
        required={name: left.required[name] | right.required[name] for name in common},
        statements=(None,),
    )
