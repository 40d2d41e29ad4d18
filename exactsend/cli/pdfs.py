"""PDF files as wholes: several made into one. What stands in them is nobody's business here."""

from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from exactsend.errors import ExactSendError


def merged(files: Sequence[bytes]) -> bytes:
    """One file with the pages of all, in their order.

    Raises:
        ExactSendError: one of them is no sound PDF.
    """
    together, written = PdfWriter(), BytesIO()
    try:
        for file in files:
            together.append(BytesIO(file))
        together.write(written)
    except PyPdfError as cause:
        raise ExactSendError(
            "the files that Sendcloud has can't be put together: one is no sound PDF",
            hint="Fetch each in a file of its own: --separate.",
        ) from cause
    return written.getvalue()


def pages_of(file: bytes) -> int:
    """How many pages it has; one where that can't be told."""
    try:
        return max(1, len(PdfReader(BytesIO(file)).pages))
    except PyPdfError:
        return 1
