"""A decision as a list of named checks: the first that fails is the reason, and ``explain`` shows all. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exactsend.domain.problems import Problem


class Rule(StrEnum):
    """What a check is about; part of the JSON contract."""

    # orders
    NOT_DELIVERED = "not_delivered"
    NOT_CANCELLED = "not_cancelled"
    APPROVAL = "approval"
    NOT_COMPLETE = "not_complete"
    ORDER_DATE = "order_date"
    STATUS = "status"
    # deliveries
    NO_TRACKING_NUMBER = "no_tracking_number"
    NO_LABEL = "no_label"
    PURCHASE_ANSWERED = "purchase_answered"
    NO_LABEL_ELSEWHERE = "no_label_elsewhere"
    NOT_CLOSED = "not_closed"
    MODE = "mode"
    ATTEMPTS = "attempts"
    BEFORE_PURCHASE = "before_purchase"
    MAX_PER_DAY = "max_per_day"
    # both
    START_DATE = "start_date"
    METHOD = "method"
    GOODS = "goods"
    NOT_TAKEN_IN_PANEL = "not_taken_in_panel"
    RECORD_SOUND = "record_sound"
    ADDRESS = "address"
    SERVICE_POINT = "service_point"
    CUSTOMS = "customs"
    WEIGHT = "weight"
    REQUEST = "request"


@dataclass(frozen=True)
class Check:
    """The result of one rule for one order or delivery."""

    rule: Rule
    passed: bool
    reason: str
    """The reason code, or the problem's code, if it fails."""
    found: str = ""
    """What was found, in Exact's or the ledger's terms; no personal data."""
    wanted: str = ""
    """What would pass."""
    problem: Problem | None = None
    """What a person should read if it fails; None: the reason suffices."""


def reason_of(checks: Iterable[Check]) -> str:
    """The reason of the first failed check; empty if all pass. Later checks are not evaluated."""
    return next((check.reason for check in checks if not check.passed), "")
