"""The open records as one readable file, ``ledger.json``: how it is written, sealed and read back.

A shortcut, not the truth: it can be made again from the events. Its checksum covers every byte that follows it.
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
"""Of the whole folder's format. A program that writes another format writes a snapshot with it before its first event."""
_WITH_ARCHIVE = frozenset({1, 2, 3})
"""The format before: an archive next to the history, or neither. ``conversion`` takes its records over."""

Section = dict[str, Record | None]
"""Records by key; None says that the record of this key, which only the history has, was removed since."""


@dataclass(frozen=True)
class Past:
    """What a snapshot says about the history that it was written after."""

    seq: int = 0
    """The last event that the history has."""
    begins: int = 1
    """The first event that the history must have: before it, old years were already missing when records first left the snapshot."""
    files: Mapping[str, int] = field(default_factory=dict)
    """The bytes of each file, by its name."""
    sections: frozenset[str] = frozenset()
    """The sections that have records which only the history has."""
    index_id: int = 0
    """The number that marks this ledger's index; 0 before there is one."""


@dataclass
class Records:
    """What is known after event number ``seq``, apart from what only the history has. Changes by events only."""

    seq: int = 0
    sections: dict[str, Section] = field(default_factory=dict)
    past: Past = field(default_factory=Past)

    def section(self, name: str) -> Section:
        """The records of a section. To be read only."""
        return self.sections.get(name, {})

    def apply(self, event: Event) -> None:
        """Take over what ``event`` changed."""
        for put in event.puts:
            name, key = put.section, put.key
            record = put.on(self.section(name).get(key))
            if record is None and name not in self.past.sections:
                self.sections.get(name, {}).pop(key, None)
            else:
                self.sections.setdefault(name, {})[key] = record
        self.seq = event.seq

    def without(self, keys: Collection[tuple[str, str]], past: Past) -> "Records":
        """The same without these, which only the history has from now on."""
        left = {
            name: {key: record for key, record in section.items() if (name, key) not in keys}
            for name, section in self.sections.items()
        }
        return Records(self.seq, left, past)


class _History(TypedDict):
    begins: int
    files: dict[str, int]
    index_id: int
    sections: list[str]


class Archived(TypedDict):
    """What a snapshot of the format before says about its archive."""

    files: dict[str, int]
    """The bytes that count, by the name of the file."""
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


def write(path: Path, records: Records, *, program: str, previous: Path, tap: durable_files.Tap) -> None:
    """Replace the snapshot at ``path``; the one before stays as ``previous``."""
    durable_files.replace(path, _render(records, program), name="snapshot", tap=tap, previous=previous)


def _render(records: Records, program: str) -> bytes:
    """One record a line: fast to write, and a person finds what changed between two snapshots."""
    past = records.past
    sections: list[Json] = [*sorted(past.sections)]
    about: dict[str, Json] = {
        "history": {
            "begins": past.begins,
            "files": dict(past.files),
            "index_id": past.index_id,
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


# One for all: to make an encoder takes longer than to encode a record.
_json = json.JSONEncoder(sort_keys=True, allow_nan=False).encode


def _checksum(rest: bytes) -> bytes:
    return b"%08x" % zlib.crc32(rest)


def read(path: Path) -> Records:
    """The records of a snapshot.

    Raises:
        StateDamaged: it is no snapshot, not what was written, or newer than this program.
    """
    document = _document(path)
    seq = document["seq"]
    if history := document.get("history"):
        sections = frozenset(history["sections"])
        past = Past(seq, history["begins"], history["files"], sections, history["index_id"])
    else:
        past = Past(seq, sections=frozenset(_archived(document)["sections"]))
    return Records(seq, document["sections"], past)


def archived(path: Path) -> Archived:
    """What a snapshot says about an archive. Raises as ``read``."""
    return _archived(_document(path))


def _archived(document: _Document) -> Archived:
    return document.get("archive") or Archived(files={}, sections=[])


def _document(path: Path) -> _Document:
    with durable_files.touching(path):
        content = path.read_bytes()
    try:
        document: _Document = json.loads(content)
        version = document["version"]
    except (ValueError, KeyError, TypeError):
        raise _damaged(path, "it is no snapshot") from None
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
        hint=f"Put {path.name}.1 in its place, or where there is none move it away: the rest is read again from the history.",
    )
