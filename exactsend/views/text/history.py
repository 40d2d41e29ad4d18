"""Past actions and unused labels: tables, CSV columns and rows of the history document."""

from collections.abc import Sequence

from exactsend.views.data.action_history import PastAction
from exactsend.views.data.unused_labels import UnusedLabel
from exactsend.views.text.json_documents import JsonObject, time_text
from exactsend.views.text.outcome_phrases import reason_text
from exactsend.views.text.record_phrases import EVENTS, UNUSED_REASONS
from exactsend.views.text.request_view import sent_object
from exactsend.views.text.tables import Table
from exactsend.views.text.time_format import moment_text


def event_text(event: str) -> str:
    """The phrase for an event; its name where there is none."""
    return EVENTS.get(event, event.replace("_", " "))


def history_table(past_actions: Sequence[PastAction]) -> Table:
    """A row per action."""
    headings = ("when", "division", "run", "what", "order", "delivery", "shipment", "why")
    return Table(headings, [_cells(action) for action in past_actions])


def _cells(action: PastAction) -> tuple[str, ...]:
    return (
        moment_text(action.at),
        action.division,
        action.run,
        event_text(action.event),
        ", ".join(action.order_numbers),
        action.delivery_number,
        action.shipment,
        "; ".join(filter(None, (reason_text(action.reason), action.shipping_rules))),
    )


def deed_object(action: PastAction) -> JsonObject:
    """A row of the history document."""
    return {
        "at": time_text(action.at),
        "division": action.division,
        "run": action.run,
        "event": action.event,
        "order_numbers": [*action.order_numbers],
        "delivery_number": action.delivery_number or None,
        "shipment_id": action.shipment or None,
        "reference": action.reference or None,
        "reason": action.reason,
        "shipping_rules": action.shipping_rules,
        "sent": [sent_object(exchange) for exchange in action.sent],
    }


def unused_table(labels: Sequence[UnusedLabel]) -> Table:
    """A row per unused label."""
    headings = ("division", "delivery", "order", "shipment", "labelled", "why")
    return Table(headings, [_unused_cells(label) for label in labels])


def _unused_cells(label: UnusedLabel) -> tuple[str, ...]:
    made = moment_text(label.labelled_at) if label.labelled_at else ""
    return (
        label.division,
        label.delivery_number,
        ", ".join(label.order_numbers),
        label.shipment,
        made,
        UNUSED_REASONS[label.why],
    )


def unused_object(label: UnusedLabel) -> JsonObject:
    """A row of the history document with ``--unused``."""
    return {
        "division": label.division,
        "delivery_number": label.delivery_number,
        "order_numbers": [*label.order_numbers],
        "shipment_id": label.shipment,
        "labelled_at": time_text(label.labelled_at),
        "why": label.why.value,
    }


HISTORY_COLUMNS = (
    "at", "division", "run", "event", "order_numbers", "delivery_number", "shipment_id", "reference", "reason",
    "shipping_rules",
)  # fmt: skip
UNUSED_COLUMNS = ("division", "delivery_number", "order_numbers", "shipment_id", "labelled_at", "why")
