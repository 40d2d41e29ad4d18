"""What the account's shipping rules and defaults make of a request that leaves something open.

Rules beat the request's own values; defaults only fill what is missing (Sendcloud, Shipments API v3).
"""

from dataclasses import dataclass

from exactsend.sandbox.sendcloud.accounts import Account
from exactsend.sandbox.sendcloud.catalogue import ShippingRule
from exactsend.sandbox.sendcloud.json_tree import Json, JsonObject, branch, branches, text


@dataclass(frozen=True)
class Filled:
    """A request that says everything, and the rules that were applied to it."""

    body: JsonObject
    applied_rules: tuple[JsonObject, ...] = ()


def filled(account: Account, body: JsonObject) -> Filled:
    """The request completed by the account's settings."""
    completed = {**body, "from_address": _sender(account, body)}
    if body.get("apply_shipping_defaults") is not False:
        completed = _with_defaults(account, completed)
    if body.get("apply_shipping_rules") is False:
        return Filled(_only_shipment(completed))
    rule = _first(account.rules, completed)
    if rule is None:
        return Filled(_only_shipment(completed))
    told: JsonObject = {
        "rule": {"id": rule.rule_id, "name": rule.name},
        "result": {"shipping_option_code": rule.option_code},
    }
    return Filled(_only_shipment({**completed, "ship_with": _ship_with(rule.option_code)}), (told,))


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
    completed["parcels"] = [{"weight": weight, **parcel} for parcel in branches(body, "parcels") or [{}]]
    return completed


def _ship_with(code: str) -> JsonObject:
    return {"type": "shipping_option_code", "properties": {"shipping_option_code": code}}


def _first(rules: list[ShippingRule], body: JsonObject) -> ShippingRule | None:
    country = text(branch(body, "to_address"), "country_code")
    indicator = text(body, "delivery_indicator")
    return next((rule for rule in rules if rule.applies(country, indicator)), None)
