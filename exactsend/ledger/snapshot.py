"""The records as one readable file, ``ledger.json``: how it is written, sealed and read back.

A shortcut, not the truth: what it says can be made anew from the events. Its checksum covers every byte that follows it.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from exactsend.errors import StateDamaged
from exactsend.ledger import durable
from exactsend.ledger.journal import Event, Record

VERSION = 1
"""Of the whole folder's format. A program that writes another format writes a snapshot with it before its first event."""


@dataclass
class Records:
    """What is known after event number ``seq``. Changes by events only."""

    seq: int = 0
    sections: dict[str, dict[str, Record]] = field(default_factory=dict)

    def get(self, section: str, key: str) -> Record | None:
        """One record; None where there is none."""
        return self.sections.get(section, {}).get(key)

    def items(self, section: str) -> Iterator[tuple[str, Record]]:
        """The records of a section as they are now, in the order of their keys."""
        return iter(sorted(self.sections.get(section, {}).items()))

    def apply(self, event: Event) -> None:
        """Take over what ``event`` changed."""
        for section, key, record in event.puts:
            if record is None:
                self.sections.get(section, {}).pop(key, None)
            else:
                self.sections.setdefault(section, {})[key] = record
        self.seq = event.seq


class _Document(TypedDict):
    checksum: str
    sections: dict[str, dict[str, Record]]
    seq: int
    version: int
    written_by: str


_HEAD = b'{\n "checksum": "'
_CHECKSUM_LENGTH = 8


def write(path: Path, records: Records, *, program: str, previous: Path, tap: durable.Tap) -> None:
    """Replace the snapshot at ``path``; the one before stays as ``previous``."""
    content = _render(records, program)
    durable.replace(path, content, name="snapshot", tap=tap, previous=previous)


def _render(records: Records, program: str) -> bytes:
    document: _Document = {
        "checksum": "0" * _CHECKSUM_LENGTH,  # sorted first
        "sections": records.sections,
        "seq": records.seq,
        "version": VERSION,
        "written_by": program,
    }
    content = json.dumps(document, indent=1, sort_keys=True, allow_nan=False).encode("ascii") + b"\n"
    rest = content[len(_HEAD) + _CHECKSUM_LENGTH :]
    return _HEAD + _checksum(rest) + rest


def _checksum(rest: bytes) -> bytes:
    return b"%08x" % zlib.crc32(rest)


def read(path: Path) -> Records:
    """The records of a snapshot.

    Raises:
        StateDamaged: it is no snapshot, not what was written, or newer than this program.
    """
    with durable.touching(path):
        content = path.read_bytes()
    try:
        document: _Document = json.loads(content)
        version = document["version"]
    except (ValueError, KeyError, TypeError):
        raise _damaged(path, "it is no snapshot") from None
    if version != VERSION:
        raise _foreign(path, document)
    rest = content[len(_HEAD) + _CHECKSUM_LENGTH :]
    if content != _HEAD + _checksum(rest) + rest:
        raise _damaged(path, "its checksum does not fit its content")
    return Records(document["seq"], document["sections"])


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
