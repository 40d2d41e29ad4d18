"""Completes a request with the account's shipping rules and defaults.

Rules override the request's own values; defaults only fill missing ones (Sendcloud, Shipments API v3). All rules that fit
are applied in their order (https://sendcloud.dev/api/v3/shipping-rules, read on 2026-11-30).
"""

from dataclasses import dataclass

from exactsend.sandbox.json_tree import Json, JsonObject, object_at, objects_at, text
from exactsend.sandbox.sendcloud.accounts import Account
from exactsend.sandbox.sendcloud.catalogue import ShippingRule


@dataclass(frozen=True)
class CompletedRequest:
    """A complete request, and the rules that were applied to it."""

    body: JsonObject
    applied_rules: tuple[JsonObject, ...] = ()
    is_insured: bool = False
    """A rule added insurance."""


def completed_request(account: Account, body: JsonObject) -> CompletedRequest:
    """Complete a request with the account's settings."""
    completed = {**body, "from_address": _sender(account, body)}
    if body.get("apply_shipping_defaults") is not False:
        completed = _with_defaults(account, completed)
    if body.get("apply_shipping_rules") is False:
        return CompletedRequest(_only_shipment(completed))
    rules = [rule for rule in account.rules if _applies(rule, completed)]
    for rule in rules:
        completed |= {"ship_with": _ship_with(rule.option_code)} if rule.option_code else {}
    return CompletedRequest(
        _only_shipment(completed),
        tuple(map(_applied_rule, rules)),
        is_insured=any(rule.insured_value is not None for rule in rules),
    )


def _applied_rule(rule: ShippingRule) -> JsonObject:
    """An applied rule as answers show it: its id and name, and what it has set."""
    result: JsonObject = {"shipping_option_code": rule.option_code} if rule.option_code else {}
    if rule.insured_value is not None:
        result["additional_insured_price"] = {"value": f"{rule.insured_value:.2f}", "currency": "EUR"}
    return {"rule": {"id": rule.rule_id, "name": rule.name}, "result": result}


def _only_shipment(body: JsonObject) -> JsonObject:
    switches = ("apply_shipping_rules", "apply_shipping_defaults", "delivery_indicator")
    return {name: value for name, value in body.items() if name not in switches}


def _sender(account: Account, body: JsonObject) -> Json:
    """The account's first sender address is its default."""
    if "from_address" in body or not account.sender_addresses:
        return body.get("from_address", {})
    return {"sender_address_id": account.sender_addresses[0].address_id}


def _with_defaults(account: Account, body: JsonObject) -> JsonObject:
    completed = dict(body)
    preferred = _first(account.preferred_options, body)
    if preferred is not None and not text(body, "ship_with", "properties", "shipping_option_code"):
        completed["ship_with"] = _ship_with(preferred.option_code)
    weight: JsonObject = {"value": f"{account.default_weight_grams / 1000:.3f}", "unit": "kg"}
    completed["parcels"] = [{"weight": weight, **parcel} for parcel in objects_at(body, "parcels") or [{}]]
    return completed


def _ship_with(code: str) -> JsonObject:
    return {"type": "shipping_option_code", "properties": {"shipping_option_code": code}}


def _first(rules: list[ShippingRule], body: JsonObject) -> ShippingRule | None:
    return next((rule for rule in rules if _applies(rule, body)), None)


def _applies(rule: ShippingRule, body: JsonObject) -> bool:
    country = text(object_at(body, "to_address"), "country_code")
    return rule.applies(country, text(body, "delivery_indicator"))
