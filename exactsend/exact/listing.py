"""The rows of one endpoint, in as few calls as may be; and a record that can't be read does not take its neighbours along (S13).

Glue, as ``client``: ``wire`` knows the protocol and the transport the network.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from exactsend.errors import NAMELESS, ApiError, Forbidden, Refused, Resting, Unreadable, is_refusal
from exactsend.exact import odata, wire
from exactsend.exact.found import ReadRows, UnreadableRow
from exactsend.exact.odata import Row
from exactsend.exact.wire import Endpoint
from exactsend.http.messages import BadRow, Call, Sender, walk

FEW_CALLS = 4
"""Up to this many calls it isn't worth one more to learn whether all rows could be read in fewer."""
MANY_CALLS = 40
"""From this many on all rows are read without counting them first, and given up once that took half as many calls."""
NUMBERS = frozenset({"OrderNumber", "DeliveryNumber"})
"""Fields that name a record beside its id."""
SEVERAL = 3
"""So many records that fail alone, with none that could be read, are no bad records: the service is at fault."""
LATER = "it is asked for again in a later run, apart from the others that were refused with it"


Saved = TypeVar("Saved")


@dataclass(frozen=True)
class Numbered:
    """By which number records can be asked for, beside their id: those with neighbouring numbers come in one call."""

    field: str
    numbers: Mapping[str, int]
    """Of each key that is asked for, as far as it is known."""


@dataclass(frozen=True)
class Answered(Generic[Row]):
    """The answer to a question for a few records."""

    rows: Sequence[Row]
    bad: Sequence[BadRow] = ()


@dataclass
class _Outcome(Generic[Row]):
    """What became of the groups of one question so far."""

    refused_at: str
    """The endpoint of the last refusal."""
    costs_refusals: bool
    """It was refused with a status that Exact counts, and of which too many block the key."""
    _suspicious: set[str]
    """Keys of groups that were refused."""
    _key_of: Callable[[Row], str]
    _identity: str
    """The attribute that names a row."""
    _rows: dict[str, Row] = field(default_factory=dict)
    unread: dict[str, UnreadableRow] = field(default_factory=dict)
    is_known_to_answer: bool = False
    _alone: list[ApiError] = field(default_factory=list)

    def is_suspicious(self, group: Sequence[str]) -> bool:
        """Whether it comes from a group that was refused."""
        return not self._suspicious.isdisjoint(group)

    def divided(self, group: Sequence[str], refused: ApiError) -> list[list[str]]:
        """The halves of a group that was refused; none where it is a record alone, which is the reason."""
        self.refused_at = refused.endpoint
        self.costs_refusals = isinstance(refused, Refused)
        if len(group) > 1:
            self._suspicious |= set(group)
            middle = len(group) // 2
            return [list(group[:middle]), list(group[middle:])]
        self._alone.append(refused)
        if len(self._alone) >= SEVERAL and not self._rows:
            raise refused
        self.unread[group[0]] = UnreadableRow(refused.said or refused.message, refused.http_status)
        return []

    def later(self, group: Sequence[str]) -> None:
        """Not asked for now: too many refusals block the key."""
        self.unread |= dict.fromkeys(group, UnreadableRow(LATER, is_its_own=False))

    def take(self, group: Sequence[str], answered: Answered[Row]) -> None:
        """The rows of a group, each once, and of those that can't be read why. What was not asked for is dropped."""
        asked = set(group)
        self._rows |= {
            str(getattr(row, self._identity)): row for row in answered.rows if self._key_of(row) in asked
        }
        self.unread |= {row.id: UnreadableRow(row.why) for row in answered.bad if row.id}
        if any(not row.id for row in answered.bad):
            why = next(row.why for row in answered.bad if not row.id)
            read = {self._key_of(row) for row in answered.rows}
            missing = [key for key in group if key not in read and key not in self.unread]
            self.unread |= dict.fromkeys(missing, UnreadableRow(why))

    def found(self) -> ReadRows[Row]:
        """All of it.

        Raises:
            Unreadable: several rows came, none could be read, and all for the same reason: the service is at fault.
        """
        reasons = [
            record.why for record in self.unread.values() if record.is_its_own and record.status is None
        ]
        if not self._rows and len(reasons) >= SEVERAL and len(set(reasons)) == 1:
            raise _unreadable(self.refused_at, f"each of {len(reasons)} rows {reasons[0]}")
        return ReadRows(tuple(self._rows.values()), self.unread)


class Listing:
    """The endpoints of one division.

    Args:
        sender: carries the calls.
        division: whose listings.
        refusals_left: how many refusals of an endpoint may still be risked in this hour (S9).
    """

    def __init__(
        self, sender: Sender, division: int, refusals_left: Callable[[str], int] = lambda _endpoint: 4
    ) -> None:
        self._sender = sender
        self._division = division
        self._refusals_left = refusals_left
        self.done_without: list[ApiError] = []
        """Refusals of what only saves calls, where the question was asked in another way; and rows that were passed over."""
        self.sizes: dict[str, int] = {}
        """How many rows listings have, as far as it was told of late: it is not counted again."""
        self._rights: dict[str, bool] = {}
        """Whether the user may read an endpoint, as far as it was asked."""
        self.avoided: frozenset[str] = frozenset()
        """Endpoints that are not asked where there is another way."""

    # ── certain records ──────────────────────────────────────────────────────────────────────────

    def of(
        self,
        endpoint: Endpoint[Row],
        field: str,
        keys: Sequence[str],
        *,
        literal: Callable[[str], str] = odata.guid,
        key_of: Callable[[Row], str],
        also: str = "",
        extra_fields: Sequence[str] = (),
        apart: Sequence[Sequence[str]] = (),
        whole: Callable[[Sequence[Row]], Sequence[Row]] = lambda rows: rows,
        numbered: Numbered | None = None,
    ) -> ReadRows[Row]:
        """The rows whose ``field`` is one of ``keys``; for each key that could not be asked for or read, why.

        Args:
            endpoint: where from.
            field: what is asked by.
            keys: what for.
            literal: how a key is spelled in a filter.
            key_of: the key that a row answers.
            also: what else must hold.
            extra_fields: selected beside what the model reads.
            apart: groups of keys that were refused before: each is asked for by itself.
            whole: completes the rows of a page, by further calls if need be.
            numbered: the numbers of the keys, where rows can be asked for by number too.
        """
        suspicious = {key for group in apart for key in group}
        wanted = [key for key in dict.fromkeys(key.lower() for key in keys) if key not in suspicious]
        near = self._neighbours(
            endpoint, numbered, wanted, key_of=key_of, extra_fields=extra_fields, whole=whole
        )
        if near:
            rest = [key for key in keys if key.lower() not in near]
            others = self.of(
                endpoint,
                field,
                rest,
                literal=literal,
                key_of=key_of,
                extra_fields=extra_fields,
                apart=apart,
                whole=whole,
            )
            return ReadRows((*near.values(), *others.rows), others.unread)
        spelled = {literal(key): key for key in dict.fromkeys(key.lower() for key in keys)}

        def asked(group: Sequence[str]) -> Call:
            return wire.any_of(endpoint, self._division, field, group, also=also, extra_fields=extra_fields)

        def read(group: Sequence[str]) -> Answered[Row]:
            rows, bad = self.read(asked([literal(key) for key in group]), endpoint, whole)
            if bad and field != endpoint.key:
                raise _unreadable(
                    endpoint.path, f"{bad[0].name} {bad[0].why}"
                )  # whose it is shows when asked alone
            _require_answers(group, [*map(key_of, rows), *(row.id for row in bad if row.id)], endpoint)
            return Answered(rows, bad)

        together = [name for name, key in spelled.items() if key not in suspicious]
        groups = [[spelled[key] for key in group] for group in wire.chains(together, asked)]
        groups += [list(group) for group in apart]
        outcome = _Outcome(endpoint.path, bool(apart), suspicious, key_of, endpoint.identity)
        nobody = wire.nobody(endpoint, self._division, extra_fields)
        found = self._each(groups, read, nobody, outcome)
        is_by_identity = field in {endpoint.key, *NUMBERS}
        if keys and is_by_identity and not found.rows and not found.unread:
            self._require_right(endpoint.path)
        return found

    def _neighbours(
        self,
        endpoint: Endpoint[Row],
        numbered: Numbered | None,
        wanted: Collection[str],
        *,
        key_of: Callable[[Row], str],
        extra_fields: Sequence[str],
        whole: Callable[[Sequence[Row]], Sequence[Row]],
    ) -> dict[str, Row]:
        """Rows of which many bear neighbouring numbers, a page in one call, by key.

        Only what came counts. Whoever is missing here, can't be read or lacks its lines is asked for by its key.
        """
        if numbered is None:
            return {}
        asked = set(wanted)
        found: dict[str, Row] = {}
        for span in wire.spans(number for key, number in numbered.numbers.items() if key in asked):
            call = wire.between(endpoint, self._division, numbered.field, span, extra_fields=extra_fields)
            rows = self.saving(call.endpoint, partial(self._page, call, endpoint))
            if rows is None:
                break
            try:
                complete = whole([row for row in rows if key_of(row) in asked])
            except ApiError as refused:
                if not is_refusal(refused):
                    raise
                continue
            found |= {key_of(row): row for row in complete}
        return found

    def _page(self, call: Call, endpoint: Endpoint[Row]) -> list[Row]:
        """The rows of a first page that can be read."""
        return odata.read_each(self._sender.send(call), endpoint.model, division=self._division)[0]

    def _require_right(self, path: str) -> None:
        """An empty answer proves that records are gone only where the user may see them: others are shown an empty list (S16).

        Source: Exact, knowledge base: "Integrate efficiently with OData" (read 2026-11-30).

        Raises:
            Forbidden: the user has no right to read them.
        """
        if path not in self._rights:
            call = wire.user_has_right(self._division, path, "GET")
            answer = self.saving(call.endpoint, lambda: wire.read_has_right(self._sender.send(call)))
            self._rights[path] = answer is not False
        if not self._rights[path]:
            raise without_right(path)

    def by_id(
        self,
        endpoint: Endpoint[Row],
        ids: Sequence[str],
        *,
        key_of: Callable[[Row], str],
        extra_fields: Sequence[str] = (),
        apart: Sequence[Sequence[str]] = (),
    ) -> ReadRows[Row]:
        """The rows with these ids. Many are read from the whole listing, where that takes fewer calls."""
        suspicious = {key for group in apart for key in group}
        together = [key for key in dict.fromkeys(ids) if key not in suspicious]
        chain = list(wire.chained(endpoint, self._division, "ID", map(odata.guid, together)))
        found = self._whole(endpoint, len(chain), extra_fields)
        if found is None:
            return self.of(endpoint, "ID", ids, key_of=key_of, extra_fields=extra_fields, apart=apart)
        wanted = set(together)
        rows = [row for row in found.rows if key_of(row) in wanted]
        read = {key_of(row) for row in rows}
        unread = {row.id: UnreadableRow(row.why) for row in found.bad if row.id in wanted}
        rest = [key for key in ids if key not in read and key not in unread]
        also = self.of(endpoint, "ID", rest, key_of=key_of, extra_fields=extra_fields, apart=apart)
        return ReadRows((*rows, *also.rows), {**unread, **also.unread})

    def read(
        self,
        call: Call,
        endpoint: Endpoint[Row],
        whole: Callable[[Sequence[Row]], Sequence[Row]] = lambda rows: rows,
    ) -> tuple[list[Row], list[BadRow]]:
        """The rows that a call brings, over all pages, and those that can't be read."""
        rows: list[Row] = []
        bad: list[BadRow] = []
        for reply in walk(self._sender, call, odata.next_link):
            good, unread = odata.read_each(reply, endpoint.model, division=self._division)
            rows += whole(good)
            bad += unread
        return rows, bad

    def _each(
        self,
        groups: Sequence[list[str]],
        read: Callable[[Sequence[str]], Answered[Row]],
        nobody: Call,
        outcome: "_Outcome[Row]",
    ) -> ReadRows[Row]:
        """Ask for each group; one that is refused is divided until the record is found that is the reason.

        Raises:
            ApiError: the endpoint itself does not answer, or nothing but refusals came for several records alone.
        """
        waiting = deque(groups)
        while waiting:
            group = waiting.popleft()
            if outcome.is_suspicious(group) and outcome.costs_refusals and not self._may_risk(outcome):
                outcome.later(group)
                continue
            try:
                answered = read(group)
            except ApiError as refused:
                if not is_refusal(refused):
                    raise
                self._require_that_it_answers(nobody, refused, outcome)
                waiting.extend(outcome.divided(group, refused))
            else:
                outcome.take(group, answered)
        return outcome.found()

    def _may_risk(self, outcome: "_Outcome[Row]") -> bool:
        return self._refusals_left(outcome.refused_at) > 0

    def _require_that_it_answers(self, nobody: Call, refused: ApiError, outcome: "_Outcome[Row]") -> None:
        """Ask the same for a record that nobody has: where that is refused too, it is the question and no record.

        It also ends the series of refusals after which an endpoint rests (S9). A 500 counts towards no series: once is enough.
        """
        if outcome.is_known_to_answer and not isinstance(refused, Refused):
            return
        try:
            self._sender.send(wire.no_lines(refused.endpoint, self._division) or nobody)
        except ApiError as also:
            raise (refused if is_refusal(also) else also) from also
        outcome.is_known_to_answer = True

    # ── all rows ─────────────────────────────────────────────────────────────────────────────────

    def _whole(
        self, endpoint: Endpoint[Row], chain: int, extra_fields: Sequence[str]
    ) -> Answered[Row] | None:
        """All rows, where that takes fewer calls than the chain, and is not refused."""
        if chain <= FEW_CALLS:
            return None
        if chain >= MANY_CALLS:
            most_calls = chain // 2
        else:
            rows = self.sizes.get(endpoint.path) or self._count(endpoint)
            if rows is None or -(-rows // wire.ROWS_OF_A_TWIN) >= chain:
                return None
            most_calls = chain
        found = self._past_if_answered(endpoint, 1, most_calls, extra_fields)
        self.sizes.pop(endpoint.path, None)
        if found is not None:
            self.sizes[endpoint.path] = len(found.rows) + len(found.bad)
        return found

    def _count(self, endpoint: Endpoint[Row]) -> int | None:
        call = wire.count(endpoint, self._division)
        rows = self.saving(call.endpoint, lambda: wire.read_count(self._sender.send(call)))
        if rows is not None:
            self.sizes[endpoint.path] = rows
        return rows

    def _past_if_answered(
        self, endpoint: Endpoint[Row], version: int, most_calls: int, extra_fields: Sequence[str] = ()
    ) -> Answered[Row] | None:
        return self.saving(
            wire.twin(endpoint),
            lambda: self.past(endpoint, version, most_calls=most_calls, extra_fields=extra_fields),
        )

    def saving(self, name: str, ask: Callable[[], Saved | None]) -> Saved | None:
        """What is asked only to save calls; None where it is refused, or was of late."""
        if name in self.avoided:
            return None
        try:
            return ask()
        except ApiError as refused:
            rests = isinstance(refused, Resting) and refused.http_status is not None
            if not is_refusal(refused) and not rests:
                raise
            self.done_without.append(refused)
            self.avoided |= {name}
            return None

    def pass_over(self, call: Call, nameless: Sequence[BadRow]) -> None:
        """Note rows that lack the key of their record: nothing can be done about them but report them."""
        if not nameless:
            return
        others = f", and {len(nameless) - 1} more rows" if len(nameless) > 1 else ""
        path, said = call.endpoint.partition("?")[0], f"{nameless[0]}{others}"
        self.done_without.append(
            _unreadable(path + NAMELESS, said, f"Exact lists rows at {path} that name no record: {said}")
        )

    def past(
        self, endpoint: Endpoint[Row], version: int, *, most_calls: int, extra_fields: Sequence[str] = ()
    ) -> Answered[Row] | None:
        """All rows past a row version; None where so many calls do not reach the end."""
        call = wire.rows_past(endpoint, self._division, version, extra_fields)
        found: list[Row] = []
        bad: list[BadRow] = []
        for number, reply in enumerate(walk(self._sender, call, odata.next_link), start=1):
            rows, unread = odata.read_each(reply, endpoint.model, division=self._division)
            found += rows
            bad += unread
            if number == most_calls and odata.next_link(reply) is not None:
                return None
        return Answered(found, bad)

    def lines_past(self, endpoint: Endpoint[Row], version: int, *, most_calls: int) -> Sequence[Row]:
        """All rows past a row version; none where that is refused, takes more calls, or one of them can't be read."""
        found = self._past_if_answered(endpoint, version, most_calls)
        return () if found is None or found.bad else found.rows

    def chained(self, endpoint: Endpoint[Row], field: str, literals: Iterable[str]) -> Iterator[Call]:
        """The calls for the rows whose ``field`` is one of ``literals``."""
        return wire.chained(endpoint, self._division, field, literals)

    def every(self, endpoint: Endpoint[Row]) -> list[Row]:
        """All rows of a short listing that can be read."""
        return self.rows([wire.listing(endpoint, self._division)], endpoint)

    def rows(self, calls: Iterable[Call], endpoint: Endpoint[Row]) -> list[Row]:
        """The rows that these calls bring, over all pages; those that can't be read are left out."""
        return [row for call in calls for row in self.read(call, endpoint)[0]]

    def strictly(self, calls: Iterable[Call], endpoint: Endpoint[Row]) -> Iterator[Row]:
        """The same.

        Raises:
            Unreadable: one of them can't be read.
        """
        for call in calls:
            for reply in walk(self._sender, call, odata.next_link):
                yield from odata.read(reply, endpoint.model, division=self._division)


def without_right(path: str) -> Forbidden:
    """The error for an endpoint that shows nothing, since the user who signed in has no right to it."""
    forbidden = Forbidden(
        f"Exact shows nothing at GET {path}: the user who signed in has no right to it",
        api="Exact",
        method="GET",
        http_status=403,
        hint="Give the user the right to it in Exact, then run: exactsend doctor",
    )
    forbidden.endpoint, forbidden.said = path, "the user who signed in has no right to it"
    return forbidden


def _require_answers(asked: Collection[str], answered: Collection[str], endpoint: Endpoint[Row]) -> None:
    """Whoever is missing in a sound answer counts as gone (S16), so the answer must be sound.

    Raises:
        Unreadable: it holds others instead of some that were asked for; then it proves nothing.
    """
    if set(answered) - set(asked) and set(asked) - set(answered):
        raise _unreadable(endpoint.path, "records came that were not asked for")


def _unreadable(path: str, why: str, message: str = "") -> Unreadable:
    said = message or f"Exact sent an unexpected response to GET {path}: {why}"
    unread = Unreadable(said, api="Exact", method="GET", http_status=200)
    unread.endpoint, unread.said = path, why
    return unread
