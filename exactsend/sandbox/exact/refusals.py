"""What this Exact refuses for good, in words, while everything else works.

An endpoint, one record, a filter that its page documents, or a field that an edition lacks. Tests switch these on;
``faults`` breaks calls on the wire instead. Sources: bodies of refusals as users of clients quoted them (403 on one
resource of a scope, 500 with a sentence on one record, 400 on a documented filter), read 2026-11-30.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from exactsend.sandbox.exact.answers import ExactRefusal
from exactsend.sandbox.exact.structure import EntityStructure, entities

ANY = "*"
"""Every endpoint, or every method."""


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """One thing that is refused."""

    endpoint: str
    method: str
    key: str | None
    status: int
    sentence: str
    times: int | None

    def means(self, endpoint: str, method: str) -> bool:
        return self.endpoint in (ANY, endpoint) and self.method in (ANY, method)


@dataclass
class Refusals:
    """What is refused; nothing at first."""

    _rules: list[_Rule] = field(default_factory=list)
    _times: Counter[int] = field(default_factory=Counter)
    """How often each rule refused, by its place."""
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
            endpoint: the path below the division, such as ``crm/Accounts``; ``*`` for every one.
            method: the HTTP method; ``*`` for every one.
            key: the id of one record. Then each read whose page would show it is refused whole, also where it is an
                expanded line, and each write to it.
            status: of the answer.
            sentence: what stands in ``error.message.value``; may be empty.
            times: how often; None: until lifted.

        Raises:
            ValueError: there is no such endpoint.
        """
        self._rules.append(
            _Rule(
                endpoint=_known(endpoint),
                method=method,
                key=None if key is None else key.lower(),
                status=status,
                sentence=sentence,
                times=times,
            )
        )

    def refuse_filter(self, endpoint: str, field_name: str) -> None:
        """Refuse to filter on a field, whatever its page says.

        Raises:
            ValueError: there is no such endpoint.
        """
        self._filters.add((_known(endpoint), field_name))

    def lack_field(self, endpoint: str, field_name: str) -> None:
        """Lack a field, as an edition may: it can be neither selected nor filtered, and ``*`` leaves it out.

        Raises:
            ValueError: there is no such endpoint.
        """
        self._lacking.add((_known(endpoint), field_name))

    def lift(self) -> None:
        """Refuse nothing any more."""
        self._rules.clear()
        self._times.clear()
        self._filters.clear()
        self._lacking.clear()

    def check_call(self, endpoint: str, method: str) -> None:
        """Let a call of an endpoint pass.

        Raises:
            Refusal: calls of this endpoint are refused.
        """
        self._check(endpoint, method, (None,))

    def check_record(self, endpoint: str, method: str, keys: Iterable[str]) -> None:
        """Let a record be shown or written, known by any of these ids.

        Raises:
            Refusal: this record is refused.
        """
        if self._rules:
            self._check(endpoint, method, tuple(keys))

    def check_filter(self, entity: EntityStructure, fields: Iterable[str]) -> None:
        """Let a filter on these fields pass.

        Raises:
            Refusal: one of them can't be filtered on, or is lacking.
        """
        for name in sorted(fields):
            self.check_field(entity, name)
            if {(entity.path, name), (ANY, name)} & self._filters:
                raise ExactRefusal(400, f"Filtering on these fields is not supported: {name}")

    def check_field(self, entity: EntityStructure, name: str) -> None:
        """Let a field be named.

        Raises:
            Refusal: it is lacking.
        """
        if self.lacks(entity, name):
            kind = f"Exact.Web.Api.Models.{entity.path.replace('/', '.')}"
            raise ExactRefusal(400, f"The property name '{name}' specified for type '{kind}' is not valid.")

    def lacks(self, entity: EntityStructure, name: str) -> bool:
        """Whether this edition has no such field."""
        return bool({(entity.path, name), (ANY, name)} & self._lacking)

    def _check(self, endpoint: str, method: str, keys: tuple[str | None, ...]) -> None:
        for place, rule in enumerate(self._rules):
            is_over = rule.times is not None and self._times[place] >= rule.times
            if rule.key in keys and rule.means(endpoint, method) and not is_over:
                self._times[place] += 1
                raise ExactRefusal(rule.status, rule.sentence)


def _known(endpoint: str) -> str:
    if endpoint != ANY and endpoint not in entities():
        raise ValueError(f"the sandbox has no endpoint {endpoint}")
    return endpoint
