"""What codes are called when somebody looks: rules, states, events and mismatches. See ``catalogue``."""

from exactsend.engine.plan.checks import Rule
from exactsend.views.data.reconciliation import Mismatch, StateThere
from exactsend.views.data.request_history import RequestPurpose
from exactsend.views.data.unused_labels import UnusedReason
from exactsend.views.data.values import LabelState

ASKS = {
    Rule.NOT_DELIVERED: "still to be delivered, at least in part",
    Rule.NOT_CANCELLED: "not cancelled in Exact",
    Rule.APPROVAL: "approved in Exact",
    Rule.NOT_COMPLETE: "not complete in Exact",
    Rule.ORDER_DATE: "dated within orders.look_back_days",
    Rule.STATUS: "in one of orders.statuses",
    Rule.NO_TRACKING_NUMBER: "Exact has no tracking number but ours",
    Rule.NO_LABEL: "still without a label",
    Rule.PURCHASE_ANSWERED: "every purchase was answered",
    Rule.NO_LABEL_ELSEWHERE: "nobody made a label elsewhere",
    Rule.NOT_CLOSED: "not closed by a person",
    Rule.MODE: "labels are bought automatically",
    Rule.ATTEMPTS: "another attempt is allowed",
    Rule.BEFORE_PURCHASE: "nothing that Sendcloud says beforehand is against it",
    Rule.MAX_PER_DAY: "below labels.max_per_day",
    Rule.START_DATE: "not from before the start date",
    Rule.METHOD: "a shipping method that is shipped",
    Rule.GOODS: "goods to send",
    Rule.NOT_TAKEN_IN_PANEL: "not taken out of the incoming orders in the panel",
    Rule.RECORD_SOUND: "what the ledger remembers of it can be read",
    Rule.ADDRESS: "an address to deliver to",
    Rule.SERVICE_POINT: "a service point that takes parcels, or none asked for",
    Rule.CUSTOMS: "customs can be told what they need",
    Rule.WEIGHT: "a weight, where one is needed",
    Rule.REQUEST: "all else that is sent",
}
"""What each rule asks for: it is passed where this is so."""

FOUND = {
    (Rule.APPROVAL, "0"): "0, awaiting approval",
    (Rule.APPROVAL, "1"): "1, approved by itself",
    (Rule.APPROVAL, "2"): "2, approved",
    (Rule.SERVICE_POINT, ""): "none asked for",
    (Rule.METHOD, ""): "none named: Sendcloud's rules decide",
}
"""Values that say nothing by themselves."""

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
    "label_not_sent": "purchase never left",
    "label_answer_lost": "purchase not answered",
    "label_attached": "label attached in Exact",
    "document_made": "document made in Exact",
    "written_back": "tracking written to Exact",
    "writeback_failed": "tracking not written to Exact",
    "accepted": "closed by a person",
    "accounts_moved": "moved to another Sendcloud account",
}
"""What was done, by the ledger's names of events; others are told by their names."""

STEPS = EVENTS | {
    "entries_pushing": "about to be sent to the incoming orders",
    "entries_pushed": "accepted as an incoming order",
    "entry_withdrawing": "being withdrawn from the incoming orders",
    "changes_noted": "seen: it has changed, in Exact or at Sendcloud",
    "deliveries_linked": "seen which orders it delivers",
    "decided": "decided about",
    "delivery_gone": "deleted in Exact",
    "label_intended": "about to buy its label",
    "label_cancelled": "label cancelled",
    "document_intended": "about to make the document in Exact",
    "attachment_intended": "about to attach the label in Exact",
    "answers_noted": "what came back was noted",
    "archived": "moved to the archive",
}
"""The same told step by step, intents included: what happened to one order or delivery."""

PURPOSES = {
    RequestPurpose.ORDER_PUSH: "sent to the incoming orders",
    RequestPurpose.ORDER_WITHDRAW: "withdrawn from the incoming orders",
    RequestPurpose.LABEL_BUY: "label asked for",
    RequestPurpose.LABEL_CANCEL: "label to be cancelled",
    RequestPurpose.DELIVERY_UPDATE: "written onto the goods delivery in Exact",
    RequestPurpose.DOCUMENT: "document made in Exact",
    RequestPurpose.ATTACHMENT: "label attached in Exact",
    RequestPurpose.OTHER: "sent",
}
"""What requests are for."""

MEANS = {"terminal": "by hand", "systemd": "by systemd", "unattended": "by cron or a script"}
"""Who called a command, as far as it could be told."""

UNUSED_WORDS = {
    UnusedReason.DELIVERY_GONE: "delivery or order cancelled or deleted in Exact",
    UnusedReason.SECOND_LABEL: "one label too many for its delivery",
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
    Mismatch.DOUBLE_LABEL: "{delivery}: shipment {shipment} is one live label more than it needs",
    Mismatch.UNKNOWN_HERE: "shipment {shipment} ({number}) is live at Sendcloud and is no delivery's",
    Mismatch.UNKNOWN_THERE: "{delivery}: its label, shipment {shipment}, is {state} at Sendcloud",
}

MISMATCH_CURES = {
    Mismatch.DOUBLE_LABEL: (
        "Cancel the one that is not used, after the next run also with: exactsend labels cancel --delivery {delivery} --shipment {shipment}. "
        "If both are used, close it after that run with: exactsend labels accept --delivery {delivery}."
    ),
    Mismatch.UNKNOWN_HERE: (
        "Look in Sendcloud's panel what it was made for, and cancel it there if it is not used. No run takes it over by itself."
    ),
    Mismatch.UNKNOWN_THERE: "Look in Sendcloud's panel what became of it. {of_state}",
}

CURES_OF_ABSENT = {
    StateThere.LIVE: "",
    StateThere.FAILED: "The next run learns of it; after that, exactsend errors says what it needs.",
    StateThere.CANCELLED: "The next run learns of it; after that, exactsend errors says how the delivery gets another label.",
    StateThere.ABSENT: "Did the parcel leave under another shipment? No other label is bought by itself.",
}
"""What belongs to a label that Sendcloud does not have as a live one, by how it stands there."""
