"""Switches for what Sendcloud's documentation leaves open.

Each default is the most likely behaviour. Tests turn the switches to prove that the program depends on none of them.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass
class SendcloudBehaviour:
    """How this Sendcloud behaves where the published description leaves it open."""

    conflict_body: Literal["data", "bare", "empty"] = "data"
    """The body of a 409 for a used reference: the shipment under ``data``, the bare shipment, or nothing."""
    reference_refused: bool = True
    """Refuse a used ``external_reference_id`` with 409; otherwise create another shipment, contrary to the docs."""
    reference_kept_by_failed: bool = True
    """A shipment whose announcement failed keeps its ``external_reference_id``."""
    reference_kept_by_cancelled: bool = True
    """Likewise for a cancelled shipment."""
    orders_saved_after: timedelta = timedelta(0)
    """A 201 means that orders are accepted; only after this time can they be read, or sent again."""
    lookups_lag: timedelta = timedelta(0)
    """``GET /shipments`` shows the state of this long ago."""
    listing_order: Literal["newest_first", "oldest_first"] = "newest_first"
    failed_with_tracking_number: bool = True
    failed_answers: Literal[200, 201] = 200
    """The status of an announce call whose announcement failed: 200 was seen, 201 is documented."""
    untracked_have_numbers: bool = True
    """A label of an untracked option has a tracking number and a URL too, as was seen; otherwise neither."""
    announce_answers_announcing: bool = False
    """The announce call answers ANNOUNCING; a later read shows the label or the failure."""
    cancel_queued: bool = True
    """Cancelling answers 202, as was seen, and the shipment is CANCELLING for `cancellation_takes`; otherwise 200, and the
    shipment is cancelled at once."""
    cancellation_takes: timedelta = timedelta(0)
    """Zero: the next call finds the shipment cancelled."""
    queued_cancellation_fails: bool = False
    """Queued cancellations end as CANCELLATION_FAILED."""
    never_cancelled: frozenset[str] = frozenset()
    """Codes of carriers whose labels can't be cancelled."""
    cancelled_comes_back: timedelta | None = None
    """The carrier rejects the cancellation after this time; the shipment is live and charged again."""
    panel_label_under_own_keys: bool = True
    """A label made in the panel from an order belongs to the order's integration; otherwise the API lists it under none."""
    customs_price_per_piece: bool = True
    """The price of a customs item is per piece; otherwise it is that of the whole line."""
    panel_label_keeps_order: bool = True
    """The API still shows an order whose label was made in the panel."""
    cancelled_label_returns_order: bool = True
    """Cancelling a panel label returns the order to the incoming orders."""
    shipped_order_upsert: Literal["accepted", "refused", "recreates"] = "accepted"
    """What happens when an order is sent again after a label was made from it."""
    shorter_item_list_replaces: bool = True
    """Items that are missing from a later POST of the order are removed."""
    retry_after: int | None = None
    """Seconds in the ``Retry-After`` header of a 429; None: no header."""
    strict_currencies: bool = True
    """Orders accept only EUR, GBP and USD; otherwise any text of three characters or more."""
    unknown_fields_refused: bool = False
    """Refuse undocumented fields of orders and shipments."""
    unfit_option: Literal["refused", "announced"] = "refused"
    """An option that does not fit the destination, the weight or the insurance: 400, and no shipment is created; otherwise the
    announcement fails."""
    refusal_tells_rules: Literal["beside", "within", "nothing"] = "nothing"
    """Where a refusal lists the applied shipping rules: beside ``errors``, in the error's ``meta``, or nowhere. Seen once; the
    place is not known."""
    shipping_rules_allowed: bool = True
    """The account's plan includes shipping rules; otherwise none is applied."""
    own_contracts_allowed: bool = True
    """The account's plan includes own contracts; otherwise a request with one is refused."""
    options_asked_by: Literal["both", "addresses", "countries"] = "both"
    """How ``POST /shipping-options`` gets origin and destination: as address objects (flat fields are ignored), as the older flat
    fields (objects are refused), or as either, but not both at once."""
    unpriced_options: frozenset[str] = frozenset()
    """Codes of options without a known price; they are listed with a ``quote_error``."""
    carriers_down: frozenset[str] = frozenset()
    """Codes of carriers that are down; their announcements fail."""
    announcements_fail_with: str | None = None
    """All announcements fail with this message from the carrier."""
    missing_calls: frozenset[str] = frozenset()
    """Paths that are answered with 404."""
    unknown_postal_codes: frozenset[str] = frozenset()
    """Postal codes that the address directory does not know."""
    address_checks_unreachable: bool = False
    """The address directory does not answer; an address check has no result."""
    errors_bare: bool = False
    """Refusals are a bare list, as in the schemas, instead of under ``errors``, as in the examples."""
    extra_statuses: tuple[str, ...] = ()
    """Additional codes that ``GET /parcels/statuses`` lists."""

    @property
    def carrier_down(self) -> str | None:
        """The carrier that is down, when it is only one."""
        return next(iter(self.carriers_down), None)

    @carrier_down.setter
    def carrier_down(self, code: str | None) -> None:
        self.carriers_down = frozenset() if code is None else frozenset({code})
