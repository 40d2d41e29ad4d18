"""The records as one readable file, ``ledger.json``: how it is written, sealed and read back.

A shortcut, not the truth: what it says can be made anew from the events. Its checksum covers every byte that follows it.
"""

import json
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import NotRequired, TypedDict

from exactsend.errors import StateDamaged
from exactsend.http.messages import Json
from exactsend.ledger.blocks import Extent
from exactsend.ledger.journal import Event, Record
from exactsend.system import durable_files

VERSION = 3
"""Of the whole folder's format. A program that writes another format writes a snapshot with it before its first event."""
_WITHOUT_PACKED_YEARS = 2
"""What a snapshot is that has no packed years beside it: programs that know of none may read it."""
_WITHOUT_ARCHIVE = 1
"""Likewise where there is no archive either."""

Section = dict[str, Record | None]
"""Records by key; None says that what the archive has of this key was removed since."""


@dataclass
class Records:
    """What is known after event number ``seq``, apart from what is archived. Changes by events only."""

    seq: int = 0
    sections: dict[str, Section] = field(default_factory=dict)
    archived: Extent = field(default_factory=Extent)

    def section(self, name: str) -> Section:
        """The records of a section. To be read only."""
        return self.sections.get(name, {})

    def apply(self, event: Event) -> None:
        """Take over what ``event`` changed."""
        for put in event.puts:
            name, key = put.section, put.key
            record = put.on(self.section(name).get(key))
            if record is None and name not in self.archived.sections:
                self.sections.get(name, {}).pop(key, None)
            else:
                self.sections.setdefault(name, {})[key] = record
        self.seq = event.seq

    def without(self, keys: Collection[tuple[str, str]], archived: Extent) -> "Records":
        """The same, but for these, which are archived now."""
        left = {
            name: {key: record for key, record in section.items() if (name, key) not in keys}
            for name, section in self.sections.items()
        }
        return Records(self.seq, left, archived)


class _Archived(TypedDict):
    files: dict[str, int]
    sections: list[str]


class _Document(TypedDict):
    checksum: str
    archive: NotRequired[_Archived]
    sections: dict[str, Section]
    seq: int
    version: int
    written_by: str


_HEAD = b'{\n "checksum": "'
_CHECKSUM_LENGTH = 8


def write(
    path: Path,
    records: Records,
    *,
    program: str,
    previous: Path,
    has_packed_years: bool = False,
    tap: durable_files.Tap,
) -> None:
    """Replace the snapshot at ``path``; the one before stays as ``previous``."""
    content = _render(records, program, _version(records, has_packed_years=has_packed_years))
    durable_files.replace(path, content, name="snapshot", tap=tap, previous=previous)


def _version(records: Records, *, has_packed_years: bool) -> int:
    if has_packed_years:
        return VERSION
    return _WITHOUT_PACKED_YEARS if records.archived.files else _WITHOUT_ARCHIVE


def _render(records: Records, program: str, version: int) -> bytes:
    """One record a line: as quick as can be, and a person finds what changed between two snapshots."""
    about: dict[str, Json] = {
        "seq": records.seq,
        "version": version,
        "written_by": program,
    }
    if records.archived.files:
        sections: list[Json] = [*sorted(records.archived.sections)]
        about["archive"] = {"files": dict(records.archived.files), "sections": sections}
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
    with durable_files.touching(path):
        content = path.read_bytes()
    try:
        document: _Document = json.loads(content)
        version = document["version"]
    except (ValueError, KeyError, TypeError):
        raise _damaged(path, "it is no snapshot") from None
    if version not in {VERSION, _WITHOUT_PACKED_YEARS, _WITHOUT_ARCHIVE}:
        raise _foreign(path, document)
    rest = content[len(_HEAD) + _CHECKSUM_LENGTH :]
    if content != _HEAD + _checksum(rest) + rest:
        raise _damaged(path, "its checksum does not fit its content")
    archived = document.get("archive") or _Archived(files={}, sections=[])
    extent = Extent(archived["files"], frozenset(archived["sections"]))
    return Records(document["seq"], document["sections"], extent)


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
