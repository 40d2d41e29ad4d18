"""What Sendcloud says of the purchases that are about to be planned: what their options demand, what carriers have against addresses.

Asked of what would be bought otherwise, and of nothing else; what an option demands once a day, not for each delivery. A question that
is not answered is told in the log, and in ``status`` where it is refused, and holds nothing up; its like is not asked again in this run, and not on this day where Sendcloud
does not know the question at all.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from exactsend.calls import Json
from exactsend.domain.ids import DeliveryId
from exactsend.domain.preflight import OptionTerms, Preflight
from exactsend.errors import ApiError, Refused, is_refusal
from exactsend.gather.sources import Sources
from exactsend.logbook import tell
from exactsend.plan.actions import BuyLabel
from exactsend.plan.labels import plan_labels
from exactsend.plan.preflight import address_question, option_question
from exactsend.sendcloud.checks import OfferedOption
from exactsend.snapshot import Snapshot
from exactsend.stores import JsonRecord

log = logging.getLogger(__name__)

KEPT_AS = "preflight"
OPTIONS = "shipping-options"
_BAD_REQUEST = 400
"""Sendcloud knows the question, and not what it is about: another address may well be answered."""

Answer = TypeVar("Answer")


def read_preflight(sources: Sources, snapshot: Snapshot) -> Preflight:
    """The answers for what would be bought. What a person asked for is not checked, nor more than a run may buy."""
    purchases = [one for one in plan_labels(snapshot).purchases if one.delivery_id not in snapshot.asked]
    questions = _Questions(sources)
    for purchase in purchases[: sources.policy.labels.max_per_run]:
        questions.ask_about(snapshot, purchase)
    questions.keep()
    return Preflight(questions.terms, questions.addresses, questions.unanswered_options)


class _Questions:
    """The questions of one run, and the day's answers."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._day = sources.now.date().isoformat()
        kept = sources.memory.cached(KEPT_AS) or {}
        self._kept = kept if kept.get("day") == self._day else {}
        self.terms = _terms_of(self._kept)
        self.addresses: dict[DeliveryId, tuple[str, ...]] = {}
        unknown = self._kept.get("unknown")
        self._unknown = [str(one) for one in unknown] if isinstance(unknown, list) else []
        self._silent = set(self._unknown)

    @property
    def unanswered_options(self) -> frozenset[str]:
        """The options about which nothing was told."""
        topics = (topic.partition(" ") for topic in self._silent)
        return frozenset(option for endpoint, _, option in topics if endpoint == OPTIONS)

    def ask_about(self, snapshot: Snapshot, purchase: BuyLabel) -> None:
        """What bears on one purchase and was not asked before."""
        route = option_question(snapshot, purchase)
        if route is not None and route.key not in self.terms:
            offers = self._answer(
                OPTIONS,
                route.option,
                lambda: self._sources.sendcloud.option_offers(
                    route.option, to_country=route.to_country, from_country=route.from_country
                ),
            )
            if offers is not None:
                self.terms[route.key] = tuple(map(_terms, offers))
        question = address_question(snapshot, purchase)
        if question is not None:
            address, carrier = question
            check = self._answer(
                "addresses/validate",
                carrier,
                lambda: self._sources.sendcloud.check_address(address, carrier),
            )
            if check is not None and check.input_address_is_valid is not None:
                self.addresses[purchase.delivery_id] = check.objections

    def keep(self) -> None:
        """Keep what holds for the day, where it is more than was kept."""
        terms: dict[str, Json] = {
            key: [one.model_dump(mode="json") for one in offered] for key, offered in self.terms.items()
        }
        kept: JsonRecord = {"day": self._day, "terms": terms, "unknown": list(self._unknown)}
        if kept != self._kept and (terms or self._unknown):
            self._sources.memory.cache(KEPT_AS, kept)

    def _answer(self, endpoint: str, about: str, ask: Callable[[], Answer]) -> Answer | None:
        topic, questions = f"{endpoint} {about}", self._sources.questions
        if topic in self._silent:
            return None
        try:
            answer = ask()
        except ApiError as unanswered:
            said = f"{unanswered.message}; purchases go on without it"
            tell(log, logging.INFO, "check_not_answered", said, about=topic)
            self._silent.add(topic)
            if unanswered.http_status == _BAD_REQUEST:
                return None
            if isinstance(unanswered, Refused):
                self._unknown.append(topic)
            if is_refusal(unanswered):
                questions.note_refused("sendcloud", [unanswered])
            return None
        questions.answered("sendcloud", f"POST {endpoint}")
        return answer


def _terms(offer: OfferedOption) -> OptionTerms:
    return OptionTerms(
        contract_id=offer.contract.id,
        fields=offer.requirements.fields,
        needs_service_point=offer.requirements.is_service_point_required,
        min_grams=offer.weight.min_grams,
        max_grams=offer.weight.max_grams,
        is_tracked=offer.functionalities.tracked,
    )


def _terms_of(kept: JsonRecord) -> dict[str, tuple[OptionTerms, ...]]:
    terms = kept.get("terms")
    if not isinstance(terms, dict):
        return {}
    return {
        key: tuple(OptionTerms.model_validate(one) for one in offered)
        for key, offered in terms.items()
        if isinstance(offered, list)
    }
