"""Phrases of the reading commands, by code: rules, states, events, requests and mismatches. See ``action_phrases``."""

from exactsend.engine.plan.checks import Rule
from exactsend.views.data.reconciliation import Mismatch, StateThere
from exactsend.views.data.request_history import RequestPurpose
from exactsend.views.data.unused_labels import UnusedReason
from exactsend.views.data.view_types import LabelState

RULES = {
    Rule.NOT_DELIVERED: "still to be delivered, at least in part",
    Rule.NOT_CANCELLED: "not cancelled in Exact",
    Rule.APPROVAL: "approved in Exact",
    Rule.NOT_COMPLETE: "not complete in Exact",
    Rule.ORDER_DATE: "dated within orders.look_back_days",
    Rule.STATUS: "in one of orders.statuses",
    Rule.NO_TRACKING_NUMBER: "no tracking number in Exact except ours",
    Rule.NO_LABEL: "no label yet",
    Rule.PURCHASE_ANSWERED: "no purchase without an answer",
    Rule.NO_LABEL_ELSEWHERE: "no label made elsewhere",
    Rule.NOT_CLOSED: "not closed by a person",
    Rule.MODE: "labels are bought automatically",
    Rule.ATTEMPTS: "another attempt is allowed",
    Rule.BEFORE_PURCHASE: "no objection from Sendcloud before the purchase",
    Rule.MAX_PER_DAY: "below labels.max_per_day",
    Rule.START_DATE: "not from before the start date",
    Rule.METHOD: 'a shipping method that is not mapped to "none"',
    Rule.GOODS: "goods to send",
    Rule.NOT_TAKEN_IN_PANEL: "not removed from the incoming orders in the panel",
    Rule.RECORD_SOUND: "a readable ledger record",
    Rule.ADDRESS: "an address to ship to",
    Rule.SERVICE_POINT: "a service point that takes parcels, or none requested",
    Rule.CUSTOMS: "complete customs data, where required",
    Rule.WEIGHT: "a weight, where required",
    Rule.REQUEST: "the rest of the request",
}
"""What each rule requires."""

FOUND = {
    (Rule.APPROVAL, "0"): "0, awaiting approval",
    (Rule.APPROVAL, "1"): "1, approved automatically",
    (Rule.APPROVAL, "2"): "2, approved",
    (Rule.SERVICE_POINT, ""): "none requested",
    (Rule.METHOD, ""): "none: Sendcloud's rules decide",
}
"""Values that need an explanation."""

STATES = {
    LabelState.LABELLED: "label",
    LabelState.WAITING: "waits for its label",
    LabelState.HELD: "held",
    LabelState.UNKNOWN: "purchase not answered yet",
    LabelState.LEFT_ALONE: "left alone",
    LabelState.GONE: "deleted in Exact",
}

EVENTS = {
    "entries_pushed": "sent to the incoming orders",
    "entry_withdrawing": "withdrawn from the incoming orders",
    "order_refused": "refused as an incoming order",
    "label_bought": "label bought",
    "label_taken_over": "label taken over",
    "label_failed": "label failed",
    "label_refused": "label refused",
    "label_held": "label held",
    "label_not_sent": "purchase not sent",
    "label_answer_lost": "no answer to the purchase",
    "label_attached": "label attached in Exact",
    "document_made": "document created in Exact",
    "written_back": "tracking written to Exact",
    "writeback_failed": "tracking not written to Exact",
    "accepted": "closed by a person",
    "accounts_moved": "moved to another Sendcloud account",
}
"""Past actions, by the ledger's event names; others are shown by name."""

STEPS = EVENTS | {
    "entries_pushing": "sending to the incoming orders",
    "entries_pushed": "accepted as an incoming order",
    "entry_withdrawing": "withdrawing from the incoming orders",
    "changes_noted": "changed in Exact or at Sendcloud",
    "deliveries_linked": "linked to its orders",
    "decided": "decided",
    "delivery_gone": "deleted in Exact",
    "label_intended": "buying the label",
    "label_cancelled": "label cancelled",
    "document_intended": "creating the document in Exact",
    "attachment_intended": "attaching the label in Exact",
    "answers_noted": "answers recorded",
    "archived": "closed records put away",
}
"""The same with intermediate steps: the history of one order or delivery."""

PURPOSES = {
    RequestPurpose.ORDER_PUSH: "sent to the incoming orders",
    RequestPurpose.ORDER_WITHDRAW: "withdrawn from the incoming orders",
    RequestPurpose.LABEL_BUY: "label requested",
    RequestPurpose.LABEL_CANCEL: "label cancellation requested",
    RequestPurpose.DELIVERY_UPDATE: "goods delivery updated in Exact",
    RequestPurpose.DOCUMENT: "document created in Exact",
    RequestPurpose.ATTACHMENT: "label attached in Exact",
    RequestPurpose.OTHER: "sent",
}
"""The purposes of requests."""

MEANS = {"terminal": "by hand", "systemd": "by systemd", "unattended": "by cron or a script"}
"""How a command was started."""

UNUSED_REASONS = {
    UnusedReason.DELIVERY_GONE: "delivery or order cancelled or deleted in Exact",
    UnusedReason.SECOND_LABEL: "second label for its delivery",
    UnusedReason.CHANGED: "delivery changed in Exact after the label",
    UnusedReason.NOT_MOVED: "no carrier has reported the parcel for three days",
}

STATES_THERE = {
    StateThere.LIVE: "live",
    StateThere.FAILED: "failed",
    StateThere.CANCELLED: "cancelled",
    StateThere.ABSENT: "not known",
}

MISMATCHES = {
    Mismatch.DOUBLE_LABEL: "{delivery}: shipment {shipment} is a second live label for it",
    Mismatch.UNKNOWN_HERE: "shipment {shipment} ({number}) is live at Sendcloud and belongs to no delivery",
    Mismatch.UNKNOWN_THERE: "{delivery}: its label, shipment {shipment}, is {state} at Sendcloud",
}

MISMATCH_REMEDIES = {
    Mismatch.DOUBLE_LABEL: (
        "Cancel the unused one in Sendcloud's panel, or after the next run with: exactsend labels cancel --delivery {delivery} --shipment {shipment}. "
        "If both are used, accept it after that run with: exactsend labels accept --delivery {delivery}."
    ),
    Mismatch.UNKNOWN_HERE: (
        "Check in Sendcloud's panel what it was made for, and cancel it there if it is not used. No run takes it over automatically."
    ),
    Mismatch.UNKNOWN_THERE: "Check in Sendcloud's panel what happened to it. {of_state}",
}

STATE_REMEDIES = {
    StateThere.LIVE: "",
    StateThere.FAILED: "The next run detects this; after that, exactsend errors shows what to do.",
    StateThere.CANCELLED: "The next run detects this; after that, exactsend errors shows how to get another label.",
    StateThere.ABSENT: "Did the parcel leave under another shipment? No other label is bought automatically.",
}
"""Advice for a label that is not live at Sendcloud, by its state there."""
