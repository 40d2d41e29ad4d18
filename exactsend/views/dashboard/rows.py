"""The deliveries as the page's script reads them: compact, since there may be many, and safe inside a script element."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from exactsend.http.messages import Json
from exactsend.views.dashboard.page_phrases import CAUSE_PHRASES
from exactsend.views.dashboard.service_links import PanelLinks
from exactsend.views.data.view_types import DeliveryView, LabelState
from exactsend.views.text.outcome_phrases import reason_text
from exactsend.views.text.terminal_escape import shown_on_one_line

MAX_ROWS = 20_000
"""More rows would make the page slow to open. The newest stay, and the page says so."""
MAX_TEXT = 300
"""The length at which a text from a service is cut."""

STATE_PHRASES = {
    LabelState.WAITING: "Waits for its label",
    LabelState.HELD: "Held",
    LabelState.UNKNOWN: "No answer yet",
    LabelState.LABELLED: "Label",
    LabelState.LEFT_ALONE: "Left alone",
    LabelState.GONE: "Deleted in Exact",
}
_STATE_NUMBERS = {state: number for number, state in enumerate(STATE_PHRASES)}
_HOW = {"bought": "bought", "found": "bought by an earlier run", "adopted": "made by hand"}


class _TextNumbers:
    """Numbers for texts that occur often: each text is written once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        """The texts, in the order of their numbers."""
        return [*self._numbers]

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))


class _RowBuilder:
    """Builds rows that refer to common texts by number."""

    def __init__(self) -> None:
        self.divisions, self.notes, self.carriers = _TextNumbers(), _TextNumbers(), _TextNumbers()

    def row(self, view: DeliveryView) -> list[Json]:
        """One row; the script knows its fields by their positions."""
        return [
            self.divisions.number(view.division),
            view.record.number,
            orders_text(view),
            _STATE_NUMBERS[view.state],
            self.notes.number(note(view)),
            self.carriers.number(carrier(view)),
            tracking(view),
            minutes(view.at),
            shipment(view),
        ]


def rows_json(views: Sequence[DeliveryView], links: PanelLinks) -> str:
    """The rows and the texts they refer to, as JSON for a script element."""
    builder = _RowBuilder()
    rows = [builder.row(view) for view in views]
    document: Json = {
        "divisions": [*builder.divisions.texts],
        "states": [state.value for state in STATE_PHRASES],
        "words": list(STATE_PHRASES.values()),
        "notes": [*builder.notes.texts],
        "carriers": [*builder.carriers.texts],
        "labels": links.labels,
        "rows": [*rows],
    }
    return script_safe(document)


def script_safe(document: Json) -> str:
    """JSON without characters that could start a tag or a comment."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def minutes(moment: datetime) -> int:
    """A time in whole minutes since 1970."""
    return int(moment.timestamp() // 60)


def orders_text(view: DeliveryView) -> str:
    """The orders that a delivery covers."""
    return ", ".join(map(str, view.record.order_numbers))


def note(view: DeliveryView) -> str:
    """The detail of a state: the reason, or how the label was made and whether the tracking number is in Exact."""
    record = view.record
    match view.state:
        case LabelState.LABELLED:
            assert record.label is not None, "a labelled delivery has a label"
            return f"{_HOW[record.label.how]}, {'in Exact' if view.is_written_back else 'not in Exact yet'}"
        case LabelState.HELD:
            return ", ".join(CAUSE_PHRASES[problem.code] for problem in record.problems.values())
        case LabelState.LEFT_ALONE:
            return reason_text(record.excluded)
        case LabelState.WAITING | LabelState.UNKNOWN | LabelState.GONE:
            return ""


def carrier(view: DeliveryView) -> str:
    """The carrier of its label."""
    return plain(view.record.label.carrier) if view.record.label else ""


def tracking(view: DeliveryView) -> str:
    """The tracking numbers of its label."""
    label = view.record.label
    return plain(", ".join(label.tracking_numbers)) if label else ""


def shipment(view: DeliveryView) -> str:
    """The shipment of its label."""
    return plain(view.record.label.shipment) if view.record.label else ""


def link(view: DeliveryView, links: PanelLinks) -> str:
    """The address of its label in Sendcloud's panel; empty without a label or a known panel."""
    orders = view.record.order_numbers
    return links.label(str(orders[0])) if view.record.label and orders else ""


def plain(text: str) -> str:
    """A text from a service: cut to length, with control and direction characters made visible."""
    if text.isascii() and text.isprintable() and len(text) <= MAX_TEXT:
        return text
    short = text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
    return shown_on_one_line(short)


def newest(views: Iterable[DeliveryView]) -> list[DeliveryView]:
    """All of these, newest first."""
    return sorted(views, key=lambda delivery: (delivery.at, delivery.record.number), reverse=True)
