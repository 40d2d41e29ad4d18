"""The checks, in the order in which they are made: name, what looks, why it matters, what it needs."""

from collections.abc import Callable
from functools import partial

from exactsend.operations.doctor import (
    exact_checks,
    machine,
    missing_rights,
    notifications,
    probe_findings,
    sendcloud_checks,
)
from exactsend.operations.doctor.checks import Case, Check, Found

_NO_SYNC = "Without it no run can do anything."
_KEYS = ("credentials",)
_EXACT = ("Exact",)
_SENDCLOUD = ("Sendcloud",)
_CLOCK = "Tokens, deadlines and the limits of a day are reckoned by this machine's clock."
_LEADS_NOWHERE = "Deliveries with it would be held, or go with a default that nobody chose."


def _right(name: str, why: str, look: Callable[[Case], Found] | None = None) -> Check:
    return Check(f"rights: {name}", look or partial(exact_checks.readable, right=name), why, _EXACT)


def _needs(right: str, endpoint: str) -> tuple[str, str]:
    return (f"rights: {right}", endpoint)


CHECKS = (
    Check(
        "configuration",
        machine.configuration,
        "Who changes it can have tokens and keys sent to another host.",
    ),
    Check(
        "state", machine.state, "The ledger is what a run goes by; who reads its folder can use the sign-in."
    ),
    Check(
        "disk",
        machine.disk,
        "Nothing is bought that can't be written down first: a full disk stops every run.",
    ),
    Check(
        "credential store",
        machine.credential_store,
        "A refresh token that is not stored is lost, and with it the sign-in.",
    ),
    Check(
        "cron",
        machine.cron,
        "What works in this shell then fails in every run of the timer.",
        ("credential store",),
    ),
    Check("notify", notifications.notify, "Nobody hears of what goes wrong.", ("credential store",)),
    Check("probe", probe_findings.probes, "A rule protects less than it should.", ("state",)),
    Check("sign-in", machine.sign_in, "Without it Exact answers nothing; only a person can sign in again."),
    Check("credentials", machine.credentials, _NO_SYNC, ("credential store",)),
    Check("Exact", exact_checks.division, _NO_SYNC, ("sign-in", "credentials")),
    Check("Exact's clock", exact_checks.clock, _CLOCK, _EXACT),
    _right("Sales orders", "Orders, their lines and shipping methods are read with it."),
    _right("Logistics wms", "Goods deliveries are what labels are made for."),
    _right("Crm accounts", "Names and addresses are read with it."),
    _right("Logistics items", "Weights, HS codes and origins are read with it."),
    _right("Logistics inventory", "Warehouses are read with it."),
    _right("Organization documents", "Labels are attached to deliveries with it.", exact_checks.documents),
    _right("Organization administration", "What changed and what was deleted is found with it."),
    _right(
        "of the user",
        "Who lacks a right may be shown an empty list instead of a refusal.",
        missing_rights.users_rights,
    ),
    Check(
        "fields of orders",
        exact_checks.order_fields_known,
        "No order could be read.",
        _needs("Sales orders", "salesorder/SalesOrders"),
    ),
    Check(
        "fields of items",
        exact_checks.item_fields_known,
        "No item could be read.",
        _needs("Logistics items", "logistics/Items"),
    ),
    Check(
        "warehouses",
        exact_checks.warehouses,
        _LEADS_NOWHERE,
        _needs("Logistics inventory", "inventory/Warehouses"),
    ),
    Check(
        "shipping methods",
        exact_checks.shipping_methods,
        _LEADS_NOWHERE,
        _needs("Sales orders", "sales/ShippingMethods"),
    ),
    Check("calls", exact_checks.calls, "A run stops where Exact's allowance ends.", _EXACT),
    Check("Sendcloud", sendcloud_checks.account, _NO_SYNC, _KEYS),
    Check("Sendcloud's clock", sendcloud_checks.clock, _CLOCK, _SENDCLOUD),
    Check(
        "shipments and orders",
        sendcloud_checks.listings,
        "Nothing is bought before Sendcloud was asked what there is.",
        _SENDCLOUD,
    ),
    Check(
        "integrations",
        sendcloud_checks.integrations,
        "Service points are found through the integration.",
        _SENDCLOUD,
    ),
    Check(
        "sender addresses",
        sendcloud_checks.sender_addresses,
        "Labels would be refused, or bear another sender.",
        _SENDCLOUD,
    ),
    Check("shipping options", sendcloud_checks.options, "Each label with it would be refused.", _SENDCLOUD),
    Check(
        "weight bands",
        sendcloud_checks.weight_bands,
        "Parcels of other weights would be held.",
        ("shipping options",),
    ),
    Check("plan", sendcloud_checks.plan, "Each label that needs it would be refused.", _SENDCLOUD),
    Check("contract", sendcloud_checks.contract, "Each label with it would be refused.", _SENDCLOUD),
    Check(
        "refused questions", missing_rights.remembered, "What needs their answers is not done.", ("state",)
    ),
)
