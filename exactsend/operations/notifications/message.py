"""The words of a digest. Numbers of orders and deliveries, codes and sentences of ours: no names, addresses or secrets."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from exactsend.operations.notifications.digest_state import DigestItem
from exactsend.settings.models import Topic

MOST_LINES = 50
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
    """What is sent."""

    title: str
    body: str


def digest(news: Sequence[DigestItem]) -> Message:
    """All news as one message."""
    return Message(f"exactsend: {_summed_up(news)}", "\n".join(_lines(news)))


def _summed_up(news: Sequence[DigestItem]) -> str:
    counts = Counter(item.topic for item in news)
    labels = sum(item.count for item in news if item.topic == "labels")
    parts = [
        _many(counts["errors"], "new error"),
        _many(counts["cures"], "error") + " cured" if counts["cures"] else "",
        _many(labels, "label") + " bought" if labels else "",
        "purchases stopped" if counts["stops"] else "",
        "sign-in about to end" if counts["sign_in"] else "",
        "runs ended otherwise than before" if counts["status"] else "",
        "a service refuses something, or no longer" if counts["refused"] else "",
    ]
    return ", ".join(part for part in parts if part)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def _lines(news: Sequence[DigestItem]) -> Iterator[str]:
    for topic, heading in _HEADINGS.items():
        those = [item for item in news if item.topic == topic]
        if those:
            yield f"{heading}:"
            yield from (_line(item) for item in those[:MOST_LINES])
            if len(those) > MOST_LINES:
                yield f"  and {len(those) - MOST_LINES} more"
            yield ""
    yield "What needs a person: exactsend errors. How it stands: exactsend status."


def _line(item: DigestItem) -> str:
    text = f"{_many(item.count, 'label')} {item.text}" if item.count else item.text
    return f"  {item.division}: {text}" + (f"\n    → {item.remedy}" if item.remedy else "")
