"""What Sendcloud answered about options and addresses, kept so that it is asked no more often than need be (S18).

No address is kept: a keyed fingerprint of what would be asked, and what the carrier had against it (S15).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from exactsend.domain.preflight import OptionTerms
from exactsend.domain.record_store import RecordStore
from exactsend.domain.store_protocol import JsonRecord
from exactsend.http.messages import Json
from exactsend.sendcloud.wire import validate_address
from exactsend.trade.fingerprint import request_fingerprint

CATALOGUE_LASTS = timedelta(days=7)
"""So old may be what an option demands where there are too few calls to ask anew; where there are enough, it is of the day."""
MOST_ADDRESSES = 5_000
"""More addresses than these are not remembered; in the next month it begins anew."""
_ADDRESSES = "addresses_taken"
_DIGITS = 16
"""Hexadecimal digits of an address's fingerprint: enough to tell a few thousand apart."""


class AnswerCache:
    """What options demand on their ways, each with the day on which it was asked."""

    def __init__(self, kept: JsonRecord, today: date) -> None:
        self._today = today.isoformat()
        offered, asked = kept.get("terms"), kept.get("asked")
        days = asked if isinstance(asked, dict) else {}
        self._asked = {
            route: day
            for route in (offered if isinstance(offered, dict) else {})
            if _is_of_late(day := str(days.get(route, kept.get("day"))), today)
        }
        self._terms = {
            route: tuple(OptionTerms.model_validate(value) for value in terms)
            for route, terms in (offered if isinstance(offered, dict) else {}).items()
            if route in self._asked and isinstance(terms, list)
        }

    def of_today(self) -> dict[str, tuple[OptionTerms, ...]]:
        """What was asked today."""
        return {route: terms for route, terms in self._terms.items() if self._asked[route] == self._today}

    def of_late(self, route: str) -> tuple[OptionTerms, ...] | None:
        """What was asked within the last days; None where nothing was."""
        return self._terms.get(route)

    def learn(self, route: str, terms: tuple[OptionTerms, ...]) -> None:
        """Keep an answer of today."""
        self._terms[route], self._asked[route] = terms, self._today

    def to_keep(self) -> JsonRecord:
        """All of it, as it is kept."""
        offered: dict[str, Json] = {
            route: [candidate.model_dump(mode="json") for candidate in terms]
            for route, terms in self._terms.items()
        }
        return {"terms": offered, "asked": dict(self._asked)} if offered else {}


def _is_of_late(day: str, today: date) -> bool:
    try:
        return abs(today - date.fromisoformat(day)) <= CATALOGUE_LASTS
    except ValueError:
        return False


class CheckedAddresses:
    """Which addresses a carrier takes, remembered for the month; what it has against others, for the day: its cure may lie at Sendcloud."""

    def __init__(self, records: RecordStore, key: bytes, now: datetime, objections: Json) -> None:
        self._records = records
        self._key = key
        self._month = now.strftime("%Y-%m")
        kept = records.cached(_ADDRESSES) or {}
        self._taken: Mapping[str, Json] = kept if kept.get("month") == self._month else {}
        self._learned: dict[str, Json] = {}
        self.refused: dict[str, Json] = dict(objections) if isinstance(objections, dict) else {}

    def name_of(self, address: dict[str, Json], carrier: str) -> str:
        """What the question about an address is remembered by: nothing that it could be made out from."""
        body = validate_address(address, carrier).body
        assert isinstance(body, dict)
        return request_fingerprint(self._key, body)[:_DIGITS]

    def objections(self, name: str) -> tuple[str, ...] | None:
        """What the carrier has against it; None where it was not asked."""
        if name in self._taken or name in self._learned:
            return ()
        said = self.refused.get(name)
        return tuple(map(str, said)) if isinstance(said, list) else None

    def learn(self, name: str, objections: Sequence[str]) -> None:
        """Keep an answer."""
        if objections:
            self.refused[name] = list(objections)
        elif len(self._taken) + len(self._learned) < MOST_ADDRESSES:
            self._learned[name] = 1

    def keep(self) -> None:
        """Write down what was learned of those that are taken."""
        if self._learned and self._taken:
            self._records.add_to_cache(_ADDRESSES, self._learned)
        elif self._learned:
            self._records.cache(_ADDRESSES, {"month": self._month, **self._learned})
