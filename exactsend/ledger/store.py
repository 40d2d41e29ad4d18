"""The ledger: records that survive a power cut, and a log of every event that made them.

START HERE. An event is durable in ``journal.jsonl`` before ``Ledger.record`` returns. ``Ledger.fold``, at the end of a run, moves the
events to ``history/<year>.jsonl`` and the open records to ``ledger.json``. Records that were closed long ago leave ``ledger.json``: they
are read from their last event in the history, which ``index.sqlite`` finds. A run may die after any step of a fold: a reader takes the
snapshot, then the events of history and journal that it does not contain yet.

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
    journal_lines,
    load,
    private_paths,
    write_readme,
)
from exactsend.ledger.number_fields import numbers_of
from exactsend.ledger.snapshot import HistoryExtent, Records
from exactsend.ledger.stored_problems import with_present_problems
from exactsend.system import durable_files
from exactsend.system.durable_files import AppendOnlyFile, FaultHook, no_fault
from exactsend.system.lock import Clock

if TYPE_CHECKING:
    from exactsend.ledger.index import Index

_GREATEST_INDEX_ID = (1 << 31) - 1
_BEYOND_ALL = 1 << 62
_NO_FACTS: Mapping[str, Json] = MappingProxyType({})


class _RecordsReader:
    """Reads records: what a ledger and a view of it have in common."""

    def __init__(self, folder: Path, records: Records) -> None:
        self._folder = folder
        self._records = records
        self._opened_index: Index | None = None

    def get(self, section: str, key: str) -> Record | None:
        """One record; None if there is none. Never change it: a change is a put.

        Raises:
            StateDamaged: the history lost its last event, or may have.
        """
        recent = self._records.section(section)
        if key in recent or not self.has_closed(section):
            return _read(recent.get(key))
        return _read(self._index().get(section, key, until=self._records.seq))

    def items(self, section: str, *, since: int = 0) -> Iterator[tuple[str, Record]]:
        """The records of a section as they are now, in the order of their keys, with the closed ones of the history, which takes time.

        ``since`` leaves out the closed ones whose last event has a lower number.
        """
        everything = {**dict(self._closed(section, since)), **self._records.section(section)}
        return (
            (key, read) for key, record in sorted(everything.items()) if (read := _read(record)) is not None
        )

    def stream(self, section: str, *, since: int = 0) -> Iterator[tuple[str, Record]]:
        """The same one by one, so that memory stays small: first the closed ones in the order of their last events."""
        recent = self._records.section(section)
        for key, record in self._closed(section, since):
            if (read := _read(record)) is not None and key not in recent:
                yield key, read
        yield from self.recent(section)

    def _closed(self, section: str, since: int) -> Iterator[tuple[str, Record | None]]:
        if not self.has_closed(section):
            return iter(())
        return self._index().items(section, since=since, until=self._records.seq)

    def with_numbers(self, section: str, numbers: Collection[str]) -> Iterator[tuple[str, Record]]:
        """The records of a section with one of these numbers; ``number_fields`` says which sections have numbers."""
        recent = self._records.section(section)
        found = dict(self.recent(section))
        if self.has_closed(section):
            closed = self._index().with_numbers(section, numbers, until=self._records.seq)
            found |= {key: with_present_problems(record) for key, record in closed if key not in recent}
        for key, record in sorted(found.items()):
            if numbers_of(section, record) & {*numbers}:
                yield key, record

    def has_closed(self, section: str) -> bool:
        """Whether a section has closed records that only the history has."""
        return section in self._records.history_extent.sections

    def recent(self, section: str) -> Iterator[tuple[str, Record]]:
        """The records of a section that are open or were closed recently, in the order of their keys."""
        recent = sorted(self._records.section(section).items())
        return ((key, read) for key, record in recent if (read := _read(record)) is not None)

    def _index(self) -> "Index":
        if self._opened_index is None:
            from exactsend.ledger.index import Index  # noqa: PLC0415 - loads SQLite, which most runs do not need

            self._opened_index = Index(self._folder, self._records.history_extent)
        return self._opened_index

    def _close_index(self) -> None:
        if self._opened_index is not None:
            self._opened_index.close()
            self._opened_index = None


class Ledger(_RecordsReader):
    """The ledger of one folder, for the one run that holds its lock. Made by ``open``.

    An error while writing is final: nobody knows what reached the disk, so the ledger takes nothing more. The next ``open`` finds out.
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
        fault_hook: FaultHook,
    ) -> None:
        super().__init__(folder, records)
        self._file = file
        self._run_id = run_id
        self._clock = clock
        self._program = program
        self._fault_hook = fault_hook
        self._broken = False

    @classmethod
    def open(
        cls, folder: Path, *, run_id: str, clock: Clock, program: str, fault_hook: FaultHook = no_fault
    ) -> Self:
        """Open the ledger in ``folder``, or create it; repair what a crash left.

        ``program`` is the name and version that the files mention.

        Raises:
            LedgerError: others may read or change it, or the disk fails.
            StateDamaged: it is damaged, or newer than this program.
        """
        durable_files.make_private_folder(folder)
        for path in private_paths(folder):
            durable_files.require_private(path)
        write_readme(folder, program)
        was_previous_format = conversion.is_previous_format(folder)
        if was_previous_format:
            conversion.unpack_years(folder, fault_hook)
        records, lines = load(folder)
        for name in (SNAPSHOT, JOURNAL):  # not of last-run.json, which runs write without the lock
            durable_files.remove_leftovers(folder / name)
        file = _journal_file(folder, lines, fault_hook)
        ledger = cls(
            folder, records, file, run_id=run_id, clock=clock, program=program, fault_hook=fault_hook
        )
        if was_previous_format:
            ledger._convert()
        return ledger

    def _convert(self) -> None:
        """Convert a folder of the previous format. If this dies, the next ``open`` starts again."""
        from exactsend.ledger import index  # noqa: PLC0415 - loads SQLite, which most runs do not need

        self._records = replace(
            self._records, history_extent=replace(self._records.history_extent, index_id=_new_index_id())
        )
        index.update(self._folder, self._records.history_extent, fault_hook=self._fault_hook)
        for puts in conversion.batches_of_missing_records(self._folder, self._records, self._index()):
            self.record("ledger_converted", puts=puts)
        begins = self._index().first_gapless()
        lines = journal_lines(self._folder)
        history.append(self._folder / HISTORY, lines, fault_hook=self._fault_hook)
        self._write_snapshot((), replace(self._extent(lines), begins=begins))
        self._update_index(has_grown=True)
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
        """Write an event with all its changes, or nothing. Once this returns, the event survives a power cut.

        Args:
            event: what happened.
            subject: what it is about.
            facts: more about it.
            puts: records as they are from now on; None removes one.
            changes: records of which only these fields change; None removes a field. For records that every run writes and nobody reads
                in a single event.

        Raises:
            LedgerError: it may be written or not. Do nothing that relies on it.
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
            # As a reader finds it: the caller's own objects may change later.
            self._records.apply(journal.decode(line))

    def _change(self, section: str, key: str, fields: Mapping[str, Json]) -> Put:
        change = Put(section, key, dict(fields), is_change=True)
        if self._records.section(section).get(key) is not None:
            return change
        # A record of the history, or a new one, is put whole, so that its last event has all of it.
        return Put(section, key, change.applied_to(self.get(section, key)))

    def fold(self, closed: Collection[tuple[str, str]] = ()) -> None:
        """Move the journal's events to the history and write the snapshot; does nothing without events.

        Args:
            closed: sections and keys of records that were closed long ago: they leave the snapshot.

        Raises:
            LedgerError: a step failed; the next run loses nothing.
        """
        with self._errors_are_final():
            lines = journal_lines(self._folder)
            if not lines:
                return
            has_grown = history.append(self._folder / HISTORY, lines, fault_hook=self._fault_hook)
            extent = self._extent(lines)
            leaving = self._readable_from_history(closed, extent) if closed else set()
            if leaving and not extent.sections:
                extent = replace(extent, begins=self._index().first_gapless())
            self._write_snapshot(leaving, extent)
            self._update_index(has_grown=has_grown)

    def _extent(self, lines: Sequence[Line]) -> HistoryExtent:
        """The extent of the history once these lines are in it."""
        return replace(
            self._records.history_extent,
            seq=self._records.seq,
            files=history.sizes_after(self._folder / HISTORY, self._records.history_extent, lines),
            index_id=self._records.history_extent.index_id or _new_index_id(),
        )

    def _readable_from_history(
        self, keys: Collection[tuple[str, str]], extent: HistoryExtent
    ) -> set[tuple[str, str]]:
        """The records among these that the history yields as they are now. The others stay in the snapshot."""
        from exactsend.ledger import index  # noqa: PLC0415 - loads SQLite, which most runs do not need

        self._close_index()
        if not index.update(self._folder, extent, fault_hook=self._fault_hook):
            return set()
        self._opened_index = index.Index(self._folder, extent)
        return {key for key in keys if self._is_readable_from_history(*key)}

    def _is_readable_from_history(self, section: str, key: str) -> bool:
        with suppress(StateDamaged):
            return (
                self._index().get(section, key, until=self._records.seq)
                == self._records.section(section)[key]
            )
        return False

    def _write_snapshot(self, leaving: Collection[tuple[str, str]], extent: HistoryExtent) -> None:
        extent = replace(extent, sections=extent.sections | {section for section, _ in leaving})
        records = self._records.without(leaving, extent)
        snapshot.write(
            self._folder / SNAPSHOT,
            records,
            program=self._program,
            previous=self._folder / PREVIOUS_SNAPSHOT,
            fault_hook=self._fault_hook,
        )
        self._records = records
        self._close_index()
        self._file.close()
        durable_files.replace(self._folder / JOURNAL, b"", name="journal.empty", fault_hook=self._fault_hook)
        self._file = _journal_file(self._folder, [], self._fault_hook)

    def _update_index(self, *, has_grown: bool) -> None:
        """Update the index if the history has grown, or build it if it is missing and useful."""
        extent = self._records.history_extent
        is_useful = extent.sections or sum(extent.files.values()) >= history.STEP
        if has_grown or (is_useful and not has_index(self._folder, extent)):
            from exactsend.ledger import index  # noqa: PLC0415 - loads SQLite, which most runs do not need

            index.update(self._folder, extent, fault_hook=self._fault_hook)

    @contextmanager
    def _errors_are_final(self) -> Iterator[None]:
        if self._broken:
            raise LedgerError(
                f"nothing more can be written to {self._folder}: an earlier write was not finished",
                hint="Fix what stopped that one, then run again: nothing is lost.",
            )
        self._broken = True
        yield
        self._broken = False

    def close(self) -> None:
        """Close the files, without folding. Calling it twice does no harm."""
        self._close_index()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LedgerView(_RecordsReader):
    """The ledger at one moment, read without the lock, even during a run. Changes and repairs nothing."""

    def __init__(self, folder: Path, records: Records, recent: Sequence[Event]) -> None:
        super().__init__(folder, records)
        self._recent = recent

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read ``folder``; a missing folder is an empty ledger.

        Raises:
            LedgerError: it can't be read.
            StateDamaged: it is damaged, or newer than this program.
        """
        if conversion.is_previous_format(folder):
            return cls._read_converted(folder)
        try:
            records, lines = load(folder)
        except StateDamaged:
            # A run may have folded meanwhile: then it is whole now.
            records, lines = load(folder)
        return cls(folder, records, [line.event for line in lines])

    @classmethod
    def _read_converted(cls, folder: Path) -> Self:
        """Read a converted copy of a folder of the previous format: only a run may convert the folder itself."""
        with conversion.copy_of(folder) as copy:
            at = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
            Ledger.open(copy, run_id="", clock=lambda: at, program="").close()
            view = cls.read(copy)
        weakref.finalize(view, shutil.rmtree, copy.parent, ignore_errors=True)
        return view

    def size(self) -> int:
        """The bytes of all files."""
        with durable_files.disk_errors(self._folder):
            return sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())

    def events(self, *, since: datetime | None = None, names: Collection[str] = ()) -> Iterator[Event]:
        """Every event there ever was, oldest first.

        Args:
            since: leave out what is older.
            names: only events with these names.

        Raises:
            StateDamaged: a file of the history is damaged.
        """
        starts = self._index().starts(since) if since else {}
        older = history.events(self._folder / HISTORY, since=since, names=names, starts=starts)
        recent = (
            event
            for event in self._recent
            if (since is None or event.at >= since) and (not names or event.name in names)
        )
        return self._up_to_this_view(older, recent)

    def first_event(self, since: datetime) -> int:
        """The number of the first event at this moment or later; a huge number if there is none."""
        recent = (event.seq for event in self._recent if event.at >= since)
        return min(self._index().first_event(since), next(recent, _BEYOND_ALL))

    def events_of(self, keys: Collection[tuple[str, str]]) -> Iterator[Event]:
        """The events that changed one of these records, named by section and key, oldest first. Costs the same at any size.

        Raises:
            StateDamaged: one of these events is damaged.
        """
        older = self._index().events_of(keys)
        return self._up_to_this_view(
            older, (event for event in self._recent if journal.changes_any(event, keys))
        )

    def _up_to_this_view(self, older: Iterable[Event], recent: Iterable[Event]) -> Iterator[Event]:
        # A run may have written more since: the events must match the records of this view.
        return takewhile(lambda event: event.seq <= self._records.seq, journal.merged(older, recent))


def _new_index_id() -> int:
    return 1 + randbelow(_GREATEST_INDEX_ID)


def _journal_file(folder: Path, lines: Sequence[Line], fault_hook: FaultHook) -> AppendOnlyFile:
    whole_bytes = sum(len(line.raw) for line in lines)
    return AppendOnlyFile(folder / JOURNAL, whole_bytes=whole_bytes, name="journal", fault_hook=fault_hook)


def _read(record: Record | None) -> Record | None:
    """A record as it is handed out."""
    return None if record is None else with_present_problems(record)


def _put(section: str, key: str, record: Mapping[str, Json] | None) -> Put:
    return Put(section, key, None if record is None else dict(record))
