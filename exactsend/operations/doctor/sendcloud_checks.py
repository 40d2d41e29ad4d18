"""Checks of Sendcloud: the account, other apps for the same orders, sender addresses, shipping options, contract."""

import re
from collections.abc import Callable

from exactsend.domain.division_records import Pins
from exactsend.engine.division_run import require_own_integration
from exactsend.engine.gather.account_identity import require_same
from exactsend.engine.wiring import host_of
from exactsend.errors import ApiError, Unreachable
from exactsend.operations.doctor.access_rights import issue_of
from exactsend.operations.doctor.checks import CheckContext, CheckResults, Issue, Note
from exactsend.operations.doctor.exact_online_checks import clock_issues, mapping_remedy
from exactsend.sendcloud.models import Integration
from exactsend.sendcloud.offered_options import OfferedOption
from exactsend.trade.amounts import plain

_ACTIVE = "active"
_UNUSED_ID = "exactsend-doctor"
"""A reference and order id that no shipment or order has."""
_UNAUTHORIZED = 401


def account(context: CheckContext) -> CheckResults:
    """Whether the keys work, belong to the ledger's account, and are used by this division only."""
    who = context.sendcloud.who_am_i()
    pins = Pins(
        exact_host=context.division.exact.host,
        division=context.division.code,
        sendcloud_host=host_of(context.wiring.settings.sendcloud.base_url),
        user=who.user_id,
        integration=who.integration_id,
    )
    require_same(context.records.pins, pins)
    require_own_integration(context.wiring, context.division, who.integration_id)
    return iter(())


def clock(context: CheckContext) -> CheckResults:
    """Whether this machine's clock differs from Sendcloud's by at most one minute."""
    yield from clock_issues("Sendcloud", context.sendcloud.server_date(), context.own_time)


def listings(context: CheckContext) -> CheckResults:
    """Whether shipments and incoming orders can be looked up, tested with an unused id.

    Raises:
        Forbidden: the keys are refused.
    """
    own = context.sendcloud.who_am_i().integration_id
    lookups: tuple[tuple[str, Callable[[], object]], ...] = (
        ("shipments", lambda: context.sendcloud.shipments_with_reference(_UNUSED_ID)),
        ("orders", lambda: context.sendcloud.stored_orders_with_id(_UNUSED_ID, integration=own)),
    )
    for endpoint, look_up in lookups:
        try:
            with context.asking(endpoint):
                look_up()
        except ApiError as error:
            if error.http_status == _UNAUTHORIZED or isinstance(error, Unreachable):
                raise
            yield issue_of(context, "GET", endpoint, error)


def integrations(context: CheckContext) -> CheckResults:
    """Whether another app may send the same orders, and whether this integration can use service points."""
    own = context.sendcloud.who_am_i().integration_id
    all_integrations = context.sendcloud.integrations()
    for other in all_integrations:
        if other.id != own and _is_about_exact(other):
            yield Issue(
                f"the integration {other.id} ({other.shop_name or other.type}) looks like another app for Exact",
                "If it serves this division, switch it off in Sendcloud under Settings > Integrations.",
                "Two apps send each order twice, and each may buy a label for it.",
            )
    mine = next((integration for integration in all_integrations if integration.id == own), None)
    if mine is not None and context.policy.service_points.enabled:
        yield from _service_points(context, mine)


def _is_about_exact(integration: Integration) -> bool:
    """Judged by type or name; the type of Sendcloud's own app for Exact is not known."""
    return "exact" in integration.type.lower() or "exact online" in integration.shop_name.lower()


def _service_points(context: CheckContext, mine: Integration) -> CheckResults:
    if not mine.service_point_enabled:
        yield Issue(
            f"service points are switched off for integration {mine.id}",
            "Switch on service point delivery for it in Sendcloud, or set service_points.enabled = false.",
        )
        return
    code = context.policy.service_points.shipping_option
    carrier = _carrier_of(code, context.options or []) if code else ""
    if carrier and mine.service_point_carriers and carrier not in mine.service_point_carriers:
        yield Issue(
            f"integration {mine.id} has service points of {', '.join(mine.service_point_carriers)},"
            f" but service_points.shipping_option is an option of {carrier}",
            f"Add {carrier} to the integration's service point carriers in Sendcloud.",
        )


def _carrier_of(code: str, options: list[OfferedOption]) -> str:
    return next((option.carrier.code for option in options if option.code == code and option.carrier), "")


def sender_addresses(context: CheckContext) -> CheckResults:
    """Whether Sendcloud has the sender addresses that warehouses are mapped to."""
    with context.asking("addresses/sender-addresses"):
        known = {address.id for address in context.sendcloud.sender_addresses()}
    if not known:
        yield Issue("Sendcloud has no sender address", "Add one in Sendcloud under Settings > Addresses.")
    for code, sender in context.policy.warehouses.items():
        if sender not in known:
            yield Issue(
                f"warehouse {code!r} is mapped to sender address {sender}, which Sendcloud does not have",
                mapping_remedy(context.division, "warehouses", "Sendcloud's ids", map(str, known)),
            )


def options(context: CheckContext) -> CheckResults:
    """Whether the account may use the shipping options that the configuration names."""
    if context.options is None:
        yield Note("Sendcloud lists no shipping options without addresses, so yours were not checked")
        return
    known = {option.code for option in context.options}
    for code, key in context.named_options.items():
        # The list may omit variants, so a missing option is looked up by its code.
        if code not in known and not context.sendcloud.shipping_options(shipping_option_code=code):
            yield Issue(
                f"{key} is {code!r}, which this Sendcloud account may not use",
                f"Its options: {', '.join(sorted(known))}. Enable the carrier in Sendcloud, or correct "
                f"[divisions.{context.division.name}.{key.rsplit('.', 1)[0]}].",
            )


def weight_bands(context: CheckContext) -> CheckResults:
    """The configured options that cover one weight band, with the account's options for other weights."""
    offered = {option.code: option for option in context.options or ()}
    for code, key in context.named_options.items():
        others = [
            option for option in offered.values() if option.code != code and _is_band_of(option.code, code)
        ]
        if code in offered and others:
            yield Note(
                f"{key} is {code!r}, which takes {_band(offered[code])}; for other weights the account has "
                + ", ".join(f"{option.code} ({_band(option)})" for option in others)
            )


def _is_band_of(code: str, other: str) -> bool:
    """Whether two codes are the same option for different weights, such as ``…/kg=0-0.5`` and ``…/kg=0.5-1``."""
    bands = [_BAND.sub("", name) for name in (code, other)]
    return bands[0] == bands[1] and bands[1] != other


_BAND = re.compile(r"(?<=[/,])kg=[\d.-]+")


def _band(option: OfferedOption) -> str:
    least, most = option.weight.min_grams, option.weight.max_grams
    begins = f"{plain(least / 1000)} to " if least is not None else "up to "
    return f"{begins}{plain(most / 1000)} kg" if most is not None else "any weight"


def plan(context: CheckContext) -> CheckResults:
    """What the configuration needs of the account's plan, since Sendcloud does not say which plan it is."""
    labels = context.policy.labels
    needed = []
    if labels.shipping_option is None and labels.unmapped_method == "default":
        needed.append(
            "shipping rules, which choose the option wherever labels.shipping_option and labels.shipping_methods name none"
        )
    if labels.contract_id is not None:
        needed.append(f"your own contracts, if labels.contract_id ({labels.contract_id}) is one")
    if needed:
        yield Note(
            f"Sendcloud's plan must include {'; and '.join(needed)}: the free plan has neither, and requires a bank account before the first"
            " label. Sendcloud shows your plan under Account > Subscription"
        )


def contract(context: CheckContext) -> CheckResults:
    """Whether the contract exists, is active, and belongs to the carrier of each configured option."""
    contract_id = context.policy.labels.contract_id
    if contract_id is None:
        return
    contracts = {contract.id: contract for contract in context.sendcloud.contracts()}
    if contract_id not in contracts:
        yield Issue(
            f"labels.contract_id is {contract_id}, but Sendcloud has no such contract",
            mapping_remedy(context.division, "labels", "Sendcloud's contracts", map(str, contracts)),
        )
        return
    contract = contracts[contract_id]
    if contract.state and contract.state != _ACTIVE:
        yield Issue(
            f"the contract {contract_id} is {contract.state}",
            "Activate it in Sendcloud, or configure another one.",
        )
    ours = contract.carrier.code if contract.carrier else ""
    for code, key in context.named_options.items():
        carrier = _carrier_of(code, context.options or [])
        if ours and carrier and carrier != ours:
            yield Issue(
                f"the contract {contract_id} is with {ours}, but {key} is an option of {carrier}",
                "Leave out labels.contract_id if you use options of several carriers.",
            )
