"""A decision as named checks, one after another: the first that fails is the reason, and ``explain`` shows them all. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exactsend.domain.problems import Problem


class Rule(StrEnum):
    """What a check is about; part of the JSON contract."""

    # of an order
    NOT_DELIVERED = "not_delivered"
    NOT_CANCELLED = "not_cancelled"
    APPROVAL = "approval"
    NOT_COMPLETE = "not_complete"
    ORDER_DATE = "order_date"
    STATUS = "status"
    # of a delivery
    NO_TRACKING_NUMBER = "no_tracking_number"
    NO_LABEL = "no_label"
    PURCHASE_ANSWERED = "purchase_answered"
    NO_LABEL_ELSEWHERE = "no_label_elsewhere"
    NOT_CLOSED = "not_closed"
    MODE = "mode"
    ATTEMPTS = "attempts"
    BEFORE_PURCHASE = "before_purchase"
    MAX_PER_DAY = "max_per_day"
    # of both
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
    """One rule as it was applied to one order or delivery."""

    rule: Rule
    passed: bool
    reason: str
    """The reason code, or the problem's code, that it gives where it fails."""
    found: str = ""
    """What was found, as Exact or the ledger has it; no personal data."""
    wanted: str = ""
    """What would let pass."""
    problem: Problem | None = None
    """What a person should read where it fails; None: the reason says it all."""


def reason_of(checks: Iterable[Check]) -> str:
    """The reason of the first check that fails; empty where all pass. Those behind it are not looked at."""
    return next((check.reason for check in checks if not check.passed), "")
