"""What a filter comes to: terms that have a value for a row, conditions that hold of it.

The language that they are written in is read by ``filters``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exactsend.sandbox.exact.wire import Comparable

_COMPARE: Mapping[str, Callable[[Comparable, Comparable], bool]] = {
    "eq": lambda ours, theirs: ours == theirs,
    "ne": lambda ours, theirs: ours != theirs,
    "gt": lambda ours, theirs: ours > theirs,  # type: ignore[operator] # the parser saw to agreeing kinds
    "ge": lambda ours, theirs: ours >= theirs,  # type: ignore[operator]
    "lt": lambda ours, theirs: ours < theirs,  # type: ignore[operator]
    "le": lambda ours, theirs: ours <= theirs,  # type: ignore[operator]
}
RELATIONS = frozenset(_COMPARE)
"""How two terms can be related."""

ValueOf = Callable[[str], Comparable]
"""Reads a field of the row at hand."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A part of a filter that has a value."""

    kind: str
    """``null`` agrees with every kind."""
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
    """The plainest condition: a field, how it relates, a constant."""

    field: str
    relation: str
    constant: Comparable


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A filter, or a part of one, that is true or false of a row."""

    holds: Callable[[ValueOf], bool]
    fields: frozenset[str]
    """The fields that it asks about."""
    required: Mapping[str, frozenset[Comparable]]
    """Fields that must have one of these values for the condition to hold: what an index can use."""
    statements: tuple[Statement | None, ...]
    """What it comes to as statements joined by ``and``; None for a part that is more than a statement."""


def compared(left: Term, relation: str, right: Term) -> Condition:
    """A condition on two terms; ``relation`` is one of ``RELATIONS``."""
    compare, is_equality = _COMPARE[relation], relation in ("eq", "ne")

    def holds(value_of: ValueOf) -> bool:
        ours, theirs = left.value(value_of), right.value(value_of)
        if not is_equality and (ours is None or theirs is None):  # only equality can be asked of null
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


def both(left: Condition, right: Condition) -> Condition:
    """``and``."""
    return Condition(
        holds=lambda value_of: left.holds(value_of) and right.holds(value_of),
        fields=left.fields | right.fields,
        required={**left.required, **right.required},
        statements=left.statements + right.statements,
    )


def either(left: Condition, right: Condition) -> Condition:
    """``or``."""
    common = left.required.keys() & right.required.keys()
    return Condition(
        holds=lambda value_of: left.holds(value_of) or right.holds(value_of),
        fields=left.fields | right.fields,
        required={name: left.required[name] | right.required[name] for name in common},
        statements=(None,),
    )
