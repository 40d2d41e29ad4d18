"""The open records in one readable file, ``ledger.json``: how it is written, checked and read back.

It is not the truth: it can be rebuilt from the events. Its checksum covers every byte that follows it.
"""

import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NotRequired, TypedDict

from exactsend.errors import StateDamaged
from exactsend.http.messages import Json
from exactsend.ledger.journal import Event, Record
from exactsend.system import durable_files

VERSION = 4
"""The version of the folder's format."""
_WITH_ARCHIVE = frozenset({1, 2, 3})
"""The previous format: with an archive, packed years, both or neither. ``conversion`` converts it."""

Section = dict[str, Record | None]
"""Records by key. None: the record, which only the history has, was removed since."""


@dataclass(frozen=True)
class HistoryExtent:
    """What a snapshot says about the history at the time it was written."""

    seq: int = 0
    """The last event that the history has."""
    begins: int = 1
    """The first event that the history must have. Earlier ones were already missing when records first left the snapshot."""
    files: Mapping[str, int] = field(default_factory=dict)
    """The bytes of each file, by its name."""
    sections: frozenset[str] = frozenset()
    """The sections with records that only the history has."""
    index_id: int = 0
    """The random number that marks this ledger's index; 0: there is no index yet."""


@dataclass
class Records:
    """The records after event number ``seq``, except those that only the history has. Only events change them."""

    seq: int = 0
    sections: dict[str, Section] = field(default_factory=dict)
    history_extent: HistoryExtent = field(default_factory=HistoryExtent)

    def section(self, name: str) -> Section:
        """The records of a section. Do not change them."""
        return self.sections.get(name, {})

    def apply(self, event: Event) -> None:
        """Apply the changes of ``event``."""
        for put in event.puts:
            name, key = put.section, put.key
            record = put.applied_to(self.section(name).get(key))
            if record is None and name not in self.history_extent.sections:
                self.sections.get(name, {}).pop(key, None)
            else:
                self.sections.setdefault(name, {})[key] = record
        self.seq = event.seq

    def without(self, keys: Collection[tuple[str, str]], extent: HistoryExtent) -> "Records":
        """The same records without these, which from now on only the history has."""
        left = {
            name: {key: record for key, record in section.items() if (name, key) not in keys}
            for name, section in self.sections.items()
        }
        return Records(self.seq, left, extent)


class _History(TypedDict):
    begins: int
    files: dict[str, int]
    index_id: int
    sections: list[str]


class Archived(TypedDict):
    """What a snapshot of the previous format says about its archive."""

    files: dict[str, int]
    """How many bytes of each file count, by its name."""
    sections: list[str]


class _Document(TypedDict):
    checksum: str
    archive: NotRequired[Archived]
    history: NotRequired[_History]
    sections: dict[str, Section]
    seq: int
    version: int
    written_by: str


_HEAD = b'{\n "checksum": "'
_CHECKSUM_LENGTH = 8


def write(
    path: Path, records: Records, *, program: str, previous: Path, fault_hook: durable_files.FaultHook
) -> None:
    """Replace the snapshot at ``path`` and keep the old one as ``previous``."""
    durable_files.replace(
        path, _render(records, program), name="snapshot", fault_hook=fault_hook, previous=previous
    )


def _render(records: Records, program: str) -> bytes:
    """One record per line: fast to write, and easy to compare."""
    extent = records.history_extent
    sections: list[Json] = [*sorted(extent.sections)]
    about: dict[str, Json] = {
        "history": {
            "begins": extent.begins,
            "files": dict(extent.files),
            "index_id": extent.index_id,
            "sections": sections,
        },
        "seq": records.seq,
        "version": VERSION,
        "written_by": program,
    }
    lines = [f' "{name}": {_json(value)}' for name, value in sorted(about.items())]
    all_records = ",\n".join(_section(name, section) for name, section in sorted(records.sections.items()))
    lines.append(f' "sections": {{\n{all_records}\n }}')
    rest = ('",\n' + ",\n".join(lines) + "\n}\n").encode("ascii")
    return _HEAD + _checksum(rest) + rest


def _section(name: str, section: Section) -> str:
    records = ",\n".join(f"   {_json(key)}: {_json(record)}" for key, record in sorted(section.items()))
    return f"  {_json(name)}: {{\n{records}\n  }}"


# Shared: creating an encoder takes longer than encoding a record.
_json = json.JSONEncoder(sort_keys=True, allow_nan=False).encode


def _checksum(rest: bytes) -> bytes:
    return b"%08x" % zlib.crc32(rest)


def read(path: Path) -> Records:
    """The records of a snapshot.

    Raises:
        StateDamaged: it is not a snapshot, not what was written, or newer than this program.
    """
    document = _document(path)
    seq = document["seq"]
    if history := document.get("history"):
        sections = frozenset(history["sections"])
        extent = HistoryExtent(seq, history["begins"], history["files"], sections, history["index_id"])
    else:
        extent = HistoryExtent(seq, sections=frozenset(_archived(document)["sections"]))
    return Records(seq, document["sections"], extent)


def archived(path: Path) -> Archived:
    """What a snapshot says about an archive. Raises the same as ``read``."""
    return _archived(_document(path))


def _archived(document: _Document) -> Archived:
    return document.get("archive") or Archived(files={}, sections=[])


def _document(path: Path) -> _Document:
    with durable_files.disk_errors(path):
        content = path.read_bytes()
    try:
        document: _Document = json.loads(content)
        version = document["version"]
    except (ValueError, KeyError, TypeError):
        raise _damaged(path, "it is not a snapshot") from None
    if version != VERSION and version not in _WITH_ARCHIVE:
        raise _foreign(path, document)
    rest = content[len(_HEAD) + _CHECKSUM_LENGTH :]
    if content != _HEAD + _checksum(rest) + rest:
        raise _damaged(path, "its checksum does not fit its content")
    return document


def _foreign(path: Path, document: _Document) -> StateDamaged:
    writer = document.get("written_by", "another program")
    return StateDamaged(
        f"{path} has format {document['version']} and was written by {writer}; this program knows format {VERSION}",
        hint="Upgrade exactsend; to go back, restore the folder's backup from before the upgrade.",
    )


def _damaged(path: Path, what: str) -> StateDamaged:
    return StateDamaged(
        f"{path} is damaged: {what}",
        hint=f"Replace it with {path.name}.1, or move it away if there is none: the rest is read from the history.",
    )
