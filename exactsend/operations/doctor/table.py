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
from exactsend.operations.doctor.checks import CheckContext, DoctorCheck, Found

_NO_SYNC = "Without it no run can do anything."
_KEYS = ("credentials",)
_EXACT = ("Exact",)
_SENDCLOUD = ("Sendcloud",)
_CLOCK = "Tokens, deadlines and the limits of a day are reckoned by this machine's clock."
_LEADS_NOWHERE = "Deliveries with it would be held, or go with a default that nobody chose."


def _right(name: str, why: str, look: Callable[[CheckContext], Found] | None = None) -> DoctorCheck:
    return DoctorCheck(f"rights: {name}", look or partial(exact_checks.readable, right=name), why, _EXACT)


def _needs(right: str, endpoint: str) -> tuple[str, str]:
    return (f"rights: {right}", endpoint)


CHECKS = (
    DoctorCheck(
        "configuration",
        machine.configuration,
        "Who changes it can have tokens and keys sent to another host.",
    ),
    DoctorCheck(
        "state", machine.state, "The ledger is what a run goes by; who reads its folder can use the sign-in."
    ),
    DoctorCheck(
        "disk",
        machine.disk,
        "Nothing is bought that can't be written down first: a full disk stops every run.",
    ),
    DoctorCheck(
        "credential store",
        machine.credential_store,
        "A refresh token that is not stored is lost, and with it the sign-in.",
    ),
    DoctorCheck(
        "cron",
        machine.cron,
        "What works in this shell then fails in every run of the timer.",
        ("credential store",),
    ),
    DoctorCheck("notify", notifications.notify, "Nobody hears of what goes wrong.", ("credential store",)),
    DoctorCheck("probe", probe_findings.probes, "A rule protects less than it should.", ("state",)),
    DoctorCheck(
        "sign-in", machine.sign_in, "Without it Exact answers nothing; only a person can sign in again."
    ),
    DoctorCheck("credentials", machine.credentials, _NO_SYNC, ("credential store",)),
    DoctorCheck("Exact", exact_checks.division, _NO_SYNC, ("sign-in", "credentials")),
    DoctorCheck("Exact's clock", exact_checks.clock, _CLOCK, _EXACT),
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
    DoctorCheck(
        "fields of orders",
        exact_checks.order_fields_known,
        "No order could be read.",
        _needs("Sales orders", "salesorder/SalesOrders"),
    ),
    DoctorCheck(
        "fields of items",
        exact_checks.item_fields_known,
        "No item could be read.",
        _needs("Logistics items", "logistics/Items"),
    ),
    DoctorCheck(
        "warehouses",
        exact_checks.warehouses,
        _LEADS_NOWHERE,
        _needs("Logistics inventory", "inventory/Warehouses"),
    ),
    DoctorCheck(
        "shipping methods",
        exact_checks.shipping_methods,
        _LEADS_NOWHERE,
        _needs("Sales orders", "sales/ShippingMethods"),
    ),
    DoctorCheck("calls", exact_checks.calls, "A run stops where Exact's allowance ends.", _EXACT),
    DoctorCheck("Sendcloud", sendcloud_checks.account, _NO_SYNC, _KEYS),
    DoctorCheck("Sendcloud's clock", sendcloud_checks.clock, _CLOCK, _SENDCLOUD),
    DoctorCheck(
        "shipments and orders",
        sendcloud_checks.listings,
        "Nothing is bought before Sendcloud was asked what there is.",
        _SENDCLOUD,
    ),
    DoctorCheck(
        "integrations",
        sendcloud_checks.integrations,
        "Service points are found through the integration.",
        _SENDCLOUD,
    ),
    DoctorCheck(
        "sender addresses",
        sendcloud_checks.sender_addresses,
        "Labels would be refused, or bear another sender.",
        _SENDCLOUD,
    ),
    DoctorCheck(
        "shipping options", sendcloud_checks.options, "Each label with it would be refused.", _SENDCLOUD
    ),
    DoctorCheck(
        "weight bands",
        sendcloud_checks.weight_bands,
        "Parcels of other weights would be held.",
        ("shipping options",),
    ),
    DoctorCheck("plan", sendcloud_checks.plan, "Each label that needs it would be refused.", _SENDCLOUD),
    DoctorCheck("contract", sendcloud_checks.contract, "Each label with it would be refused.", _SENDCLOUD),
    DoctorCheck(
        "refused questions", missing_rights.remembered, "What needs their answers is not done.", ("state",)
    ),
)
