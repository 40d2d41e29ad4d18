"""Switches for what Exact's documentation leaves open.

Each default is the most likely behaviour. A test turns a switch to prove that the program copes with the other one.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass
class ExactBehaviour:
    """How this Exact behaves where its documentation is silent or contradicts itself."""

    # Sign-in
    refresh_from_seconds: int = 570
    """The earliest time of a refresh, in seconds after the last one. One project found that only 600 works."""
    early_refresh_as_401: bool = False
    """Answer an early refresh with the older 401 text instead of the 400 seen in 2026."""

    trade_module: bool = True
    """The licence has the trade module; otherwise goods deliveries are refused. The docs do not give the wording."""

    # Rights
    missing_right: Literal["forbidden", "nothing"] = "forbidden"
    """The answer to a read without the user's right: 403, or no rows, as the knowledge base describes for Items."""
    rights_in_object: bool = False
    """``users/UserHasRights`` answers ``{"d": {"UserHasRights": true}}``, which older clients expect, instead of ``{"d": true}``."""

    # Reading
    dates_in_utc: bool = False
    """Times in UTC; otherwise Dutch wall time that looks like UTC."""
    date_form: Literal["escaped", "plain", "iso"] = "escaped"
    """The form of a date in an answer: ``\\/Date(…)\\/``, ``/Date(…)/``, or ISO without a zone. All three were seen."""
    list_form: Literal["either", "bare", "results"] = "either"
    """``d`` of a listing with a single page: a bare list with ``$top`` and ``{results}`` without, always a bare list, or
    always ``{results}``. All were seen."""
    int64_as_text: bool = True
    """``Timestamp`` as a JSON string, as OData 2.0 writes it; otherwise as a number."""
    numbers_as_text: bool = False
    """All other numbers as JSON strings too, as seen for some. Off by default: they are documented as numbers."""
    booleans_as_numbers: bool = False
    """0 and 1 for false and true. Off by default: they are documented as booleans."""
    expanded_lines: int = 60
    """How many rows an expanded collection shows; a next link inside it leads to the rest."""
    lines_deferred_after: int | None = None
    """Leave the lines of all rows after the first n of a page deferred, even when expanded."""
    rows_visible_after: timedelta = timedelta(0)
    """How long after a change the sync endpoints show it."""
    deliveries_need_select: bool = True
    """Refuse GoodsDeliveries without ``$select``, as two clients report against the docs."""
    shipping_method_code_width: int = 0
    """Pad shipping method codes with spaces to this width; one client trims them."""

    sync_timestamp_of_unlisted: Literal["refused", "empty", "value"] = "refused"
    """What SyncTimestamp answers for an endPoint that its page does not list: a refusal, an empty list, or the row
    version."""
    sync_timestamp_of_none: Literal["empty", "null"] = "empty"
    """What SyncTimestamp answers when no row is that new: an empty list, or a row without a row version."""

    # Writing
    read_only_fields_refused: bool = False
    """Refuse a field that is read-only; otherwise ignore it, as was reported."""
    tracking_number_length: int | None = None
    """Truncate longer tracking numbers silently; the docs name no length."""
    remarks_length: int | None = None
    """Likewise for remarks."""
    header_change_moves_lines: bool = False
    """A PUT of a delivery moves the row versions of its lines too."""

    # Limits
    rate_headers: bool = True
    """Send the rate limit headers; in 2019 they were missing."""
    maintenance: bool = False
    """The nightly maintenance window: every call is answered with 503 and an HTML page."""
