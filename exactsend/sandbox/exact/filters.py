"""Parses ``$filter`` into a condition on rows.

As strict as WCF data services: fields must exist, types must agree, at most 100 nodes. ``query`` checks which fields an
endpoint can be filtered on.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.conditions import (
    RELATIONS,
    Condition,
    Term,
    comparison,
    conjunction,
    disjunction,
)
from exactsend.sandbox.exact.structure import EntityStructure
from exactsend.sandbox.exact.wire import Comparable

_MAX_NODES = 100
"""WCF's default; Exact's own limit is not known."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<guid>guid'[^']*') | (?P<datetime>datetime'[^']*') | (?P<string>'(?:[^']|'')*') |
        (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[LlDdMmFf]?(?![\w-])) |
        (?P<word>[A-Za-z_][\w/]*) | (?P<mark>[(),])
    )""",
    re.VERBOSE,
)
_NUMBER = "number"
_KINDS = {
    "Edm.Guid": "guid",
    "Edm.DateTime": "datetime",
    "Edm.String": "string",
    "Edm.Boolean": "boolean",
    "php:bool": "boolean",
    "php:string": "string",
    "Edm.Binary": "binary",
}

_FUNCTIONS: Mapping[str, tuple[str, int, Callable[..., str | bool]]] = {
    "trim": ("string", 1, lambda text: text.strip()),
    "tolower": ("string", 1, lambda text: text.lower()),
    "startswith": ("boolean", 2, lambda text, start: text.lower().startswith(start.lower())),
    "substringof": ("boolean", 2, lambda part, text: part.lower() in text.lower()),
}


def parse(text: str, entity: EntityStructure) -> Condition:
    """The condition that a ``$filter`` states about the rows of an entity.

    Raises:
        ExactRefusal: 400, for a filter that Exact would refuse.
    """
    return _Parser(text, entity).parsed()


class _Parser:
    """Recursive descent: ``or`` over ``and`` over comparisons."""

    def __init__(self, text: str, entity: EntityStructure) -> None:
        self._entity = entity
        self._tokens = _tokens(text)
        self._at = 0
        self._nodes = 0

    def parsed(self) -> Condition:
        condition = self._disjunction()
        if self._at < len(self._tokens):
            raise _syntax(self._at)
        return condition

    def _disjunction(self) -> Condition:
        left = self._conjunction()
        while self._take("word", "or"):
            self._count()
            left = disjunction(left, self._conjunction())
        return left

    def _conjunction(self) -> Condition:
        left = self._operand()
        while self._take("word", "and"):
            self._count()
            left = conjunction(left, self._operand())
        return left

    def _operand(self) -> Condition:
        if self._take("mark", "("):
            inner = self._disjunction()
            self._expect(")")
            return inner
        left = self._term()
        kind, word = self._peek()
        if kind == "word" and word in RELATIONS:
            self._at += 1
            self._count()
            return self._comparison(left, word, self._term())
        if left.kind == "boolean":
            return comparison(left, "eq", _literal("boolean", constant=True))
        raise _syntax(self._at)

    def _comparison(self, left: Term, relation: str, right: Term) -> Condition:
        if left.kind != right.kind and "null" not in (left.kind, right.kind):
            raise ExactRefusal(
                400,
                f"Operator '{relation}' incompatible with operand types "
                f"'{left.kind}' and '{right.kind}' at position {self._at}.",
            )
        if left.is_literal and relation == "eq":
            left, right = right, left
        return comparison(left, relation, right)

    def _term(self) -> Term:
        self._count()
        kind, text = self._peek()
        self._at += 1
        if kind == "word":
            return self._named(text)
        if kind in ("guid", "datetime", "string", "number"):
            return _read_literal(kind, text)
        raise _syntax(self._at)

    def _named(self, word: str) -> Term:
        if word in ("true", "false"):
            return _literal("boolean", word == "true")
        if word == "null":
            return _literal("null", None)
        if word in _FUNCTIONS and self._peek() == ("mark", "("):
            return self._call(word)
        field = self._entity.fields.get(word)
        if field is None or field.is_collection:
            raise ExactRefusal(
                400, f"No property '{word}' exists in type '{self._entity.name}' at position 0."
            )
        kind = _KINDS.get(field.type, _NUMBER)
        return Term(kind=kind, value=lambda value_of: value_of(word), fields=frozenset({word}), is_field=True)

    def _call(self, name: str) -> Term:
        kind, arity, function = _FUNCTIONS[name]
        self._expect("(")
        arguments = [self._term()]
        while self._take("mark", ","):
            arguments.append(self._term())
        self._expect(")")
        if len(arguments) != arity or any(part.kind != "string" for part in arguments):
            raise ExactRefusal(
                400, f"No applicable function found for '{name}' with the specified arguments."
            )
        fields = frozenset[str]().union(*(part.fields for part in arguments))
        return Term(
            kind=kind,
            value=lambda value_of: function(*(str(part.value(value_of) or "") for part in arguments)),
            fields=fields,
        )

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, kind: str, text: str) -> bool:
        found = self._peek() == (kind, text)
        self._at += found
        return found

    def _expect(self, mark: str) -> None:
        if not self._take("mark", mark):
            raise _syntax(self._at)

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise ExactRefusal(400, f"The filter has more than {_MAX_NODES} nodes.")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ExactRefusal(400, f"Syntax error at position {at}.")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


def _literal(kind: str, constant: Comparable) -> Term:
    return Term(kind=kind, value=lambda _value_of: constant, is_literal=True)


def _read_literal(kind: str, text: str) -> Term:
    try:
        if kind == "guid":
            return _literal("guid", str(UUID(text[5:-1])))
        if kind == "datetime":
            return _literal("datetime", datetime.fromisoformat(text[9:-1]).replace(tzinfo=None))
    except ValueError:
        raise ExactRefusal(400, f"Unrecognized '{kind}' literal {text}.") from None
    if kind == "string":
        return _literal("string", text[1:-1].replace("''", "'"))
    digits = text.rstrip("LlDdMmFf")
    return _literal(_NUMBER, int(digits) if digits.lstrip("-").isdigit() else float(digits))


def _syntax(position: int) -> ExactRefusal:
    return ExactRefusal(400, f"Syntax error at position {position}.")
