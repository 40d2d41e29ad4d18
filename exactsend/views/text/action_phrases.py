"""Phrases for the actions of a run, by code: reasons, and what was done, planned or not done. Nothing else.

No logic depends on these texts, so a translation replaces this module and ``record_phrases``, which has the phrases of the reading
commands. The texts of problems are in ``exactsend.domain.problem_catalogue``.
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
    "status": "its status is not in orders.statuses",
    "method_none": "its shipping method is mapped to none: collected, or shipped by other means",
    "no_goods": "it has no goods to ship",
    "has_tracking_number": "has a tracking number in Exact that exactsend did not write",
    "taken_in_panel": "removed from the incoming orders in Sendcloud's panel",
    # nothing to do
    "in_step": "is among the incoming orders and matches Exact",
    "delivered": "delivered: its deliveries are sent instead",
    "labelled": "has its label",
    "labelled_before_delivery": "already has a label at Sendcloud, but no delivery in Exact yet",
    "waits_for_label": "waits for a label made by hand",
    # later
    "label_unknown": "the outcome of a purchase is not known yet; the next run looks again",
    "still_processing": "Sendcloud is still working on it; the next run tries again",
    "changed_meanwhile": "changed in Exact during the run; the next run decides again",
    "safety_limit": "stopped by a safety limit",
    "not_answered": "skipped in this run: the service refuses such calls (see exactsend status); later runs try again",
    "clock_off": "not bought: this machine's clock is wrong",
    "calls_reserved": "not bought today: Exact's remaining calls are reserved for writing back labels that exist",
    "still_there": "was still among the incoming orders",
    "another_is_not_next": "the number given with --another is not the next one",
    # a label without tracking
    "not_tracked": "its shipping option has no tracking, so its number is not written; its label is still attached if you attach labels",
    # a cancellation
    "cancellation_queued": "the carrier has not agreed yet; until then the label counts as live",
    # how a label was found
    "found_by_reference": "bought by an earlier run",
    "made_by_hand": "made by hand",
    "corrected_in_panel": "made by hand, with an address that was corrected in the panel",
}
"""The reason codes of the JSON documents. A problem shows its message instead."""

DONE = {
    ActionKind.ORDER_PUSH: "sent to the incoming orders",
    ActionKind.ORDER_WITHDRAW: "withdrawn from the incoming orders",
    ActionKind.LABEL_BUY: "label bought",
    ActionKind.LABEL_ADOPT: "label taken over",
    ActionKind.LABEL_WATCH: "checked",
    ActionKind.LABEL_CANCEL: "label cancelled",
    ActionKind.WRITEBACK: "tracking written to Exact",
    ActionKind.TAKE_BACK: "tracking of the cancelled label removed from Exact",
}

PLANNED = {
    ActionKind.ORDER_PUSH: "would be sent to the incoming orders",
    ActionKind.ORDER_WITHDRAW: "would be withdrawn from the incoming orders",
    ActionKind.LABEL_BUY: "would get its label, which costs money",
    ActionKind.LABEL_ADOPT: "label would be taken over",
    ActionKind.LABEL_WATCH: "would be checked",
    ActionKind.LABEL_CANCEL: "cancellation of the label is in progress",
    ActionKind.WRITEBACK: "tracking would be written to Exact",
    ActionKind.TAKE_BACK: "tracking of the cancelled label would be removed from Exact",
}

NOT_DONE = {
    ActionKind.ORDER_PUSH: "not sent to Incoming orders",
    ActionKind.ORDER_WITHDRAW: "not withdrawn",
    ActionKind.LABEL_BUY: "no label",
    ActionKind.LABEL_ADOPT: "label not taken over",
    ActionKind.LABEL_WATCH: "needs a person",
    ActionKind.LABEL_CANCEL: "label not cancelled",
    ActionKind.WRITEBACK: "not written to Exact",
    ActionKind.TAKE_BACK: "not removed from Exact",
}

COUNTED = {
    (ActionKind.ORDER_PUSH, OutcomeKind.DONE): "sent",
    (ActionKind.ORDER_WITHDRAW, OutcomeKind.DONE): "withdrawn",
    (ActionKind.LABEL_BUY, OutcomeKind.DONE): "bought",
    (ActionKind.LABEL_ADOPT, OutcomeKind.DONE): "taken over",
    (ActionKind.WRITEBACK, OutcomeKind.DONE): "written to Exact",
    (ActionKind.TAKE_BACK, OutcomeKind.DONE): "removed from Exact",
}

THINGS = {
    ActionKind.ORDER_PUSH: ("incoming order", "incoming orders"),
    ActionKind.ORDER_WITHDRAW: ("incoming order", "incoming orders"),
    ActionKind.LABEL_BUY: ("label", "labels"),
    ActionKind.LABEL_ADOPT: ("label", "labels"),
    ActionKind.WRITEBACK: ("tracking number", "tracking numbers"),
    ActionKind.TAKE_BACK: ("tracking number", "tracking numbers"),
}
