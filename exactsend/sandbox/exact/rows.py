"""Stored rows, found by key, by indexed field and by row version."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

StoredValue = str | int | float | bool | bytes | datetime | date | None
"""The value of a field. A ``date`` has no time or zone; a ``datetime`` is aware. Guids are lower-case text."""


@dataclass(slots=True)
class StoredRow:
    """A row. Fields that are not in ``values`` are null."""

    key: str
    sequence: int
    """Its position among all rows ever added."""
    version: int
    """The row version; Exact calls it ``Timestamp``."""
    changed_at: datetime
    values: dict[str, StoredValue]

    def __getitem__(self, name: str) -> StoredValue:
        return self.values.get(name)

    @property
    def ids(self) -> tuple[str, ...]:
        """Its key, and the id that a twin shares with another row."""
        shown = self.values.get("ID")
        return (self.key, shown) if isinstance(shown, str) and shown != self.key else (self.key,)

    def text(self, name: str) -> str:
        """The text of a field; empty when it is null."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """The whole number in a field; 0 when it is null."""
        value = self.values.get(name)
        return value if isinstance(value, int) else 0

    def amount(self, name: str) -> float:
        """The quantity or amount in a field; 0 when it is null."""
        value = self.values.get(name)
        return float(value) if isinstance(value, (int, float)) else 0.0


@dataclass
class StoredTable:
    """The rows of a table."""

    name: str
    key_field: str
    indexed: tuple[str, ...] = ()
    _rows: dict[str, StoredRow] = field(default_factory=dict)
    _by_version: dict[str, StoredRow] = field(default_factory=dict)
    """The same rows, the last changed row at the end."""
    _index: dict[tuple[str, StoredValue], dict[str, StoredRow]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[StoredRow]:
        return iter(self._rows.values())

    def get(self, key: StoredValue) -> StoredRow | None:
        """The row with this key."""
        return self._rows.get(str(key).lower())

    def find(self, name: str, value: StoredValue) -> list[StoredRow]:
        """The rows whose field has this value, oldest first."""
        if name in self.indexed:
            return list(self._index.get((name, value), {}).values())
        if name == self.key_field:
            row = self.get(value)
            return [row] if row else []
        return [row for row in self if row[name] == value]

    def newer_than(self, version: int) -> list[StoredRow]:
        """The rows changed after this row version, in the order in which they changed."""
        newer: list[StoredRow] = []
        for row in reversed(self._by_version.values()):
            if row.version <= version:
                break
            newer.append(row)
        newer.reverse()
        return newer

    def put(self, row: StoredRow) -> None:
        """Add a row."""
        self._rows[row.key] = row
        self._by_version[row.key] = row
        self._add_to_index(row, self.indexed)

    def change(self, row: StoredRow, values: Mapping[str, StoredValue]) -> None:
        """Change fields of a row, but not its version: see ``move_to_end``."""
        reindexed = [name for name in self.indexed if name in values and values[name] != row[name]]
        self._remove_from_index(row, reindexed)
        row.values.update(values)
        self._add_to_index(row, reindexed)

    def move_to_end(self, row: StoredRow) -> None:
        """Order a row last, because it has been given the highest version."""
        self._by_version[row.key] = self._by_version.pop(row.key)

    def remove(self, row: StoredRow) -> None:
        """Remove a row."""
        self._remove_from_index(row, self.indexed)
        del self._rows[row.key]
        del self._by_version[row.key]

    def copied(self) -> "StoredTable":
        """A copy of the table and its rows."""
        copies = {key: replace(row, values=dict(row.values)) for key, row in self._rows.items()}
        table = StoredTable(self.name, self.key_field, self.indexed)
        for row in copies.values():
            table.put(row)
        for key in self._by_version:
            table.move_to_end(copies[key])
        return table

    def _add_to_index(self, row: StoredRow, names: Iterable[str]) -> None:
        for name in names:
            self._index.setdefault((name, row[name]), {})[row.key] = row

    def _remove_from_index(self, row: StoredRow, names: Iterable[str]) -> None:
        for name in names:
            self._index.get((name, row[name]), {}).pop(row.key, None)


def first(rows: Iterable[StoredRow]) -> StoredRow | None:
    """The first row, or None."""
    return next(iter(rows), None)
