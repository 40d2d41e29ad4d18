"""PDF files as wholes: whether they are sound, several made into one. What stands in them is nobody's business here.

pypdf trips over damaged files in many ways, not only with errors of its own: whatever it raises means that a file is damaged.
"""

from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from exactsend.errors import ExactSendError


def is_sound(file: bytes) -> bool:
    """Whether it can be read, and written again, with at least one page."""
    try:
        return bool(PdfReader(BytesIO(_joined([file]))).pages)
    except Exception:  # noqa: BLE001 - see above
        return False


def merged(files: Sequence[bytes]) -> bytes:
    """One file with the pages of all, in their order.

    Raises:
        ExactSendError: they can't be put together, though each may be sound.
    """
    try:
        return _joined(files)
    except Exception as cause:
        raise ExactSendError(
            "the files that Sendcloud has can't be put together",
            hint="Fetch each in a file of its own: --separate.",
        ) from cause


def pages_of(file: bytes) -> int:
    """How many pages it has; one where that can't be told."""
    try:
        return max(1, len(PdfReader(BytesIO(file)).pages))
    except Exception:  # noqa: BLE001 - see above
        return 1


def _joined(files: Sequence[bytes]) -> bytes:
    together, written = PdfWriter(), BytesIO()
    for file in files:
        together.append(BytesIO(file))
    together.write(written)
    return written.getvalue()
