"""Checks and merges PDF files.

pypdf fails on damaged files in many ways, not only with errors of its own: any exception means that a file is damaged.
"""

from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from exactsend.errors import ExactSendError


def is_sound(file: bytes) -> bool:
    """Whether a file can be read and written, with at least one page."""
    try:
        return bool(PdfReader(BytesIO(_joined([file]))).pages)
    except Exception:  # noqa: BLE001 - see above
        return False


def merged(files: Sequence[bytes]) -> bytes:
    """One file with the pages of all, in their order.

    Raises:
        ExactSendError: they can't be merged, though each may be sound.
    """
    try:
        return _joined(files)
    except Exception as cause:
        raise ExactSendError(
            "Sendcloud's files can't be merged", hint="Save each in a file of its own: --separate."
        ) from cause


def page_count(file: bytes) -> int:
    """The number of pages; 1 where it can't be read."""
    try:
        return max(1, len(PdfReader(BytesIO(file)).pages))
    except Exception:  # noqa: BLE001 - see above
        return 1


def _joined(files: Sequence[bytes]) -> bytes:
    writer, output = PdfWriter(), BytesIO()
    for file in files:
        writer.append(BytesIO(file))
    writer.write(output)
    return output.getvalue()
