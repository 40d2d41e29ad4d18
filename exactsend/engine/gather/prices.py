"""Asks Sendcloud for the prices of a dry run's purchases. Reads only; a price without an answer stays unknown.

Purchases that differ in nothing relevant share one request. Never waits for an allowance (S18).
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace

from exactsend.engine.plan.actions import Outcome, OutcomeKind
from exactsend.engine.ports import Sendcloud
from exactsend.errors import ApiError
from exactsend.http.messages import Json
from exactsend.sendcloud.models import SenderAddress
from exactsend.sendcloud.offered_options import Price
from exactsend.system.structured_log import log_event

log = logging.getLogger(__name__)

JsonObject = dict[str, Json]


def with_prices(
    sendcloud: Sendcloud, outcomes: Sequence[Outcome], *, division_country: str
) -> tuple[Outcome, ...]:
    """The outcomes with the price of each planned purchase. If a request fails no more are sent; earlier prices stay."""
    if not any(_question(outcome, {}, division_country) for outcome in outcomes):
        return tuple(outcomes)
    try:
        senders = {address.id: address for address in sendcloud.sender_addresses()}
        return _priced(sendcloud, outcomes, senders, division_country)
    except ApiError as failed:
        log_event(log, logging.WARNING, "prices_not_known", failed.message)
        return tuple(outcomes)


def _priced(
    sendcloud: Sendcloud, outcomes: Sequence[Outcome], senders: dict[int, SenderAddress], country: str
) -> tuple[Outcome, ...]:
    asked = [_question(outcome, senders, country) for outcome in outcomes]
    known: dict[str, Price | None] = {}
    try:
        for question in asked:
            if question is not None and _key(question) not in known:
                known[_key(question)] = sendcloud.quote(question)
    except ApiError as failed:
        log_event(log, logging.WARNING, "prices_not_known", failed.message)
    return tuple(
        outcome if question is None else replace(outcome, price=known.get(_key(question)))
        for outcome, question in zip(outcomes, asked, strict=True)
    )


def _key(question: JsonObject) -> str:
    return json.dumps(question, sort_keys=True)


def _question(outcome: Outcome, senders: dict[int, SenderAddress], country: str) -> JsonObject | None:
    """The price request for a purchase; None for other outcomes, and if Sendcloud's rules choose the option."""
    body = outcome.request
    if not outcome.cost_bearing or outcome.outcome is not OutcomeKind.PLANNED or not isinstance(body, dict):
        return None
    option, to = _part(_part(body, "ship_with"), "properties"), _part(body, "to_address")
    if "shipping_option_code" not in option:
        return None
    sender = senders.get(_sender_id(body))
    from_code = sender.country_code if sender else country
    asked: JsonObject = {
        "from_address": _known(
            {"country_code": from_code, "postal_code": sender.postal_code if sender else ""}
        ),
        "to_address": _known({"country_code": to.get("country_code"), "postal_code": to.get("postal_code")}),
        "shipping_option_code": option["shipping_option_code"],
        "contract_id": option.get("contract_id"),
        "parcels": _weights(body),
        "calculate_quotes": True,
    }
    return _known(asked)


def _known(fields: JsonObject) -> JsonObject:
    return {name: value for name, value in fields.items() if value}


def _weights(body: JsonObject) -> list[Json]:
    parcels = body.get("parcels")
    rows = parcels if isinstance(parcels, list) else []
    return [{"weight": row["weight"]} for row in rows if isinstance(row, dict) and "weight" in row]


def _sender_id(body: JsonObject) -> int:
    found = _part(body, "from_address").get("sender_address_id")
    return found if isinstance(found, int) else 0


def _part(body: JsonObject, name: str) -> JsonObject:
    found = body.get(name)
    return found if isinstance(found, dict) else {}
