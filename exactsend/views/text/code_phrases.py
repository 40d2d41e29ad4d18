"""What codes are called when a run is told: every phrase that is looked up by a code, and nothing else.

No logic rests on these texts, so another language is another of this module and of ``catalogue_of_views``, which has what the looking
commands say: a run needs none of it. Problems bring their sentences along, since these name numbers and fields:
``exactsend.domain.templates`` makes them of templates.
"""

from exactsend.engine.plan.actions import ActionKind, OutcomeKind

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
    "not_answered": "left out in this run: the service refuses such calls (exactsend status tells more); the next runs try again",
    "clock_off": "not bought: this machine's clock is wrong",
    "calls_reserved": "not bought today: the calls that Exact still allows are kept for writing back what has its label",
    "still_there": "was still there",
    "another_is_not_next": "the number given with --another is not the next one",
    # a label without tracking
    "not_tracked": "its shipping option has no tracking, so its number is left out; where labels are attached, its label is",
    # a cancellation
    "cancellation_queued": "the carrier has not agreed yet; until then it counts as live",
    # how a label was found
    "found_by_reference": "bought by an earlier run",
    "made_by_hand": "made by hand",
    "corrected_in_panel": "made by hand, to an address that was corrected in the panel",
}
"""The reason codes of the JSON documents. Where a problem is told, its message is said instead."""

DONE = {
    ActionKind.ORDER_PUSH: "sent to the incoming orders",
    ActionKind.ORDER_WITHDRAW: "withdrawn from the incoming orders",
    ActionKind.LABEL_BUY: "label bought",
    ActionKind.LABEL_ADOPT: "label taken over",
    ActionKind.LABEL_WATCH: "looked at",
    ActionKind.LABEL_CANCEL: "label cancelled",
    ActionKind.WRITEBACK: "tracking written to Exact",
    ActionKind.TAKE_BACK: "tracking of the cancelled label taken out of Exact",
}

PLANNED = {
    ActionKind.ORDER_PUSH: "would be sent to the incoming orders",
    ActionKind.ORDER_WITHDRAW: "would be withdrawn from the incoming orders",
    ActionKind.LABEL_BUY: "would get its label, which costs money",
    ActionKind.LABEL_ADOPT: "label would be taken over",
    ActionKind.LABEL_WATCH: "would be looked at",
    ActionKind.LABEL_CANCEL: "cancellation of the label is under way",
    ActionKind.WRITEBACK: "tracking would be written to Exact",
    ActionKind.TAKE_BACK: "tracking of the cancelled label would be taken out of Exact",
}

NOT_DONE = {
    ActionKind.ORDER_PUSH: "not among the incoming orders",
    ActionKind.ORDER_WITHDRAW: "not withdrawn",
    ActionKind.LABEL_BUY: "no label",
    ActionKind.LABEL_ADOPT: "label not taken over",
    ActionKind.LABEL_WATCH: "needs a person",
    ActionKind.LABEL_CANCEL: "label not cancelled",
    ActionKind.WRITEBACK: "not written to Exact",
    ActionKind.TAKE_BACK: "not taken out of Exact",
}

COUNTED = {
    (ActionKind.ORDER_PUSH, OutcomeKind.DONE): "sent",
    (ActionKind.ORDER_WITHDRAW, OutcomeKind.DONE): "withdrawn",
    (ActionKind.LABEL_BUY, OutcomeKind.DONE): "bought",
    (ActionKind.LABEL_ADOPT, OutcomeKind.DONE): "taken over",
    (ActionKind.WRITEBACK, OutcomeKind.DONE): "written to Exact",
    (ActionKind.TAKE_BACK, OutcomeKind.DONE): "taken out of Exact",
}

THINGS = {
    ActionKind.ORDER_PUSH: ("incoming order", "incoming orders"),
    ActionKind.ORDER_WITHDRAW: ("incoming order", "incoming orders"),
    ActionKind.LABEL_BUY: ("label", "labels"),
    ActionKind.LABEL_ADOPT: ("label", "labels"),
    ActionKind.WRITEBACK: ("tracking number", "tracking numbers"),
    ActionKind.TAKE_BACK: ("tracking number", "tracking numbers"),
}
