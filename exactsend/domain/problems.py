"""What keeps an order or a delivery from going on, as values: a stable code, and what its text names.

The texts are in ``problem_catalogue``. Every hold and failure that a person may see has its code here; docs/errors.md lists them and a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Stage = Literal["order", "label", "writeback"]
RequestPart = Literal["customs", "method", "weight", "rest"]


class Code(StrEnum):
    """The stable codes. Added to, never renamed: users' scripts match on them."""

    # the address and the recipient
    ADDRESS_MISSING = "address_missing"
    ADDRESS_INCOMPLETE = "address_incomplete"
    COUNTRY_UNKNOWN = "country_unknown"
    NAME_MISSING = "name_missing"
    HOUSE_NUMBER_MISSING = "house_number_missing"
    ADDRESS_REFUSED = "address_refused"
    EMAIL_MISSING = "email_missing"
    EMAIL_INVALID = "email_invalid"
    PHONE_MISSING = "phone_missing"
    PHONE_INVALID = "phone_invalid"
    # what is sent
    NO_GOODS = "no_goods"
    ORDER_DATE_MISSING = "order_date_missing"
    WEIGHT_MISSING = "weight_missing"
    WEIGHT_OUT_OF_RANGE = "weight_out_of_range"
    DIMENSIONS_MISSING = "dimensions_missing"
    CURRENCY_UNKNOWN = "currency_unknown"
    OPTION_UNAVAILABLE = "shipping_option_unavailable"
    SHIPPING_RULE_CONFLICT = "shipping_rule_conflict"
    SENDER_REFUSED = "sender_refused"
    METHOD_UNMAPPED = "method_unmapped"
    SHIPPING_METHODS_DIFFER = "shipping_methods_differ"
    NOT_SHIPPED = "not_shipped"
    ORDER_UNREADABLE = "order_unreadable"
    RECORD_UNREADABLE = "record_unreadable"
    ENTRY_NOT_WITHDRAWN = "entry_not_withdrawn"
    # customs
    HS_CODE_MISSING = "hs_code_missing"
    HS_CODE_INVALID = "hs_code_invalid"
    ORIGIN_MISSING = "origin_missing"
    ORIGIN_INVALID = "origin_invalid"
    PRICE_MISSING = "price_missing"
    CUSTOMS_NUMBER_MISSING = "customs_number_missing"
    CUSTOMS_REFUSED = "customs_refused"
    TOO_MANY_LINES = "too_many_lines"
    SHIPMENT_TYPE_NOT_FOR_LABELS = "shipment_type_not_for_labels"
    SHIPMENT_TYPE_NOT_FOR_ORDERS = "shipment_type_not_for_orders"
    # service points
    SERVICE_POINT_MISSING = "service_point_missing"
    SERVICE_POINT_UNKNOWN = "service_point_unknown"
    SERVICE_POINT_UNAVAILABLE = "service_point_unavailable"
    SERVICE_POINT_ELSEWHERE = "service_point_elsewhere"
    SERVICE_POINT_OTHER_CARRIER = "service_point_other_carrier"
    SERVICE_POINT_UNCHECKED = "service_point_unchecked"
    SERVICE_POINT_PATTERN_SLOW = "service_point_pattern_slow"
    SERVICE_POINTS_DIFFER = "service_points_differ"
    # purchases
    ORDER_REFUSED = "order_refused"
    LABEL_REFUSED = "label_refused"
    LABEL_FAILED = "label_failed"
    CONTRACT_UNUSABLE = "contract_unusable"
    PAYMENT_NEEDED = "payment_needed"
    LABEL_UNKNOWN = "label_unknown"
    LABEL_AMBIGUOUS = "label_ambiguous"
    LABEL_GIVEN_UP = "label_given_up"
    LABEL_CANCELLED = "label_cancelled"
    LABELLED_ELSEWHERE = "labelled_elsewhere"
    DOUBLE_LABEL = "double_label"
    DIFFERS_FROM_DELIVERY = "differs_from_delivery"
    RECORD_DAMAGED = "record_damaged"
    TAKEN_IN_PANEL = "taken_in_panel"
    ENTRY_VANISHED = "entry_vanished"
    LOOK_NOT_ANSWERED = "look_not_answered"
    # after the label
    CHANGED_AFTER_LABEL = "changed_after_label"
    CANCELLED_AFTER_LABEL = "cancelled_after_label"
    CANCELLATION_FAILED = "cancellation_failed"
    # back into Exact
    WRITEBACK_REFUSED = "writeback_refused"
    WRITEBACK_FAILED = "writeback_failed"
    TRACKING_TAKEN = "tracking_taken"
    TRACKING_TRUNCATED = "tracking_truncated"

    @property
    def part(self) -> RequestPart:
        """The part of a request that it concerns; ``explain`` shows it there."""
        match self:
            case (
                Code.HS_CODE_MISSING
                | Code.HS_CODE_INVALID
                | Code.ORIGIN_MISSING
                | Code.ORIGIN_INVALID
                | Code.PRICE_MISSING
                | Code.TOO_MANY_LINES
                | Code.SHIPMENT_TYPE_NOT_FOR_LABELS
                | Code.SHIPMENT_TYPE_NOT_FOR_ORDERS
            ):
                return "customs"
            case Code.METHOD_UNMAPPED | Code.SHIPPING_METHODS_DIFFER:
                return "method"
            case Code.WEIGHT_MISSING:
                return "weight"
            case _:
                return "rest"


@dataclass(frozen=True)
class Phrase:
    """A part of a sentence that has words of its own in the catalogue, such as a cause or a cure."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)


Values = Mapping[str, str | Phrase]
"""The values of a text's placeholders, without personal data: what a service said is masked."""

AS_STORED = "as_stored"
"""The variant of a problem whose sentences come ready made, from a ledger of an earlier version."""


@dataclass(frozen=True)
class Problem:
    """One reason why something did not happen, without its words: ``shown_problem`` makes them where it is shown."""

    code: Code
    values: Values = field(default_factory=dict)
    """What the text of this code and variant names, all of it and nothing else."""
    variant: str = ""
    """Which of the texts, where a code has several."""
    detail: str = ""
    """The service's or carrier's own words, masked."""


class Held(Exception):
    """An order or a delivery cannot be mapped; becomes a hold in the plan and never leaves the core."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def hold(code: Code, values: Values, *, variant: str = "", detail: str = "") -> Held:
    """The exception to raise for a problem."""
    return Held(Problem(code, values, variant, detail))
