"""The statuses of a parcel, in the vendor's order and words, and the groups that the sandbox needs.

Source: answers to ``GET /parcels/statuses`` of three accounts, published in August and September 2026.
"""

MESSAGES = {
    "READY_TO_SEND": "Ready to send",
    "ANNOUNCING": "Being announced",
    "ANNOUNCED": "Announced",
    "ANNOUNCED_UNCOLLECTED": "Announced: not collected",
    "ANNOUNCEMENT_FAILED": "Announcement failed",
    "NO_LABEL": "No label",
    "PICKED_UP_BY_DRIVER": "Shipment picked up by driver",
    "COLLECT_ERROR": "Error collecting",
    "TO_SORTING": "En route to sorting center",
    "AT_SORTING_CENTRE": "At sorting centre",
    "SORTING": "Being sorted",
    "SORTED": "Sorted",
    "UNSORTED": "Not sorted",
    "AT_CUSTOMS": "At Customs",
    "SHIPMENT_ON_ROUTE": "Parcel en route",
    "DRIVER_ON_ROUTE": "Driver en route",
    "DELAYED": "Delivery delayed",
    "DELIVERY_DATE_CHANGED": "Delivery date changed",
    "DELIVERY_ADDRESS_CHANGED": "Delivery address changed",
    "DELIVERY_METHOD_CHANGED": "Delivery method changed",
    "AWAITING_CUSTOMER_PICKUP": "Awaiting customer pickup",
    "COLLECTED_BY_CUSTOMER": "Shipment collected by customer",
    "DELIVERED": "Delivered",
    "DELIVERY_FAILED": "Delivery attempt failed",
    "UNDELIVERABLE": "Unable to deliver",
    "REFUSED_BY_RECIPIENT": "Refused by recipient",
    "RETURNED_TO_SENDER": "Returned to sender",
    "ADDRESS_INVALID": "Address invalid",
    "CANCELLING": "Cancellation requested",
    "CANCELLING_UPSTREAM": "Submitting cancellation request",
    "CANCELLED": "Cancelled",
    "CANCELLED_UPSTREAM": "Cancelled upstream",
    "CANCELLATION_FAILED": "Parcel cancellation failed.",
    "EXCEPTION": "Exception",
    "UNKNOWN": "Unknown status - check carrier track & trace page for more insights",
}
FAILED, CANCELLED, CANCELLING, ANNOUNCING, READY, NO_LABEL, DELIVERED, CANCELLATION_FAILED = (
    "ANNOUNCEMENT_FAILED",
    "CANCELLED",
    "CANCELLING",
    "ANNOUNCING",
    "READY_TO_SEND",
    "NO_LABEL",
    "DELIVERED",
    "CANCELLATION_FAILED",
)
DEAD = frozenset({FAILED, CANCELLED, "CANCELLED_UPSTREAM", NO_LABEL})
"""Not charged and not usable."""
BEING_CANCELLED = frozenset({CANCELLED, CANCELLING, "CANCELLED_UPSTREAM", "CANCELLING_UPSTREAM"})
SHIPPED = frozenset(
    {
        "PICKED_UP_BY_DRIVER",
        "TO_SORTING",
        "AT_SORTING_CENTRE",
        "SORTING",
        "SORTED",
        "UNSORTED",
        "AT_CUSTOMS",
        "SHIPMENT_ON_ROUTE",
        "DRIVER_ON_ROUTE",
        "DELAYED",
        "AWAITING_CUSTOMER_PICKUP",
        "COLLECTED_BY_CUSTOMER",
        DELIVERED,
        "DELIVERY_FAILED",
        "UNDELIVERABLE",
        "REFUSED_BY_RECIPIENT",
        "RETURNED_TO_SENDER",
    }
)
"""The carrier has the parcel; the label is no longer refunded."""


def status_message(code: str) -> str:
    """The message for a code; for an unlisted code, made from the code itself."""
    return MESSAGES.get(code, code.replace("_", " ").capitalize())
