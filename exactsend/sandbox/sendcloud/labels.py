"""Label files: small real PDFs with readable text, and the same in ZPL and PNG.

Written by hand: pages of text do not need a PDF library.
"""

import struct
import zlib
from collections.abc import Sequence
from decimal import Decimal

from exactsend.sandbox.json_tree import objects_at, text
from exactsend.sandbox.sendcloud.records import Shipment, StoredParcel

POINTS = {"A4": (595, 842), "A5": (420, 595), "A6": (298, 420)}
"""Paper sizes in PDF points."""
_A6_INCHES = (4.13, 5.83)


def label_lines(
    shipment: Shipment, parcel: StoredParcel, kind: str, *, price_per_piece: bool = True
) -> list[str]:
    """The printed lines; only the customs declaration lists the items."""
    to = shipment.to_address
    items = _declared_items(parcel, price_per_piece=price_per_piece) if kind == "customs-declaration" else []
    return [
        f"SANDBOX {kind.upper()} - NOT VALID FOR POSTAGE",
        f"{shipment.option.carrier.name}: {shipment.option.name}",
        f"Tracking: {parcel.tracking_number}",
        f"Order: {shipment.order_number}",
        text(to, "name"),
        text(to, "company_name"),
        f"{text(to, 'address_line_1')} {text(to, 'house_number')}".strip(),
        text(to, "address_line_2"),
        f"{text(to, 'postal_code')} {text(to, 'city')}",
        text(to, "country_code"),
        f"Weight: {text(parcel.body, 'weight', 'value')} {text(parcel.body, 'weight', 'unit')}",
        *items,
    ]


def _declared_items(parcel: StoredParcel, *, price_per_piece: bool) -> list[str]:
    """Each item with the value of all its pieces."""
    lines = []
    for item in objects_at(parcel.body, "parcel_items"):
        pieces = Decimal(text(item, "quantity") or "1")
        value = Decimal(text(item, "price", "value") or "0") * (pieces if price_per_piece else 1)
        lines.append(f"{pieces} x {text(item, 'description')}: {value:.2f} {text(item, 'price', 'currency')}")
    return lines


def pdf(pages: Sequence[Sequence[str]], paper_size: str = "A6") -> bytes:
    """A PDF; each page is a list of lines."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * page} 0 R" for page in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        objects += [_page(5 + 2 * number, POINTS[paper_size]), _content(lines, POINTS[paper_size][1])]
    return _file(objects)


def _page(content_number: int, size: tuple[int, int]) -> bytes:
    box = f"/MediaBox [0 0 {size[0]} {size[1]}]"
    resources = "/Resources << /Font << /F1 3 0 R >> >>"
    return f"<< /Type /Page /Parent 2 0 R {box} {resources} /Contents {content_number} 0 R >>".encode()


def _content(lines: Sequence[str], height: int) -> bytes:
    shown = b" T* ".join(b"(" + _escaped(line) + b") Tj" for line in lines if line)
    stream = b"BT /F1 10 Tf 16 TL 14 %d Td %s ET" % (height - 30, shown)
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)


def _escaped(line: str) -> bytes:
    written = line.encode("cp1252", errors="replace")
    return written.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def _file(objects: Sequence[bytes]) -> bytes:
    """The objects in sequence, then the table of their positions."""
    written, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, entries)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        len(written),
    )
    return written + table + trailer


def zpl(pages: Sequence[Sequence[str]]) -> bytes:
    """The same text for a label printer."""
    labels = [
        "^XA"
        + "".join(f"^FO40,{40 + 40 * row}^ADN,18,10^FD{line}^FS" for row, line in enumerate(lines))
        + "^XZ"
        for lines in pages
    ]
    return "\n".join(labels).encode()


def png(dpi: int) -> bytes:
    """A blank A6 image at this resolution."""
    width, height = (round(inches * dpi) for inches in _A6_INCHES)
    row = b"\x00" + b"\xff" * ((width + 7) // 8)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(row * height)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
