"""The text of a digest: numbers of orders and deliveries, codes and our own sentences, but no names, addresses or secrets."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from exactsend.operations.notifications.digest_state import DigestItem
from exactsend.settings.models import Topic

MAX_LINES = 50
_HEADINGS: dict[Topic | Literal["refused"], str] = {
    "stops": "Purchases stopped",
    "status": "Runs",
    "sign_in": "Sign-in",
    "refused": "Refused by a service",
    "errors": "Needs a person",
    "cures": "No longer an error",
    "labels": "Labels",
}
"""In the order of the digest."""


@dataclass(frozen=True)
class Message:
    """A message as it is sent."""

    title: str
    body: str


def digest(news: Sequence[DigestItem]) -> Message:
    """All news as one message."""
    return Message(f"exactsend: {_title(news)}", "\n".join(_lines(news)))


def _title(news: Sequence[DigestItem]) -> str:
    counts = Counter(item.topic for item in news)
    labels = sum(item.count for item in news if item.topic == "labels")
    parts = [
        _counted(counts["errors"], "new error"),
        _counted(counts["cures"], "error") + " cured" if counts["cures"] else "",
        _counted(labels, "label") + " bought" if labels else "",
        "purchases stopped" if counts["stops"] else "",
        "sign-in about to end" if counts["sign_in"] else "",
        "run status changed" if counts["status"] else "",
        "refused requests changed" if counts["refused"] else "",
    ]
    return ", ".join(part for part in parts if part)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def _lines(news: Sequence[DigestItem]) -> Iterator[str]:
    for topic, heading in _HEADINGS.items():
        items = [item for item in news if item.topic == topic]
        if items:
            yield f"{heading}:"
            yield from (_line(item) for item in items[:MAX_LINES])
            if len(items) > MAX_LINES:
                yield f"  and {len(items) - MAX_LINES} more"
            yield ""
    yield "To see what needs a person: exactsend errors. For an overview: exactsend status."


def _line(item: DigestItem) -> str:
    text = f"{_counted(item.count, 'label')} {item.text}" if item.count else item.text
    return f"  {item.division}: {text}" + (f"\n    → {item.remedy}" if item.remedy else "")
