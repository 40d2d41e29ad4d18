"""Switches for what Sendcloud's documents leave open, each set to what is most likely.

Tests turn them to prove that nothing depends on a guess. No behaviour is carried out here.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass
class SendcloudBehaviour:
    """How this Sendcloud behaves where the published description is silent."""

    conflict_body: Literal["data", "bare", "empty"] = "data"
    """What a 409 for a used reference carries: the shipment under ``data``, bare, or nothing."""
    reference_refused: bool = True
    """A used ``external_reference_id`` is refused with 409; else it makes another shipment, against what the docs say."""
    reference_kept_by_failed: bool = True
    """A shipment whose announcement failed still holds its ``external_reference_id``."""
    reference_kept_by_cancelled: bool = True
    orders_saved_after: timedelta = timedelta(0)
    """A 201 for orders means accepted; they can be read, and sent again, only after this."""
    lookups_lag: timedelta = timedelta(0)
    """``GET /shipments`` shows the state of so long ago."""
    listing_order: Literal["newest_first", "oldest_first"] = "newest_first"
    failed_with_tracking_number: bool = True
    failed_answers: Literal[200, 201] = 200
    """What the announce call answers where the announcement failed: 200 was seen, 201 is written."""
    untracked_have_numbers: bool = True
    """A label of an option without tracking has a tracking number and a URL all the same, as was seen; else neither."""
    announce_answers_announcing: bool = False
    """The announce call answers ANNOUNCING; a later read finds the label or the failure."""
    cancel_queued: bool = True
    """Cancelling answers 202, as was seen, and the shipment is CANCELLING for `cancellation_takes`; else 200, and it is cancelled."""
    cancellation_takes: timedelta = timedelta(0)
    """Nothing: the next call finds it cancelled."""
    queued_cancellation_fails: bool = False
    """What was queued ends as CANCELLATION_FAILED."""
    never_cancelled: frozenset[str] = frozenset()
    """Codes of carriers whose labels can't be cancelled."""
    cancelled_comes_back: timedelta | None = None
    """The carrier rejects the cancellation so much later: the shipment is live and charged again."""
    panel_label_under_own_keys: bool = True
    """A label made in the panel from an order belongs to the order's integration; else to none that the API lists it under."""
    customs_price_per_piece: bool = True
    """The price of a customs item is that of one piece; else of the whole line."""
    panel_label_keeps_order: bool = True
    """An order whose label was made in the panel can still be read by the API."""
    cancelled_label_returns_order: bool = True
    """Cancelling a panel label puts the order back among the incoming ones."""
    shipped_order_upsert: Literal["accepted", "refused", "recreates"] = "accepted"
    """What sending an order again does after a label was made from it."""
    shorter_item_list_replaces: bool = True
    """Items missing from a later POST of the order are gone."""
    retry_after: int | None = None
    """Seconds in the ``Retry-After`` header of a 429; None leaves the header out."""
    strict_currencies: bool = True
    """Orders take EUR, GBP and USD only; otherwise any text of three characters or more."""
    unknown_fields_refused: bool = False
    """Orders and shipments refuse fields that are not documented."""
    unfit_option: Literal["refused", "announced"] = "refused"
    """An option that does not go there, with what is wanted of it, or not with that weight: 400 before anything is made; else the carrier fails it."""
    refusal_tells_rules: Literal["beside", "within", "nothing"] = "nothing"
    """A refusal names the shipping rules that were applied: beside ``errors``, in the error's ``meta``, or not at all. Seen once, where is not known."""
    shipping_rules_allowed: bool = True
    """The account's plan has shipping rules; else none is applied."""
    own_contracts_allowed: bool = True
    """The account's plan has contracts of one's own; else a request that names one is refused."""
    options_asked_by: Literal["both", "addresses", "countries"] = "both"
    """How ``POST /shipping-options`` is told where from and where to: address objects (the flat fields say nothing), the flat fields of old (objects are refused), or either, not both at once."""
    unpriced_options: frozenset[str] = frozenset()
    """Codes of options that no price is known of: they come with a ``quote_error``."""
    carriers_down: frozenset[str] = frozenset()
    """Carrier codes that announce nothing at the moment."""
    announcements_fail_with: str | None = None
    """Every announcement fails with these words of the carrier."""
    missing_calls: frozenset[str] = frozenset()
    """Paths that this Sendcloud does not have."""
    unknown_postal_codes: frozenset[str] = frozenset()
    """Where no address exists, as far as the directory knows that Sendcloud asks."""
    address_checks_unreachable: bool = False
    """That directory does not answer: the check of an address gives no opinion."""
    errors_bare: bool = False
    """Refusals are a bare list, as the schemas say, not under ``errors`` as the examples show."""
    extra_statuses: tuple[str, ...] = ()
    """Further codes that ``GET /parcels/statuses`` lists."""

    @property
    def carrier_down(self) -> str | None:
        """The one carrier that is down, for the common case."""
        return next(iter(self.carriers_down), None)

    @carrier_down.setter
    def carrier_down(self, code: str | None) -> None:
        self.carriers_down = frozenset() if code is None else frozenset({code})
