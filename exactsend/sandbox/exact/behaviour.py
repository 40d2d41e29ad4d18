"""What Exact's documentation leaves open, as switches.

Each default is what the references find most likely; a test that wants to know whether the program copes with the
other answer turns the switch.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass
class ExactBehaviour:
    """How this Exact behaves where its documentation is silent or contradicts itself."""

    # Sign-in
    refresh_from_seconds: int = 570
    """Earliest moment of a refresh; one project found that only 600 works."""
    early_refresh_as_401: bool = False
    """Answer an early refresh with the older 401 text instead of the 400 seen in 2026."""

    trade_module: bool = True
    """The licence has the trade module; else goods deliveries are refused, in words that the docs do not give."""

    # Rights
    missing_right: Literal["forbidden", "nothing"] = "forbidden"
    """What a read shows that the user has no right to: 403, or nothing, as the knowledge base says of Items."""
    rights_in_object: bool = False
    """``users/UserHasRights`` answers ``{"d": {"UserHasRights": true}}``, as older clients read it, not ``{"d": true}``."""

    # Reading
    dates_in_utc: bool = False
    """Moments as UTC; else as Dutch wall time that looks like UTC."""
    date_form: Literal["escaped", "plain", "iso"] = "escaped"
    """A date in the text of an answer: ``\\/Date(…)\\/``, ``/Date(…)/``, or ISO without a zone. All three were seen."""
    list_form: Literal["either", "bare", "results"] = "either"
    """``d`` of a listing that is whole: a bare list where ``$top`` was asked for and ``{results}`` elsewhere, always a
    bare list, or always ``{results}``. All were seen."""
    int64_as_text: bool = True
    """``Timestamp`` as a JSON string, as OData 2.0 writes it; else as a number."""
    numbers_as_text: bool = False
    """Every other number as a JSON string too, as was seen of some. Not the default: documented as numbers."""
    booleans_as_numbers: bool = False
    """0 and 1 for false and true. Not the default: documented as booleans."""
    expanded_lines: int = 60
    """How many rows an expanded collection shows; a next link inside it leads to the rest."""
    lines_deferred_after: int | None = None
    """Leave the lines of all rows after the first n of a page deferred, even when expanded."""
    rows_visible_after: timedelta = timedelta(0)
    """How long after a change the sync endpoints show it."""
    deliveries_need_select: bool = True
    """Refuse GoodsDeliveries without ``$select``, as two clients report against the docs."""
    shipping_method_code_width: int = 0
    """Pad shipping method codes with spaces to this width, as a client that trims them suggests."""

    sync_timestamp_of_unlisted: Literal["refused", "empty", "value"] = "refused"
    """What SyncTimestamp says to an endPoint that its page does not list: a refusal, an empty list, or the row version
    all the same."""
    sync_timestamp_of_none: Literal["empty", "null"] = "empty"
    """What SyncTimestamp says where no row is that new: an empty list, or one row without a row version."""

    # Writing
    read_only_fields_refused: bool = False
    """Refuse a field that may not be written; else drop it silently, as is reported."""
    tracking_number_length: int | None = None
    """Cut longer tracking numbers off silently; the docs name no length."""
    remarks_length: int | None = None
    """Likewise for remarks."""
    header_change_moves_lines: bool = False
    """A PUT of a delivery moves the row versions of its lines too."""

    # Limits
    rate_headers: bool = True
    """Send the rate limit headers; they were missing altogether in 2019."""
    maintenance: bool = False
    """The nightly window: every call is answered 503 with a page."""
