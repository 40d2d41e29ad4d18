"""Packed pieces that stand in a row in one file: each is a file of gzip by itself, so that one can be read without the others.

``zcat`` shows such a file whole. gzip's own checksum goes with each piece.
"""

import zlib
from typing import BinaryIO

GZIP = b"\x1f\x8b\x08"
"""How a piece begins."""
_BITS = 31
"""zlib's number for gzip's format."""


def packed(content: bytes) -> bytes:
    """A piece."""
    packer = zlib.compressobj(wbits=_BITS)
    return packer.compress(content) + packer.flush()


def unpacked(file: BinaryIO, start: int) -> tuple[bytes, int]:
    """The content of the piece that begins at a byte of a file, and where the next one begins.

    Raises:
        zlib.error: none does, or it is not what was written.
    """
    file.seek(start)
    unpacker = zlib.decompressobj(_BITS)
    content = bytearray()
    while not unpacker.eof:
        piece = file.read(1 << 14)
        if not piece:
            raise zlib.error("cut short")
        content += unpacker.decompress(piece)
    return bytes(content), file.tell() - len(unpacker.unused_data)
