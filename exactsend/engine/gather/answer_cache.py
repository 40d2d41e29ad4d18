"""Caches Sendcloud's answers about shipping options and addresses, to save calls (S18).

Stores no address, only a keyed fingerprint of the request and the carrier's objections (S15).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from exactsend.domain.preflight import OptionTerms
from exactsend.domain.record_store import RecordStore
from exactsend.domain.store_protocol import JsonRecord
from exactsend.http.messages import Json
from exactsend.sendcloud.wire import validate_address
from exactsend.trade.fingerprint import request_fingerprint

TERMS_VALID_FOR = timedelta(days=7)
"""How old an option's terms may be if there are too few calls to ask again. Otherwise they are of the same day."""
MAX_ADDRESSES = 5_000
"""With more addresses than this the cache of the month starts again."""
_ADDRESSES = "addresses_taken"
_DIGITS = 16
"""Hexadecimal digits of an address's fingerprint: enough for a few thousand."""


class AnswerCache:
    """The terms of shipping options by route, each with the day of the answer."""

    def __init__(self, kept: JsonRecord, today: date) -> None:
        self._today = today.isoformat()
        offered, asked = kept.get("terms"), kept.get("asked")
        days = asked if isinstance(asked, dict) else {}
        self._asked = {
            route: day
            for route in (offered if isinstance(offered, dict) else {})
            if _is_recent(day := str(days.get(route, kept.get("day"))), today)
        }
        self._terms = {
            route: tuple(OptionTerms.model_validate(value) for value in terms)
            for route, terms in (offered if isinstance(offered, dict) else {}).items()
            if route in self._asked and isinstance(terms, list)
        }

    def asked_today(self) -> dict[str, tuple[OptionTerms, ...]]:
        """The answers of today."""
        return {route: terms for route, terms in self._terms.items() if self._asked[route] == self._today}

    def asked_recently(self, route: str) -> tuple[OptionTerms, ...] | None:
        """The answer of the last days; None if there is none."""
        return self._terms.get(route)

    def add(self, route: str, terms: tuple[OptionTerms, ...]) -> None:
        """Add an answer of today."""
        self._terms[route], self._asked[route] = terms, self._today

    def to_json(self) -> JsonRecord:
        """All answers, as JSON for the cache."""
        offered: dict[str, Json] = {
            route: [term.model_dump(mode="json") for term in terms] for route, terms in self._terms.items()
        }
        return {"terms": offered, "asked": dict(self._asked)} if offered else {}


def _is_recent(day: str, today: date) -> bool:
    try:
        return abs(today - date.fromisoformat(day)) <= TERMS_VALID_FOR
    except ValueError:
        return False


class CheckedAddresses:
    """The carriers' answers about addresses: accepted ones for a month, objections for a day, since Sendcloud may fix the cause."""

    def __init__(self, records: RecordStore, key: bytes, now: datetime, objections: Json) -> None:
        self._records = records
        self._key = key
        self._month = now.strftime("%Y-%m")
        kept = records.cached(_ADDRESSES) or {}
        self._taken: Mapping[str, Json] = kept if kept.get("month") == self._month else {}
        self._learned: dict[str, Json] = {}
        self.refused: dict[str, Json] = dict(objections) if isinstance(objections, dict) else {}

    def cache_key(self, address: dict[str, Json], carrier: str) -> str:
        """The key of an address: a fingerprint that doesn't reveal it."""
        body = validate_address(address, carrier).body
        assert isinstance(body, dict)
        return request_fingerprint(self._key, body)[:_DIGITS]

    def objections(self, name: str) -> tuple[str, ...] | None:
        """The carrier's objections; None if it was not asked."""
        if name in self._taken or name in self._learned:
            return ()
        said = self.refused.get(name)
        return tuple(map(str, said)) if isinstance(said, list) else None

    def add(self, name: str, objections: Sequence[str]) -> None:
        """Add an answer."""
        if objections:
            self.refused[name] = list(objections)
        elif len(self._taken) + len(self._learned) < MAX_ADDRESSES:
            self._learned[name] = 1

    def save(self) -> None:
        """Store the accepted addresses."""
        if self._learned and self._taken:
            self._records.add_to_cache(_ADDRESSES, self._learned)
        elif self._learned:
            self._records.cache(_ADDRESSES, {"month": self._month, **self._learned})
