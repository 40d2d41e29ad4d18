"""Exact records that could not be read although others could: read again later, separately, with growing pauses (S9, S13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from exactsend.domain.division_records import SetAside, SetAsideRecords
from exactsend.domain.record_store import RecordStore
from exactsend.domain.records import free_retry_pause
from exactsend.exact.query_results import UnreadableRow
from exactsend.http.messages import Json
from exactsend.system.elapsed import is_not_over

LONGEST_PAUSE = timedelta(days=1)
RETRY_COUNTED_REFUSAL_AFTER = timedelta(hours=1)
"""A record that Exact refused with a counted status is not read again before this: too many refusals block the key."""


@dataclass(frozen=True)
class Due:
    """Which records to read now."""

    ask: tuple[str, ...]
    apart: tuple[tuple[str, ...], ...] = ()
    """Groups of them to read separately, because they were refused before."""
    unread: Mapping[str, UnreadableRow] = field(default_factory=dict)
    """Those not to be read yet."""


class RecordsSetAside:
    """The unreadable records of one division, during one run."""

    def __init__(self, records: RecordStore, now: datetime) -> None:
        self._records = records
        self._now = now

    def due(self, endpoint: str, wanted: Iterable[str]) -> Due:
        """Which of these records to read now, and how."""
        kept = self._records.set_aside.records
        keys = tuple(dict.fromkeys(wanted))
        known = {key: one for key in keys if (one := kept.get(f"{endpoint} {key}"))}
        waiting = {
            key: record
            for key, record in known.items()
            if is_not_over(record.until, self._now, LONGEST_PAUSE)
        }
        again = {key: record for key, record in known.items() if key not in waiting}
        alone = [(key,) for key, record in again.items() if record.tries]
        group = tuple(key for key, record in again.items() if not record.tries)
        return Due(
            ask=tuple(key for key in keys if key not in waiting),
            apart=(*alone, *([group] if group else [])),
            unread={
                key: UnreadableRow(
                    record.said, record.status, is_its_own=record.tries > 0, again_at=record.until
                )
                for key, record in waiting.items()
            },
        )

    def note_read(
        self, endpoint: str, asked: Sequence[str], unread: Mapping[str, UnreadableRow]
    ) -> dict[str, UnreadableRow]:
        """Record which of the requested records could not be read, and forget those that could or no longer exist.

        Returns:
            The unreadable ones, with the time of the next attempt.
        """
        before = self._records.set_aside.records
        after = dict(before)
        for key in asked:
            after.pop(f"{endpoint} {key}", None)
        for key, why in unread.items():
            after[f"{endpoint} {key}"] = self._set_aside(before.get(f"{endpoint} {key}"), why)
        if after != before:
            to_log = [name for name in after if after[name] != before.get(name)]
            facts: dict[str, Json] = {"count": len(unread), "records": [*to_log]}
            self._records.note("records_set_aside", SetAsideRecords(records=after), facts=facts)
        return {key: replace(why, again_at=after[f"{endpoint} {key}"].until) for key, why in unread.items()}

    def _set_aside(self, before: SetAside | None, why: UnreadableRow) -> SetAside:
        if not why.is_its_own:
            return SetAside(until=self._now + RETRY_COUNTED_REFUSAL_AFTER, said=why.why)
        tries = (before.tries if before else 0) + 1
        pause = free_retry_pause(tries)
        if why.status is not None and why.status < 500:  # noqa: PLR2004 - client errors, which Exact counts
            pause = max(pause, RETRY_COUNTED_REFUSAL_AFTER)
        return SetAside(until=self._now + pause, tries=tries, status=why.status, said=why.why)
