"""Times as people read them."""

from datetime import datetime


def moment_text(moment: datetime | None) -> str:
    """A time in UTC; "never" for None."""
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
