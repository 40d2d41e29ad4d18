"""The deliveries as the page's script reads them: short, since there may be many, and nothing in it that could end a script."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from exactsend.http.messages import Json
from exactsend.views.dashboard.phrases import CAUSE_WORDS
from exactsend.views.dashboard.service_links import Links
from exactsend.views.data.values import DeliveryView, LabelState
from exactsend.views.text.outcome_phrases import reason_text
from exactsend.views.text.terminal_escape import shown_on_one_line

MOST = 20_000
"""More rows would make the page slow to open; the newest are kept, and the page says so."""
LONGEST = 300
"""Of a text that came from a service."""

STATE_WORDS = {
    LabelState.WAITING: "Waits for its label",
    LabelState.HELD: "Held",
    LabelState.UNKNOWN: "Not answered yet",
    LabelState.LABELLED: "Label",
    LabelState.LEFT_ALONE: "Left alone",
    LabelState.GONE: "Deleted in Exact",
}
_PLACES = {state: place for place, state in enumerate(STATE_WORDS)}
_HOW = {"bought": "bought", "found": "found again", "adopted": "made by hand"}


class _Numbered:
    """Texts that occur often, each written once and then known by its number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._places: dict[str, int] = {}

    def place_of(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = len(self.texts)
            self.texts.append(text)
        return self._places[text]


class _Texts:
    """The texts that rows refer to by number."""

    def __init__(self) -> None:
        self.divisions, self.notes, self.carriers = _Numbered(), _Numbered(), _Numbered()

    def row(self, view: DeliveryView) -> list[Json]:
        """One row; the script knows its fields by their places."""
        return [
            self.divisions.place_of(view.division),
            view.record.number,
            orders_text(view),
            _PLACES[view.state],
            self.notes.place_of(note(view)),
            self.carriers.place_of(carrier(view)),
            tracking(view),
            minutes(view.at),
            shipment(view),
        ]


def rows_json(views: Sequence[DeliveryView], links: Links) -> str:
    """The rows, and the texts that they refer to, as JSON that may stand in a script element."""
    texts = _Texts()
    rows = [texts.row(view) for view in views]
    document: Json = {
        "divisions": list(texts.divisions.texts),
        "states": [state.value for state in STATE_WORDS],
        "words": list(STATE_WORDS.values()),
        "notes": list(texts.notes.texts),
        "carriers": list(texts.carriers.texts),
        "labels": links.labels,
        "rows": [*rows],
    }
    return script_safe(document)


def script_safe(document: Json) -> str:
    """JSON without a character that could begin a tag or a comment."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def minutes(moment: datetime) -> int:
    """A moment as whole minutes since 1970."""
    return int(moment.timestamp() // 60)


def orders_text(view: DeliveryView) -> str:
    """The orders that a delivery covers."""
    return ", ".join(map(str, view.record.order_numbers))


def note(view: DeliveryView) -> str:
    """What there is to say beside the state: why, how, and whether it stands in Exact."""
    record = view.record
    match view.state:
        case LabelState.LABELLED:
            assert record.label is not None
            return f"{_HOW[record.label.how]}, {'in Exact' if view.is_written_back else 'not in Exact yet'}"
        case LabelState.HELD:
            return ", ".join(CAUSE_WORDS[problem.code] for problem in record.problems.values())
        case LabelState.LEFT_ALONE:
            return reason_text(record.excluded)
        case _:
            return ""


def carrier(view: DeliveryView) -> str:
    """The carrier of its label."""
    return plain(view.record.label.carrier) if view.record.label else ""


def tracking(view: DeliveryView) -> str:
    """The tracking numbers of its label."""
    label = view.record.label
    return plain(", ".join(label.tracking_numbers)) if label else ""


def shipment(view: DeliveryView) -> str:
    """The shipment that is its label."""
    return plain(view.record.label.shipment) if view.record.label else ""


def link(view: DeliveryView, links: Links) -> str:
    """Where its label is in Sendcloud's panel; empty without one, or where the panel is not known."""
    orders = view.record.order_numbers
    return links.label(str(orders[0])) if view.record.label and orders else ""


def plain(text: str) -> str:
    """Text from a service: nothing in it hides or turns what stands beside it, and it has an end."""
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return text
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return shown_on_one_line(short)


def newest(views: Iterable[DeliveryView]) -> list[DeliveryView]:
    """All of these, newest first."""
    return sorted(views, key=lambda delivery: (delivery.at, delivery.record.number), reverse=True)
