"""What each rule asks, and what was found, in words. Sentences only."""

from exactsend.plan.checks import Check, Rule
from exactsend.report.words import reason_text

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

_VALUES = {
    (Rule.APPROVAL, "0"): "0, awaiting approval",
    (Rule.APPROVAL, "1"): "1, approved by itself",
    (Rule.APPROVAL, "2"): "2, approved",
    (Rule.SERVICE_POINT, ""): "none asked for",
    (Rule.METHOD, ""): "none named: Sendcloud's rules decide",
}
"""Values that say nothing by themselves."""


def found_text(check: Check) -> str:
    """What was found, and what would let pass where that is not so."""
    found = _VALUES.get((check.rule, check.found), check.found)
    if check.passed or not check.wanted:
        return found
    return f"{found or 'nothing'}; wanted: {check.wanted}"


def why_text(check: Check) -> str:
    """Why it fails."""
    return check.problem.message if check.problem else reason_text(check.reason)
