"""The ledger: records that are there after a power cut, and a log of every event that made them.

START HERE. An event is durable in ``journal.jsonl`` before ``Ledger.record`` returns. ``Ledger.fold``, at the end of a
run, moves the events to ``history/<year>.jsonl``, which are packed once the year is over, and the records to ``ledger.json``, and what nothing is expected of any more
to ``archive/<year>.jsonl.gz``. Each of its steps may be the last: whoever reads next takes the snapshot, with as much of the
archive as it says, and after it the events of history and journal that are not in it yet.

The lock is the caller's business, and so is what records and events mean.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Self

from exactsend.errors import LedgerError, StateDamaged
from exactsend.http.messages import Json
from exactsend.ledger import history, journal, snapshot
from exactsend.ledger.archive import Archive
from exactsend.ledger.blocks import Filed
from exactsend.ledger.journal import Event, Line, Put, Record
from exactsend.ledger.loader import (
    HISTORY,
    JOURNAL,
    PREVIOUS_SNAPSHOT,
    SNAPSHOT,
    introduce,
    journal_lines,
    load,
    private_paths,
)
from exactsend.ledger.number_fields import numbers_of
from exactsend.ledger.snapshot import Records
from exactsend.ledger.stored_problems import with_present_problems
from exactsend.system import durable_files
from exactsend.system.durable_files import AppendOnlyFile, Tap, untapped
from exactsend.system.lock import Clock

_NO_FACTS: Mapping[str, Json] = MappingProxyType({})


class _Readable:
    """What the ledger and a view of it share: the questions."""

    def __init__(self, records: Records, archive: Archive) -> None:
        self._records = records
        self._archive = archive

    def get(self, section: str, key: str) -> Record | None:
        """One record; None where there is none. Not to be changed: a change is a put."""
        recent = self._records.section(section)
        return _read(recent[key] if key in recent else self._archive.get(section, key))

    def items(self, section: str, *, archived_since: int = 0) -> Iterator[tuple[str, Record]]:
        """The records of a section as they are now, in the order of their keys: the archived ones too, which takes its time.

        With ``archived_since`` of the archived ones those that were archived at this event or later.
        """
        everything = self._archive.section(section, since=archived_since) | self._records.section(section)
        return (
            (key, read) for key, record in sorted(everything.items()) if (read := _read(record)) is not None
        )

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, Record]]:
        """The records of a section that bear one of these numbers; which sections have numbers is told by ``numbers``."""
        recent = self._records.section(section)
        keys = {key for key, record in recent.items() if record and numbers_of(section, record) & {*numbers}}
        for key in sorted(keys | self._archive.with_numbers(section, numbers)):
            record = self.get(section, key)
            if record is not None and numbers_of(section, record) & {*numbers}:
                yield key, record

    def stream(self, section: str, *, archived_since: int = 0) -> Iterator[tuple[str, Record]]:
        """The same as ``items``, one by one whatever the memory: the archived ones in the order in which they were archived."""
        recent = self._records.section(section)
        for key, record in self._archive.stream(section, since=archived_since):
            if (read := _read(record)) is not None and key not in recent:
                yield key, read
        yield from self.recent(section)

    def has_archived(self, section: str) -> bool:
        """Whether any record of a section was ever archived."""
        return section in self._records.archived.sections

    def recent(self, section: str) -> Iterator[tuple[str, Record]]:
        """The records of a section that are not archived, in the order of their keys."""
        recent = sorted(self._records.section(section).items())
        return ((key, read) for key, record in recent if (read := _read(record)) is not None)


class Ledger(_Readable):
    """The ledger of one folder, for the one run that holds its lock. Made by ``open``.

    An error while it writes is final: nobody can tell what the disk has, so it takes nothing more. The next ``open`` finds out.
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
        super().__init__(records, Archive(folder, records.archived, writable=True, tap=tap))
        self._folder = folder
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
        records, lines = load(folder)
        durable_files.sweep(folder)
        file = _journal_file(folder, lines, tap)
        return cls(folder, records, file, run_id=run_id, clock=clock, program=program, tap=tap)

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
        # Who reads the events has no archive at hand: what is archived, or not there, is put whole.
        return Put(section, key, change.on(self.get(section, key)))

    def fold(self, done_with: Collection[tuple[str, str]] | None = None) -> None:
        """Move the journal's events to the history and the records to the snapshot; nothing where there are none.

        Args:
            done_with: sections and keys of recent records that nothing is expected of any more: they go to the archive. None where
                that was not asked; once a day it is, and years that are over are packed then.

        Raises:
            LedgerError: it stopped at some step; the next run loses nothing.
        """
        with self._errors_are_final():
            lines = journal_lines(self._folder)
            if not lines:
                return
            past = self._folder / HISTORY
            has_grown = history.append(past, lines, tap=self._tap)
            if done_with is not None:
                has_grown |= history.pack(past, lines[-1].event.at.year, tap=self._tap)
            kept = self._archived(done_with) if done_with and self._archive_takes_more() else self._records
            snapshot.write(
                self._folder / SNAPSHOT,
                kept,
                program=self._program,
                previous=self._folder / PREVIOUS_SNAPSHOT,
                has_packed_years=history.has_packed(past),
                tap=self._tap,
            )
            if kept is not self._records:
                self._archive.reach(kept.archived)
                self._records = kept
            self._empty_journal()
            self._archive.keep_index()
            history.keep_index(past, has_grown=has_grown, tap=self._tap)

    def _archive_takes_more(self) -> bool:
        """Whether records may be added to the archive: where something of it is lost they stay in the snapshot, until it is restored."""
        try:
            self._archive.require_sound()
        except StateDamaged:  # who opened the ledger was told
            return False
        return True

    def _archived(self, done_with: Collection[tuple[str, str]]) -> Records:
        """The records that are left once these are in the archive."""
        filed = [
            Filed(section, key, self._records.section(section)[key], self._records.seq)
            for section, key in sorted(done_with)
        ]
        return self._records.without(set(done_with), self._archive.append(self._clock().year, filed))

    def _empty_journal(self) -> None:
        self._file.close()
        durable_files.replace(self._folder / JOURNAL, b"", name="journal.empty", tap=self._tap)
        self._file = _journal_file(self._folder, [], self._tap)

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
        self._archive.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LedgerView(_Readable):
    """The ledger as it was at one moment, read without the lock while a run may be working. Changes and repairs nothing."""

    def __init__(self, folder: Path, records: Records, recent: Sequence[Event]) -> None:
        super().__init__(records, Archive(folder, records.archived))
        self._folder = folder
        self._recent = recent

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what stands in ``folder``; without a folder there is nothing in it.

        Raises:
            LedgerError: it can't be read.
            StateDamaged: what stands there is damaged, or newer than this program.
        """
        try:
            records, lines = load(folder)
        except StateDamaged:
            # A run may have folded while we read: then it is whole now.
            records, lines = load(folder)
        return cls(folder, records, [line.event for line in lines])

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
        past = history.events(self._folder / HISTORY, since=since, names=names)
        recent = (
            event
            for event in self._recent
            if (since is None or event.at >= since) and (not names or event.name in names)
        )
        return self._of_its_moment(past, recent)

    def events_of(self, keys: Collection[tuple[str, str]]) -> Iterator[Event]:
        """The events that changed one of these records, named by section and key, oldest first: it costs the same at any size.

        Raises:
            StateDamaged: what a file of the history has of them is damaged.
        """
        past = history.events_of(self._folder / HISTORY, keys)
        return self._of_its_moment(past, (event for event in self._recent if journal.touches(event, keys)))

    def _of_its_moment(self, past: Iterable[Event], recent: Iterable[Event]) -> Iterator[Event]:
        # A run may have written more since: this is the log of the very records that we show.
        return takewhile(lambda event: event.seq <= self._records.seq, journal.in_order(past, recent))


def _journal_file(folder: Path, lines: Sequence[Line], tap: Tap) -> AppendOnlyFile:
    whole_bytes = sum(len(line.raw) for line in lines)
    return AppendOnlyFile(folder / JOURNAL, whole_bytes=whole_bytes, name="journal", tap=tap)


def _read(record: Record | None) -> Record | None:
    """A record as it is handed out."""
    return None if record is None else with_present_problems(record)


def _put(section: str, key: str, record: Mapping[str, Json] | None) -> Put:
    return Put(section, key, None if record is None else dict(record))
