"""Asks Sendcloud about the purchases to be planned: what their options require, and whether carriers accept the addresses.

Asks only about labels that would otherwise be bought: about an option once a day, about an address once. A request
without an answer is logged, is reported by ``status`` if refused, and holds nothing. It is not repeated in this run,
nor on this day if Sendcloud doesn't know the endpoint.

Each request counts towards Sendcloud's writes of the minute. It is left out if these don't suffice for everything this
run has to write (S18).
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from exactsend.domain.ids import DeliveryId
from exactsend.domain.preflight import OptionTerms, Preflight, Route
from exactsend.domain.store_protocol import JsonRecord
from exactsend.engine.gather.answer_cache import AnswerCache, CheckedAddresses
from exactsend.engine.plan.actions import BuyLabel
from exactsend.engine.plan.labels import plan_labels
from exactsend.engine.plan.preflight import address_question, option_question
from exactsend.engine.run_context import RunContext
from exactsend.engine.snapshot import Snapshot
from exactsend.errors import ApiError, RateLimited, Refused, is_refusal
from exactsend.http.messages import Json
from exactsend.sendcloud.offered_options import OfferedOption
from exactsend.system.structured_log import log_event

log = logging.getLogger(__name__)

CACHE_NAME = "preflight"
OPTIONS = "shipping-options"
WRITES_OF_A_PURCHASE = 2
"""The announcement, and the withdrawal of the incoming order."""
RESERVED_WRITES = 10
"""Writes of the minute left for other purposes: for incoming orders, and for other divisions of the account."""
_BAD_REQUEST = 400
"""Sendcloud knows the endpoint but not this request's subject: another address may still be answered."""

Answer = TypeVar("Answer")


def read_preflight(context: RunContext, snapshot: Snapshot) -> Preflight:
    """Sendcloud's answers about the purchases of this run. Not for labels that a person requested, nor beyond the limit of a run."""
    purchases = [
        purchase for purchase in plan_labels(snapshot).purchases if purchase.delivery_id not in snapshot.asked
    ]
    purchases = purchases[: context.policy.labels.max_per_run]
    questions = _PurchaseChecks(context, writes_to_come=WRITES_OF_A_PURCHASE * len(purchases))
    for purchase in purchases:
        questions.ask_about(snapshot, purchase)
    if purchases:
        questions.save()
    return Preflight(questions.terms, questions.addresses, questions.unanswered_options)


class _PurchaseChecks:
    """The requests of one run, and the cached answers."""

    def __init__(self, context: RunContext, *, writes_to_come: int) -> None:
        self._sources = context
        self._leaves = writes_to_come + RESERVED_WRITES
        self._day = context.now.date().isoformat()
        self._kept = context.records.cached(CACHE_NAME) or {}
        self._catalogue = AnswerCache(self._kept, context.now.date())
        of_today = self._kept if self._kept.get("day") == self._day else {}
        self._checked = CheckedAddresses(
            context.records, context.fingerprint_key, context.now, of_today.get("objections")
        )
        self.terms = self._catalogue.asked_today()
        self.addresses: dict[DeliveryId, tuple[str, ...]] = {}
        unknown = of_today.get("unknown")
        self._unknown = [str(value) for value in unknown] if isinstance(unknown, list) else []
        self._silent = set(self._unknown)
        self._are_left_out = False

    @property
    def unanswered_options(self) -> frozenset[str]:
        """The options without an answer."""
        topics = (topic.partition(" ") for topic in self._silent)
        return frozenset(option for endpoint, _, option in topics if endpoint == OPTIONS)

    def ask_about(self, snapshot: Snapshot, purchase: BuyLabel) -> None:
        """Ask about one purchase what was not asked before."""
        route, question = option_question(snapshot, purchase), address_question(snapshot, purchase)
        if route is not None and route.key not in self.terms:
            self._ask_about_option(route)
        if question is not None:
            self._ask_about_address(purchase.delivery_id, *question)

    def _ask_about_option(self, route: Route) -> None:
        offers = self._answer(
            OPTIONS,
            route.option,
            lambda: self._sources.sendcloud.option_offers(
                route.option,
                to_country=route.to_country,
                from_country=route.from_country,
                reserve=self._leaves,
            ),
        )
        if offers is not None:
            self.terms[route.key] = tuple(map(_terms, offers))
            self._catalogue.add(route.key, self.terms[route.key])
        elif self._are_left_out and (known := self._catalogue.asked_recently(route.key)) is not None:
            self.terms[route.key] = known

    def _ask_about_address(self, delivery: DeliveryId, address: dict[str, Json], carrier: str) -> None:
        name = self._checked.cache_key(address, carrier)
        objections = self._checked.objections(name)
        if objections is None:
            check = self._answer(
                "addresses/validate",
                carrier,
                lambda: self._sources.sendcloud.check_address(address, carrier, reserve=self._leaves),
            )
            if check is None or check.input_address_is_valid is None:
                return
            objections = check.objections
            self._checked.add(name, objections)
        self.addresses[delivery] = objections

    def save(self) -> None:
        """Store the new answers."""
        self._checked.save()
        learned: JsonRecord = {
            **self._catalogue.to_json(),
            **({"unknown": list(self._unknown)} if self._unknown else {}),
            **({"objections": self._checked.refused} if self._checked.refused else {}),
        }
        kept: JsonRecord = {"day": self._day, **learned}
        if learned and kept != self._kept:
            self._sources.records.cache(CACHE_NAME, kept)

    def _answer(self, endpoint: str, about: str, ask: Callable[[], Answer]) -> Answer | None:
        topic, questions = f"{endpoint} {about}", self._sources.questions
        if self._are_left_out or topic in self._silent:
            return None
        try:
            answer = ask()
        except RateLimited as too_many:
            # All these requests count towards the same minute, so this run sends no more of them.
            said = f"{too_many.message}; purchases go on without the checks that were not made yet"
            log_event(log, logging.INFO, "checks_left_out", said, about=topic)
            self._are_left_out = True
            return None
        except ApiError as unanswered:
            said = f"{unanswered.message}; purchases go on without it"
            log_event(log, logging.INFO, "check_not_answered", said, about=topic)
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
