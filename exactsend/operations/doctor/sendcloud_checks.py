"""Checks of Sendcloud: whose keys these are, other apps on the same orders, sender addresses, options, contract."""

import re
from collections.abc import Callable

from exactsend.domain.records import Pins
from exactsend.engine.division_run import require_own_integration
from exactsend.engine.gather.account_identity import require_same
from exactsend.engine.wiring import host_of
from exactsend.errors import ApiError, Unreachable
from exactsend.operations.doctor.checks import CheckContext, Found, Remark, Trouble
from exactsend.operations.doctor.exact_checks import correct, skewed
from exactsend.operations.doctor.missing_rights import trouble_of
from exactsend.sendcloud.checks import OfferedOption
from exactsend.sendcloud.models import Integration
from exactsend.trade.amounts import plain

_ACTIVE = "active"
_NOBODYS = "exactsend-doctor"
"""A reference, and an order id, that nothing bears."""
_UNAUTHORIZED = 401


def account(case: CheckContext) -> Found:
    """Whether the keys work, belong to the accounts of the ledger, and serve this division alone."""
    who = case.sendcloud.who_am_i()
    pins = Pins(
        exact_host=case.division.exact.host,
        division=case.division.code,
        sendcloud_host=host_of(case.wiring.settings.sendcloud.base_url),
        user=who.user_id,
        integration=who.integration_id,
    )
    require_same(case.memory.pins, pins)
    require_own_integration(case.wiring, case.division, who.integration_id)
    return iter(())


def clock(case: CheckContext) -> Found:
    """Whether our clock goes with Sendcloud's."""
    yield from skewed("Sendcloud", case.sendcloud.server_date(), case.own_time)


def listings(case: CheckContext) -> Found:
    """Whether shipments and incoming orders can be looked up: by names that none of them bears.

    Raises:
        Forbidden: the keys are refused.
    """
    own = case.sendcloud.who_am_i().integration_id
    questions: tuple[tuple[str, Callable[[], object]], ...] = (
        ("shipments", lambda: case.sendcloud.shipments_with_reference(_NOBODYS)),
        ("orders", lambda: case.sendcloud.stored_orders_with_id(_NOBODYS, integration=own)),
    )
    for endpoint, ask in questions:
        try:
            with case.asking(endpoint):
                ask()
        except ApiError as error:
            if error.http_status == _UNAUTHORIZED or isinstance(error, Unreachable):
                raise
            yield trouble_of(case, "GET", endpoint, error)


def integrations(case: CheckContext) -> Found:
    """Whether another app brings the same orders, and whether ours can use service points."""
    own = case.sendcloud.who_am_i().integration_id
    found = case.sendcloud.integrations()
    for other in found:
        if other.id != own and _is_about_exact(other):
            yield Trouble(
                f"the integration {other.id} ({other.shop_name or other.type}) looks like another app for Exact",
                "If it serves this division, switch it off in Sendcloud under Settings > Integrations.",
                "Two apps bring each order twice, and each may buy a label for it.",
            )
    mine = next((integration for integration in found if integration.id == own), None)
    if mine is not None and case.policy.service_points.enabled:
        yield from _service_points(case, mine)


def _is_about_exact(integration: Integration) -> bool:
    """By its type or name; how Sendcloud names the type of its own app for Exact is not known."""
    return "exact" in integration.type.lower() or "exact online" in integration.shop_name.lower()


def _service_points(case: CheckContext, mine: Integration) -> Found:
    if not mine.service_point_enabled:
        yield Trouble(
            f"service points are switched off at integration {mine.id}",
            "Switch on service point delivery for it in Sendcloud, or set service_points.enabled = false.",
        )
        return
    code = case.policy.service_points.shipping_option
    carrier = _carrier_of(code, case.options or []) if code else ""
    if carrier and mine.service_point_carriers and carrier not in mine.service_point_carriers:
        yield Trouble(
            f"the service points of integration {mine.id} are those of {', '.join(mine.service_point_carriers)},"
            f" and service_points.shipping_option is of {carrier}",
            f"Add {carrier} to the integration's service point carriers in Sendcloud.",
        )


def _carrier_of(code: str, options: list[OfferedOption]) -> str:
    return next((option.carrier.code for option in options if option.code == code and option.carrier), "")


def sender_addresses(case: CheckContext) -> Found:
    """Whether Sendcloud has the sender addresses that warehouses are mapped to."""
    with case.asking("addresses/sender-addresses"):
        known = {address.id for address in case.sendcloud.sender_addresses()}
    if not known:
        yield Trouble("Sendcloud has no sender address", "Add one in Sendcloud under Settings > Addresses.")
    for code, sender in case.policy.warehouses.items():
        if sender not in known:
            yield Trouble(
                f"warehouse {code!r} is mapped to sender address {sender}, which Sendcloud does not have",
                correct(case.division, "warehouses", "Sendcloud's ids", map(str, known)),
            )


def options(case: CheckContext) -> Found:
    """Whether the account may use the shipping options that the configuration names."""
    if case.options is None:
        yield Remark("Sendcloud lists no shipping options without addresses, so they were not compared")
        return
    known = {option.code for option in case.options}
    for code, key in case.named_options.items():
        # The list may leave out variants, so what is missing is asked for by its code.
        if code not in known and not case.sendcloud.shipping_options(shipping_option_code=code):
            yield Trouble(
                f"{key} is {code!r}, which this Sendcloud account may not use",
                f"Its options: {', '.join(sorted(known))}. Enable the carrier in Sendcloud, or correct "
                f"[divisions.{case.division.name}.{key.rsplit('.', 1)[0]}].",
            )


def weight_bands(case: CheckContext) -> Found:
    """Which of the named options are for a band of weights, with what the account has for other weights."""
    offered = {option.code: option for option in case.options or ()}
    for code, key in case.named_options.items():
        others = [
            option for option in offered.values() if option.code != code and _is_band_of(option.code, code)
        ]
        if code in offered and others:
            yield Remark(
                f"{key} is {code!r}, which takes {_band(offered[code])}; for other weights the account has "
                + ", ".join(f"{option.code} ({_band(option)})" for option in others)
            )


def _is_band_of(code: str, other: str) -> bool:
    """Whether two codes are of the same option for different weights, such as ``…/kg=0-0.5`` and ``…/kg=0.5-1``."""
    bands = [_BAND.sub("", name) for name in (code, other)]
    return bands[0] == bands[1] and bands[1] != other


_BAND = re.compile(r"(?<=[/,])kg=[\d.-]+")


def _band(option: OfferedOption) -> str:
    least, most = option.weight.min_grams, option.weight.max_grams
    begins = f"{plain(least / 1000)} to " if least is not None else "up to "
    return f"{begins}{plain(most / 1000)} kg" if most is not None else "any weight"


def plan(case: CheckContext) -> Found:
    """What the account's plan must allow for what is configured: Sendcloud does not tell which plan it is."""
    labels = case.policy.labels
    needed = []
    if labels.shipping_option is None and labels.unmapped_method == "default":
        needed.append(
            "shipping rules, since they choose the option where labels.shipping_option and labels.shipping_methods name none"
        )
    if labels.contract_id is not None:
        needed.append(f"contracts of your own, if labels.contract_id ({labels.contract_id}) is one")
    if needed:
        yield Remark(
            f"Sendcloud's plan must have {'; and '.join(needed)}: the free plan has neither, and wants a bank account before the first"
            " label. Which plan it is stands in Sendcloud under Account > Subscription"
        )


def contract(case: CheckContext) -> Found:
    """Whether the contract is there, active, and of the carrier of each option that it is used with."""
    wanted = case.policy.labels.contract_id
    if wanted is None:
        return
    found = {candidate.id: candidate for candidate in case.sendcloud.contracts()}
    if wanted not in found:
        yield Trouble(
            f"labels.contract_id is {wanted}, and Sendcloud has no such contract",
            correct(case.division, "labels", "Sendcloud's contracts", map(str, found)),
        )
        return
    contract = found[wanted]
    if contract.state and contract.state != _ACTIVE:
        yield Trouble(
            f"the contract {wanted} is {contract.state}", "Activate it in Sendcloud, or name another one."
        )
    ours = contract.carrier.code if contract.carrier else ""
    for code, key in case.named_options.items():
        carrier = _carrier_of(code, case.options or [])
        if ours and carrier and carrier != ours:
            yield Trouble(
                f"the contract {wanted} is of {ours}, and {key} is an option of {carrier}",
                "Leave contract_id out where options of several carriers are used.",
            )
