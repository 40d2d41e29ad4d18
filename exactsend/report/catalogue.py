"""What codes are called: every phrase that a report looks up by a code, and nothing else.

No logic rests on these texts, so another language is another of this module. Problems bring their sentences along, since these name
numbers and fields: ``exactsend.domain.sentences`` makes them of templates.
"""

from exactsend.plan.actions import Kind, OutcomeKind
from exactsend.plan.checks import Rule
from exactsend.readmodel.exchanges import Purpose
from exactsend.readmodel.reconciling import Mismatch, StateThere
from exactsend.readmodel.unused import Unused
from exactsend.readmodel.views import LabelState

REASONS = {
    "": "",
    # an order, or a delivery, is not sent
    "cancelled": "cancelled in Exact",
    "deleted": "deleted in Exact",
    "not_approved": "not approved in Exact",
    "complete": "complete in Exact without having been delivered",
    "before_start_date": "from before the start date",
    "too_old": "older than orders.look_back_days",
    "status": "not in one of orders.statuses",
    "method_none": "its shipping method is mapped to none: collected, or transported otherwise",
    "no_goods": "no goods on it that could be sent",
    "has_tracking_number": "has a tracking number in Exact that exactsend did not write",
    "taken_in_panel": "taken out of the incoming orders in Sendcloud's panel",
    # it stands where it should
    "in_step": "stands among the incoming orders as it is in Exact",
    "delivered": "delivered: its deliveries are what is sent now",
    "labelled": "has its label",
    "labelled_before_delivery": "has a label at Sendcloud already, and no delivery in Exact yet",
    "waits_for_label": "waits for a label made by hand",
    # later
    "label_unknown": "the outcome of a purchase is not known yet; the next run looks again",
    "still_processing": "Sendcloud is still working on it; the next run tries again",
    "changed_meanwhile": "changed in Exact during the run; the next run decides anew",
    "safety_limit": "stopped by a safety limit",
    "calls_reserved": "not bought today: the calls that Exact still allows are kept for writing back what has its label",
    "still_there": "was still there",
    "another_is_not_next": "the number given with --another is not the next one",
    # a cancellation
    "cancellation_queued": "queued at the carrier; until then it counts as live",
    # how a label was found
    "found_by_reference": "bought by an earlier run",
    "made_by_hand": "made by hand",
}
"""The reason codes of the JSON documents. Where a problem is told, its message is said instead."""

PURPOSES = {
    Purpose.ORDER_PUSH: "sent to the incoming orders",
    Purpose.ORDER_WITHDRAW: "withdrawn from the incoming orders",
    Purpose.LABEL_BUY: "label asked for",
    Purpose.LABEL_CANCEL: "label to be cancelled",
    Purpose.DELIVERY_UPDATE: "written onto the goods delivery in Exact",
    Purpose.DOCUMENT: "document made in Exact",
    Purpose.ATTACHMENT: "label attached in Exact",
    Purpose.OTHER: "sent",
}
"""What requests are for."""

MEANS = {"terminal": "by hand", "systemd": "by systemd", "unattended": "by cron or a script"}
"""Who called a command, as far as it could be told."""

DONE = {
    Kind.ORDER_PUSH: "sent to the incoming orders",
    Kind.ORDER_WITHDRAW: "withdrawn from the incoming orders",
    Kind.LABEL_BUY: "label bought",
    Kind.LABEL_ADOPT: "label taken over",
    Kind.LABEL_WATCH: "looked at",
    Kind.LABEL_CANCEL: "label cancelled",
    Kind.WRITEBACK: "tracking written to Exact",
}

PLANNED = {
    Kind.ORDER_PUSH: "would be sent to the incoming orders",
    Kind.ORDER_WITHDRAW: "would be withdrawn from the incoming orders",
    Kind.LABEL_BUY: "would get its label, which costs money",
    Kind.LABEL_ADOPT: "label would be taken over",
    Kind.LABEL_WATCH: "would be looked at",
    Kind.LABEL_CANCEL: "label is to be cancelled",
    Kind.WRITEBACK: "tracking would be written to Exact",
}

NOT_DONE = {
    Kind.ORDER_PUSH: "not among the incoming orders",
    Kind.ORDER_WITHDRAW: "not withdrawn",
    Kind.LABEL_BUY: "no label",
    Kind.LABEL_ADOPT: "label not taken over",
    Kind.LABEL_WATCH: "needs a person",
    Kind.LABEL_CANCEL: "label not cancelled",
    Kind.WRITEBACK: "not written to Exact",
}

COUNTED = {
    (Kind.ORDER_PUSH, OutcomeKind.DONE): "sent",
    (Kind.ORDER_WITHDRAW, OutcomeKind.DONE): "withdrawn",
    (Kind.LABEL_BUY, OutcomeKind.DONE): "bought",
    (Kind.LABEL_ADOPT, OutcomeKind.DONE): "taken over",
    (Kind.WRITEBACK, OutcomeKind.DONE): "written to Exact",
}

THINGS = {
    Kind.ORDER_PUSH: ("incoming order", "incoming orders"),
    Kind.ORDER_WITHDRAW: ("incoming order", "incoming orders"),
    Kind.LABEL_BUY: ("label", "labels"),
    Kind.LABEL_ADOPT: ("label", "labels"),
    Kind.WRITEBACK: ("tracking number", "tracking numbers"),
}

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

UNUSED_WORDS = {
    Unused.DELIVERY_GONE: "delivery or order cancelled or deleted in Exact",
    Unused.SECOND_LABEL: "one label too many for its delivery",
    Unused.CHANGED: "delivery changed in Exact after the label",
    Unused.NOT_MOVED: "no carrier has reported the parcel for three days",
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
