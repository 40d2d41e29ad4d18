"""The ledger: records that survive a power cut, and a log of every event that made them.

START HERE. An event is durable in ``journal.jsonl`` before ``Ledger.record`` returns. ``Ledger.fold``, at the end of a run, moves the
events to ``history/<year>.jsonl`` and the open records to ``ledger.json``. Records that are long done leave ``ledger.json``: they are
read from their last event in the history, which ``index.sqlite`` finds. Each step of a fold may be the last: a reader takes the snapshot,
and after it the events of history and journal that the snapshot does not contain yet.

The caller holds the lock and knows what records and events mean.
"""

import shutil
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from secrets import randbelow
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from exactsend.errors import LedgerError, StateDamaged
from exactsend.http.messages import Json
from exactsend.ledger import conversion, history, journal, snapshot
from exactsend.ledger.history import HISTORY
from exactsend.ledger.journal import Event, Line, Put, Record
from exactsend.ledger.loader import (
    JOURNAL,
    PREVIOUS_SNAPSHOT,
    SNAPSHOT,
    has_index,
    introduce,
    journal_lines,
    load,
    private_paths,
)
from exactsend.ledger.number_fields import numbers_of
from exactsend.ledger.snapshot import Past, Records
from exactsend.system import durable_files
from exactsend.system.durable_files import AppendOnlyFile, Tap, untapped
from exactsend.system.lock import Clock

if TYPE_CHECKING:
    from exactsend.ledger.index import Index

_GREATEST_INDEX_ID = (1 << 31) - 1
_BEYOND_ALL = 1 << 62
_NO_FACTS: Mapping[str, Json] = MappingProxyType({})


class _Readable:
    """The questions that a ledger and a view of it both answer."""

    def __init__(self, folder: Path, records: Records) -> None:
        self._folder = folder
        self._records = records
        self._opened_index: Index | None = None

    def get(self, section: str, key: str) -> Record | None:
        """One record; None where there is none. Never change it: a change is a put.

        Raises:
            StateDamaged: the history has lost its last event, or may have.
        """
        recent = self._records.section(section)
        if key in recent or not self.has_closed(section):
            return recent.get(key)
        return self._index().get(section, key, until=self._records.seq)

    def items(self, section: str, *, since: int = 0) -> Iterator[tuple[str, Record]]:
        """The records of a section as they are now, in the order of their keys: also those that are long done, which takes time.

        With ``since`` only those of the latter whose last event has this number or a greater one.
        """
        everything = {**dict(self._done(section, since)), **self._records.section(section)}
        return ((key, record) for key, record in sorted(everything.items()) if record is not None)

    def stream(self, section: str, *, since: int = 0) -> Iterator[tuple[str, Record]]:
        """The same one by one, whatever the memory: first what is long done, in the order of the last events."""
        recent = self._records.section(section)
        for key, record in self._done(section, since):
            if record is not None and key not in recent:
                yield key, record
        yield from self.recent(section)

    def _done(self, section: str, since: int) -> Iterator[tuple[str, Record | None]]:
        if not self.has_closed(section):
            return iter(())
        return self._index().items(section, since=since, until=self._records.seq)

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, Record]]:
        """The records of a section that bear one of these numbers; ``number_fields`` says which sections have numbers."""
        recent = self._records.section(section)
        found = {key: record for key, record in recent.items() if record is not None}
        if self.has_closed(section):
            done = self._index().with_numbers(section, numbers, until=self._records.seq)
            found |= {key: record for key, record in done if key not in recent}
        for key, record in sorted(found.items()):
            if numbers_of(section, record) & {*numbers}:
                yield key, record

    def has_closed(self, section: str) -> bool:
        """Whether any record of a section is long done, so that only the history has it."""
        return section in self._records.past.sections

    def recent(self, section: str) -> Iterator[tuple[str, Record]]:
        """The records of a section that are open or were changed recently, in the order of their keys."""
        recent = sorted(self._records.section(section).items())
        return ((key, record) for key, record in recent if record is not None)

    def _index(self) -> "Index":
        if self._opened_index is None:
            from exactsend.ledger.index import Index  # noqa: PLC0415 - loads SQLite, which most runs do not need

            self._opened_index = Index(self._folder, self._records.past)
        return self._opened_index

    def _close_index(self) -> None:
        if self._opened_index is not None:
            self._opened_index.close()
            self._opened_index = None


class Ledger(_Readable):
    """The ledger of one folder, for the one run that holds its lock. Made by ``open``.

    An error while writing is final: nobody knows what the disk has, so the ledger takes nothing more. The next ``open`` finds out.
    """

    def __init__(
        self,
        folder: Path,
        records: Records,
        file: AppendOnlyFile,
        *,
        run_id: str,
        clock: Clock,
        program: str,
        tap: Tap,
    ) -> None:
        super().__init__(folder, records)
        self._file = file
        self._run_id = run_id
        self._clock = clock
        self._program = program
        self._tap = tap
        self._broken = False

    @classmethod
    def open(cls, folder: Path, *, run_id: str, clock: Clock, program: str, tap: Tap = untapped) -> Self:
        """Open the ledger in ``folder``, made where it is missing; repair what a crash left.

        ``program`` is the name and version that the files are signed with.

        Raises:
            LedgerError: others may read or change it, or the disk refuses.
            StateDamaged: what stands there is damaged, or newer than this program.
        """
        durable_files.make_private_folder(folder)
        for path in private_paths(folder):
            durable_files.require_private(path)
        introduce(folder, program)
        has_archive = conversion.has_archive(folder)
        if has_archive:
            conversion.unpack_years(folder, tap)
        records, lines = load(folder)
        durable_files.sweep(folder)
        file = _journal_file(folder, lines, tap)
        ledger = cls(folder, records, file, run_id=run_id, clock=clock, program=program, tap=tap)
        if has_archive:
            ledger._take_over_archive()
        return ledger

    def _take_over_archive(self) -> None:
        """Convert a folder of the format before. Where this dies, the next ``open`` begins again."""
        from exactsend.ledger import index  # noqa: PLC0415 - loads SQLite, which most runs do not need

        self._records = replace(self._records, past=replace(self._records.past, index_id=_new_index_id()))
        index.update(self._folder, self._records.past, tap=self._tap)
        for puts in conversion.batches_of_missing_records(self._folder, self._records, self._index()):
            self.record("ledger_converted", puts=puts)
        begins = self._index().first_gapless()
        lines = journal_lines(self._folder)
        history.append(self._folder / HISTORY, lines, tap=self._tap)
        self._write_snapshot((), replace(self._past(lines), begins=begins))
        self._keep_index(has_grown=True)
        conversion.delete_archive(self._folder)

    def record(
        self,
        event: str,
        *,
        subject: str | None = None,
        facts: Mapping[str, Json] = _NO_FACTS,
        puts: Sequence[tuple[str, str, Mapping[str, Json] | None]] = (),
        changes: Sequence[tuple[str, str, Mapping[str, Json]]] = (),
    ) -> None:
        """Write an event down, with all it changes or with nothing. When this returns, it outlives a power cut.

        Args:
            event: what happened.
            subject: what it is about.
            facts: more about it.
            puts: records as they are from now on; None removes one.
            changes: records of which only these fields change; None takes a field away. To be used where a record is written down
                in every run and nobody reads it in a single event.

        Raises:
            LedgerError: it may be written or not; do nothing that relies on it.
        """
        happened = Event(
            seq=self._records.seq + 1,
            at=self._clock(),
            run=self._run_id,
            name=event,
            subject=subject,
            facts=dict(facts),
            puts=(*(_put(*put) for put in puts), *(self._change(*change) for change in changes)),
        )
        line = journal.encode(happened)
        with self._errors_are_final():
            self._file.append(line)
            # What a reader would find, not the caller's own objects: those may change later.
            self._records.apply(journal.decode(line))

    def _change(self, section: str, key: str, fields: Mapping[str, Json]) -> Put:
        change = Put(section, key, dict(fields), is_change=True)
        if self._records.section(section).get(key) is not None:
            return change
        # A record that is long done, or not there, is put whole: its last event then says all about it.
        return Put(section, key, change.on(self.get(section, key)))

    def fold(self, done_with: Collection[tuple[str, str]] | None = None) -> None:
        """Move the journal's events to the history and the records to the snapshot; does nothing without events.

        Args:
            done_with: sections and keys of records of which nothing is expected any more: they leave the snapshot.

        Raises:
            LedgerError: a step failed; the next run loses nothing.
        """
        with self._errors_are_final():
            lines = journal_lines(self._folder)
            if not lines:
                return
            has_grown = history.append(self._folder / HISTORY, lines, tap=self._tap)
            past = self._past(lines)
            done = self._readable_from_history(done_with, past) if done_with else set()
            if done and not past.sections:
                past = replace(past, begins=self._index().first_gapless())
            self._write_snapshot(done, past)
            self._keep_index(has_grown=has_grown)

    def _past(self, lines: Sequence[Line]) -> Past:
        """What a snapshot must say that is written once these lines are in the history."""
        return replace(
            self._records.past,
            seq=self._records.seq,
            files=history.sizes_after(self._folder / HISTORY, self._records.past, lines),
            index_id=self._records.past.index_id or _new_index_id(),
        )

    def _readable_from_history(self, keys: Collection[tuple[str, str]], past: Past) -> set[tuple[str, str]]:
        """Those of these records that the index finds in the history as they are now. The others stay in the snapshot."""
        from exactsend.ledger import index  # noqa: PLC0415 - loads SQLite, which most runs do not need

        self._close_index()
        if not index.update(self._folder, past, tap=self._tap):
            return set()
        self._opened_index = index.Index(self._folder, past)
        return {key for key in keys if self._is_readable_from_history(*key)}

    def _is_readable_from_history(self, section: str, key: str) -> bool:
        with suppress(StateDamaged):
            return (
                self._index().get(section, key, until=self._records.seq)
                == self._records.section(section)[key]
            )
        return False

    def _write_snapshot(self, done: Collection[tuple[str, str]], past: Past) -> None:
        past = replace(past, sections=past.sections | {section for section, _ in done})
        records = self._records.without(done, past)
        snapshot.write(
            self._folder / SNAPSHOT,
            records,
            program=self._program,
            previous=self._folder / PREVIOUS_SNAPSHOT,
            tap=self._tap,
        )
        self._records = records
        self._close_index()
        self._file.close()
        durable_files.replace(self._folder / JOURNAL, b"", name="journal.empty", tap=self._tap)
        self._file = _journal_file(self._folder, [], self._tap)

    def _keep_index(self, *, has_grown: bool) -> None:
        """Let the index follow where much was added, or make it where it is missing and useful."""
        past = self._records.past
        is_useful = past.sections or sum(past.files.values()) >= history.STEP
        if has_grown or (is_useful and not has_index(self._folder, past)):
            from exactsend.ledger import index  # noqa: PLC0415 - loads SQLite, which most runs do not need

            index.update(self._folder, past, tap=self._tap)

    @contextmanager
    def _errors_are_final(self) -> Iterator[None]:
        if self._broken:
            raise LedgerError(
                f"nothing more can be written to {self._folder}: an earlier write was not finished",
                hint="Cure what stopped that one, then run again: nothing is lost.",
            )
        self._broken = True
        yield
        self._broken = False

    def close(self) -> None:
        """Give the files back, without folding; twice is once."""
        self._close_index()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LedgerView(_Readable):
    """The ledger as it was at one moment, read without the lock while a run may be working. Changes and repairs nothing."""

    def __init__(self, folder: Path, records: Records, recent: Sequence[Event]) -> None:
        super().__init__(folder, records)
        self._recent = recent

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what is in ``folder``; without a folder there is nothing in it.

        Raises:
            LedgerError: it can't be read.
            StateDamaged: it is damaged, or newer than this program.
        """
        if conversion.has_archive(folder):
            return cls._read_converted(folder)
        try:
            records, lines = load(folder)
        except StateDamaged:
            # A run may have folded while we read: then it is whole now.
            records, lines = load(folder)
        return cls(folder, records, [line.event for line in lines])

    @classmethod
    def _read_converted(cls, folder: Path) -> Self:
        """Read a copy of a folder of the format before, which only a run may convert."""
        with conversion.copy_of(folder) as copy:
            at = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
            Ledger.open(copy, run_id="", clock=lambda: at, program="").close()
            view = cls.read(copy)
        weakref.finalize(view, shutil.rmtree, copy.parent, ignore_errors=True)
        return view

    def size(self) -> int:
        """The bytes of all its files."""
        with durable_files.touching(self._folder):
            return sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())

    def events(self, *, since: datetime | None = None, names: Collection[str] = ()) -> Iterator[Event]:
        """Every event there ever was, oldest first.

        Args:
            since: none that is older.
            names: those that are named so.

        Raises:
            StateDamaged: a file of the history is damaged.
        """
        starts = self._index().starts(since) if since else {}
        past = history.events(self._folder / HISTORY, since=since, names=names, starts=starts)
        recent = (
            event
            for event in self._recent
            if (since is None or event.at >= since) and (not names or event.name in names)
        )
        return self._of_its_moment(past, recent)

    def first_event(self, since: datetime) -> int:
        """The number of the first event at this moment or later; beyond all where there is none."""
        recent = (event.seq for event in self._recent if event.at >= since)
        return min(self._index().first_event(since), next(recent, _BEYOND_ALL))

    def events_of(self, keys: Collection[tuple[str, str]]) -> Iterator[Event]:
        """The events that changed one of these records, named by section and key, oldest first: it costs the same at any size.

        Raises:
            StateDamaged: what a file of the history has of them is damaged.
        """
        past = self._index().events_of(keys)
        return self._of_its_moment(past, (event for event in self._recent if journal.touches(event, keys)))

    def _of_its_moment(self, past: Iterable[Event], recent: Iterable[Event]) -> Iterator[Event]:
        # A run may have written more since: this is the log of the very records that we show.
        return takewhile(lambda event: event.seq <= self._records.seq, journal.in_order(past, recent))


def _new_index_id() -> int:
    return 1 + randbelow(_GREATEST_INDEX_ID)


def _journal_file(folder: Path, lines: Sequence[Line], tap: Tap) -> AppendOnlyFile:
    whole_bytes = sum(len(line.raw) for line in lines)
    return AppendOnlyFile(folder / JOURNAL, whole_bytes=whole_bytes, name="journal", tap=tap)


def _put(section: str, key: str, record: Mapping[str, Json] | None) -> Put:
    return Put(section, key, None if record is None else dict(record))
