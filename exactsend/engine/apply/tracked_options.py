"""Asks Sendcloud which shipping options have tracking, for labels about to be written back. Reads only.

Asks at most once a day for each option, and not if the check before a purchase has the answer. Without an answer the
number is written as any other.
"""

import logging
from dataclasses import replace

from exactsend.domain.preflight import common_tracking
from exactsend.engine.plan.writebacks import options_to_know
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot
from exactsend.errors import ApiError, Refused, is_refusal
from exactsend.sendcloud.models import Shipment
from exactsend.sendcloud.offered_options import OfferedOption
from exactsend.system.structured_log import log_event

log = logging.getLogger(__name__)

CACHE_NAME = "tracked options"
ENDPOINT = "shipping-options"


def with_untracked_options(context: RunContext, snapshot: Snapshot) -> Snapshot:
    """The snapshot with the untracked options among those of its labels."""
    wanted = options_to_know(snapshot)
    if not wanted:
        return snapshot
    day = snapshot.now.date().isoformat()
    kept = context.records.cached(CACHE_NAME) or {}
    before = _kept_of(kept.get("options")) if kept.get("day") == day else {}
    known_answers = dict.fromkeys(snapshot.preflight.unanswered) | _known_from_preflight(snapshot) | before
    asked = _ask(
        context, {option: shipment for option, shipment in wanted.items() if option not in known_answers}
    )
    if asked:
        context.records.cache(CACHE_NAME, {"day": day, "options": {**before, **asked}})
    known = known_answers | asked
    return replace(
        snapshot, untracked=frozenset(option for option, is_tracked in known.items() if is_tracked is False)
    )


def _ask(context: RunContext, options: dict[str, Shipment]) -> dict[str, bool | None]:
    """Sendcloud's answers about these options; None if there is none. After a lost answer no more are asked."""
    answers: dict[str, bool | None] = {}
    if ENDPOINT in context.questions.rest("sendcloud"):
        return answers
    for option, shipment in options.items():
        try:
            answers[option] = _asked(context, option, shipment)
        except ApiError as unanswered:
            said = f"{unanswered.message}; its numbers are written as tracking numbers"
            log_event(log, logging.INFO, "tracking_not_told", said, about=option)
            if is_refusal(unanswered):
                context.questions.note_refused("sendcloud", [unanswered])
            if not isinstance(unanswered, Refused):
                break
            answers[option] = None
    return answers


def _kept_of(kept: object) -> dict[str, bool | None]:
    rows = kept.items() if isinstance(kept, dict) else ()
    return {str(option): is_tracked if isinstance(is_tracked, bool) else None for option, is_tracked in rows}


def _known_from_preflight(snapshot: Snapshot) -> dict[str, bool | None]:
    """The answers of the checks before purchases, by option. They are cached by option and countries."""
    terms = {
        key.partition(" ")[0]: common_tracking(offered) for key, offered in snapshot.preflight.terms.items()
    }
    return {option: is_tracked for option, is_tracked in terms.items() if is_tracked is not None}


def _asked(context: RunContext, option: str, shipment: Shipment) -> bool | None:
    offers: list[OfferedOption] = context.sendcloud.option_offers(
        option, to_country=shipment.to_address.country_code, from_country=shipment.from_address.country_code
    )
    context.questions.answered("sendcloud", f"POST {ENDPOINT}")
    tracked = {offer.functionalities.tracked for offer in offers}
    return tracked.pop() if len(tracked) == 1 else None
