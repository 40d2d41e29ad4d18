"""Chooses a consignment's shipping option, or none.

In this order: not shipped, the service points' option, the shipping method's option, the general option, Sendcloud's
shipping rules. Availability and price are not known here.

A delivery without a shipping method uses its orders'. If these lead to different options no label is bought, since one
would be wrong and costs money.
"""

from dataclasses import dataclass

from exactsend.domain.policy import NO_SHIPPING, LabelsPolicy, Policy
from exactsend.domain.problems import Code, Held, hold
from exactsend.exact.models import SalesOrder
from exactsend.http.messages import Json
from exactsend.trade.consignment import Consignment
from exactsend.trade.service_point import service_point_id


@dataclass(frozen=True)
class NotShipped:
    """Collected, or own transport: no incoming order and no label."""


@dataclass(frozen=True)
class Option:
    """One of Sendcloud's shipping options, with its contract if one is configured."""

    code: str
    contract_id: int | None = None

    @property
    def carrier(self) -> str:
        """Sendcloud's carrier code."""
        return carrier_of(self.code)

    def body(self) -> dict[str, Json]:
        """``ship_with`` of an order or a shipment."""
        properties: dict[str, Json] = {"shipping_option_code": self.code}
        if self.contract_id is not None:
            properties["contract_id"] = self.contract_id
        return {"type": "shipping_option_code", "properties": properties}


@dataclass(frozen=True)
class ByRules:
    """Sendcloud's shipping rules and defaults choose."""


Choice = NotShipped | Option | ByRules


def shipping_choice(consignment: Consignment, policy: Policy) -> Choice:
    """How the consignment is shipped when its label is bought.

    Raises:
        Held: its orders ask for different options and the delivery for none; its shipping method is not configured
            and the operator wants those held; or its service point is unclear.
    """
    ways = _choices(consignment, policy)
    if len(set(ways.values())) > 1:
        raise _methods_differ(consignment)
    labels = policy.labels
    by_service_point = policy.service_points.shipping_option and service_point_id(consignment, policy)
    unmapped = [code for code in ways if code not in labels.shipping_methods]
    if labels.unmapped_method == "hold" and unmapped and not by_service_point:
        raise _unmapped(consignment, unmapped[0])
    return next(iter(ways.values()))


def incoming_choice(consignment: Consignment, policy: Policy) -> Choice:
    """How its incoming order is shipped: one that waits for a person is never held for its method (S1).

    If its orders ask for different options none is proposed: the person chooses.
    """
    ways = set(_choices(consignment, policy).values())
    return ways.pop() if len(ways) == 1 else ByRules()


def _choices(consignment: Consignment, policy: Policy) -> dict[str, Choice]:
    """The choice for each of its shipping methods, by Exact's code."""
    return {code: _choice_of(code, consignment, policy) for code in shipping_method_codes(consignment)}


def _choice_of(method: str, consignment: Consignment, policy: Policy) -> Choice:
    labels = policy.labels
    mapped = labels.shipping_methods.get(method)
    if mapped == NO_SHIPPING:
        return NotShipped()
    at_service_point = policy.service_points.shipping_option
    if at_service_point and service_point_id(consignment, policy):
        return _option(at_service_point, labels)
    code = mapped or labels.shipping_option
    return _option(code, labels) if code else ByRules()


def shipping_method_codes(consignment: Consignment) -> tuple[str, ...]:
    """Exact's codes of its shipping methods, each once: the delivery's alone, else its orders'; "" for an order without one."""
    delivery, codes = consignment.delivery, consignment.directory.shipping_method_codes
    if delivery is not None and (delivery.shipping_method_code or delivery.shipping_method):
        return (delivery.shipping_method_code or codes.get(delivery.shipping_method or "", "").strip(),)
    return tuple(dict.fromkeys(_code_of(order, consignment) for order in consignment.orders))


def _code_of(order: SalesOrder, consignment: Consignment) -> str:
    return consignment.directory.shipping_method_codes.get(order.shipping_method or "", "").strip()


def carrier_of(option: str) -> str:
    """An option code's carrier: the part before the colon."""
    return option.partition(":")[0]


def _option(code: str, labels: LabelsPolicy) -> Option:
    """The option with the configured contract, unless that contract belongs to another carrier's option."""
    beside = labels.shipping_option
    same_carrier = beside is None or carrier_of(beside) == carrier_of(code)
    return Option(code, labels.contract_id if same_carrier else None)


# ── what is held ─────────────────────────────────────────────────────────────────────────────────


def _methods_differ(consignment: Consignment) -> Held:
    asked = ", ".join(
        f"{order.order_number}: {_code_of(order, consignment) or '-'}" for order in consignment.orders
    )
    return hold(Code.SHIPPING_METHODS_DIFFER, {"name": consignment.name, "asked": asked})


def _unmapped(consignment: Consignment, code: str) -> Held:
    if not code:
        return hold(Code.METHOD_UNMAPPED, {"name": consignment.name}, variant="none")
    return hold(Code.METHOD_UNMAPPED, {"code": repr(code), "name": consignment.name})
