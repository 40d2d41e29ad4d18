"""Refusals that tests switch on: of an endpoint, a record, a documented filter, or a field that an edition lacks.

Everything else keeps working. ``faults`` breaks calls on the wire instead.

Sources: bodies of refusals, quoted by users of clients (403 on one resource of a scope, 500 with a sentence on one record,
400 on a documented filter), read 2026-11-30.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.structure import EntityStructure, entities

ANY = "*"
"""All endpoints, or all methods."""


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """A kind of call that is refused."""

    endpoint: str
    method: str
    key: str | None
    status: int
    sentence: str
    times: int | None

    def applies_to(self, endpoint: str, method: str) -> bool:
        return self.endpoint in (ANY, endpoint) and self.method in (ANY, method)


@dataclass
class Refusals:
    """What is refused; nothing at first."""

    _rules: list[_Rule] = field(default_factory=list)
    _times: Counter[int] = field(default_factory=Counter)
    """How often each rule has refused a call, by its index."""
    _filters: set[tuple[str, str]] = field(default_factory=set)
    _lacking: set[tuple[str, str]] = field(default_factory=set)

    def refuse(
        self,
        endpoint: str,
        *,
        method: str = ANY,
        key: str | None = None,
        status: int,
        sentence: str,
        times: int | None = None,
    ) -> None:
        """Refuse calls of an endpoint, or those that concern one record.

        Args:
            endpoint: the path below the division, such as ``crm/Accounts``; ``*`` for all.
            method: the HTTP method; ``*`` for all.
            key: the id of a record. Every read whose page would show it is refused, also when it is an expanded line,
                and so is every write to it.
            status: the status of the answer.
            sentence: the text of ``error.message.value``; may be empty.
            times: how often; None: until ``lift``.

        Raises:
            ValueError: there is no such endpoint.
        """
        self._rules.append(
            _Rule(
                endpoint=_known_endpoint(endpoint),
                method=method,
                key=None if key is None else key.lower(),
                status=status,
                sentence=sentence,
                times=times,
            )
        )

    def refuse_filter(self, endpoint: str, field_name: str) -> None:
        """Refuse to filter on a field, even if its page documents the filter.

        Raises:
            ValueError: there is no such endpoint.
        """
        self._filters.add((_known_endpoint(endpoint), field_name))

    def lack_field(self, endpoint: str, field_name: str) -> None:
        """Remove a field, as an edition may lack it: it can be neither selected nor filtered, and ``*`` leaves it out.

        Raises:
            ValueError: there is no such endpoint.
        """
        self._lacking.add((_known_endpoint(endpoint), field_name))

    def lift(self) -> None:
        """Remove all refusals."""
        self._rules.clear()
        self._times.clear()
        self._filters.clear()
        self._lacking.clear()

    def check_call(self, endpoint: str, method: str) -> None:
        """Check a call of an endpoint.

        Raises:
            ExactRefusal: calls of this endpoint are refused.
        """
        self._check(endpoint, method, (None,))

    def check_record(self, endpoint: str, method: str, keys: Iterable[str]) -> None:
        """Check a read or write of a record, by any of its ids.

        Raises:
            ExactRefusal: this record is refused.
        """
        if self._rules:
            self._check(endpoint, method, tuple(keys))

    def check_filter(self, entity: EntityStructure, fields: Iterable[str]) -> None:
        """Check a filter on these fields.

        Raises:
            ExactRefusal: a field is lacking or can't be filtered on.
        """
        for name in sorted(fields):
            self.check_field(entity, name)
            if {(entity.path, name), (ANY, name)} & self._filters:
                raise ExactRefusal(400, f"Filtering on these fields is not supported: {name}")

    def check_field(self, entity: EntityStructure, name: str) -> None:
        """Check that the edition has a field.

        Raises:
            ExactRefusal: it is lacking.
        """
        if self.lacks(entity, name):
            kind = f"Exact.Web.Api.Models.{entity.path.replace('/', '.')}"
            raise ExactRefusal(400, f"The property name '{name}' specified for type '{kind}' is not valid.")

    def lacks(self, entity: EntityStructure, name: str) -> bool:
        """Whether this edition lacks the field."""
        return bool({(entity.path, name), (ANY, name)} & self._lacking)

    def _check(self, endpoint: str, method: str, keys: tuple[str | None, ...]) -> None:
        for index, rule in enumerate(self._rules):
            is_over = rule.times is not None and self._times[index] >= rule.times
            if rule.key in keys and rule.applies_to(endpoint, method) and not is_over:
                self._times[index] += 1
                raise ExactRefusal(rule.status, rule.sentence)


def _known_endpoint(endpoint: str) -> str:
    if endpoint != ANY and endpoint not in entities():
        raise ValueError(f"the sandbox has no endpoint {endpoint}")
    return endpoint
