"""Whether the request can be made: address, service point, customs and weight, each as a check. Pure.

Uses the functions that make the request, so both hold for the same reasons.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from exactsend.domain.problems import Code, Held, RequestPart
from exactsend.engine.plan.checks import Check, Rule
from exactsend.engine.plan.delivery_case import DeliveryCase
from exactsend.engine.plan.labels import label_request, purchase_of
from exactsend.engine.plan.preflight import check_purchase
from exactsend.engine.plan.service_points import check_point
from exactsend.engine.snapshot import Snapshot
from exactsend.http.messages import Json
from exactsend.trade.consignment import Consignment
from exactsend.trade.recipient import Recipient, recipient
from exactsend.trade.service_point import service_point_id

_RULES: Mapping[RequestPart, Rule] = {
    "customs": Rule.CUSTOMS,
    "method": Rule.METHOD,
    "weight": Rule.WEIGHT,
}

Body = dict[str, Json]


@dataclass(frozen=True)
class Sendable:
    """The request as far as it can be made, and the checks made on the way."""

    checks: tuple[Check, ...]
    to: Recipient | None
    body: Body | None


def sendable_label(case: DeliveryCase) -> Sendable:
    """The request that would buy a delivery's label."""
    snapshot, consignment = case.snapshot, case.consignment
    point = _tried(Rule.SERVICE_POINT, lambda: _point(snapshot, consignment))
    return _sendable(snapshot, consignment, [point], lambda: label_request(case).body)


def sendable_incoming_order(
    snapshot: Snapshot, consignment: Consignment, make: Callable[[], Body]
) -> Sendable:
    """The incoming order that would be sent for an order; ``make`` makes its body."""
    return _sendable(snapshot, consignment, [], make)


def purchase_check(case: DeliveryCase) -> Check:
    """Sendcloud's answers before the purchase of a label."""
    purchase = purchase_of(case, label_request(case))
    try:
        check_purchase(case.snapshot, purchase)
    except Held as held:
        return _failed(Rule.BEFORE_PURCHASE, held)
    return Check(Rule.BEFORE_PURCHASE, passed=True, reason="", found=" ".join(purchase.unchecked))


def _sendable(
    snapshot: Snapshot, consignment: Consignment, parts: Iterable[Check], make: Callable[[], Body]
) -> Sendable:
    to: Recipient | None = None
    try:
        to = recipient(consignment, snapshot.policy)
        checks = [Check(Rule.ADDRESS, passed=True, reason="", found=to.address.record), *parts]
    except Held as held:
        checks = [_failed(Rule.ADDRESS, held), *parts]
    try:
        body = make()
    except Held as held:
        reasons = {check.reason for check in checks}
        also = [] if held.problem.code in reasons else [_failed(_rule_of(held.problem.code), held)]
        return Sendable((*checks, *also), to, None)
    return Sendable((*checks, *_contents(body)), _as_sent(to, body), body)


def _as_sent(to: Recipient | None, body: Body) -> Recipient | None:
    """The recipient as in the body: some carriers need another phone number format."""
    address = body.get("to_address")
    number = address.get("phone_number") if isinstance(address, dict) else None
    return replace(to, phone=number) if to is not None and isinstance(number, str) else to


def _tried(rule: Rule, ask: Callable[[], str]) -> Check:
    try:
        return Check(rule, passed=True, reason="", found=ask())
    except Held as held:
        return _failed(_rule_of(held.problem.code, otherwise=rule), held)


def _failed(rule: Rule, held: Held) -> Check:
    return Check(rule, passed=False, reason=held.problem.code, problem=held.problem)


def _rule_of(code: Code, *, otherwise: Rule = Rule.REQUEST) -> Rule:
    return _RULES.get(code.part, otherwise)


def _point(snapshot: Snapshot, consignment: Consignment) -> str:
    check_point(snapshot, consignment)
    return service_point_id(consignment, snapshot.policy) or ""


def _contents(body: Body) -> list[Check]:
    """Customs data and weight of a body, for the checks."""
    declared = bool({"customs_information", "customs_details"} & set(body))
    return [
        Check(Rule.CUSTOMS, passed=True, reason="", found="declared" if declared else "not declared"),
        Check(Rule.WEIGHT, passed=True, reason="", found=_weight_text(body)),
    ]


def _weight_text(body: Body) -> str:
    parcels, shipping = body.get("parcels"), body.get("shipping_details")
    holders = [
        *(parcels if isinstance(parcels, list) else []),
        *([_measurement(shipping)] if shipping else []),
    ]
    weights = [holder["weight"] for holder in holders if isinstance(holder, dict) and "weight" in holder]
    return ", ".join(f"{weight['value']} {weight['unit']}" for weight in weights if isinstance(weight, dict))


def _measurement(shipping: Json) -> Json:
    return shipping.get("measurement") if isinstance(shipping, dict) else None
