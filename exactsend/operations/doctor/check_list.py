"""The checks, in the order they run: name, function, why it matters, what it requires."""

from collections.abc import Callable
from functools import partial

from exactsend.operations.doctor import (
    access_rights,
    exact_online_checks,
    machine_checks,
    notification_checks,
    probe_checks,
    sendcloud_checks,
)
from exactsend.operations.doctor.checks import CheckContext, CheckResults, DoctorCheck

_NO_SYNC = "Without it no run can do anything."
_KEYS = ("credentials",)
_EXACT = ("Exact",)
_SENDCLOUD = ("Sendcloud",)
_CLOCK = "Tokens, deadlines and daily limits depend on this machine's clock."
_BROKEN_MAPPING = "Deliveries with it would be held, or use a default that nobody chose."


def _right(name: str, why: str, run: Callable[[CheckContext], CheckResults] | None = None) -> DoctorCheck:
    return DoctorCheck(
        f"rights: {name}", run or partial(exact_online_checks.readable, right=name), why, _EXACT
    )


def _needs(right: str, endpoint: str) -> tuple[str, str]:
    return (f"rights: {right}", endpoint)


CHECKS = (
    DoctorCheck(
        "configuration",
        machine_checks.configuration,
        "Whoever can change it can have tokens and keys sent to another host.",
    ),
    DoctorCheck(
        "state",
        machine_checks.state,
        "Runs rely on the ledger, and whoever can read its folder can use the sign-in.",
    ),
    DoctorCheck(
        "disk",
        machine_checks.disk,
        "Every purchase is written to the ledger first, so a full disk stops every run.",
    ),
    DoctorCheck(
        "credential store",
        machine_checks.credential_store,
        "A refresh token that can't be stored is lost, and the sign-in with it.",
    ),
    DoctorCheck(
        "cron",
        machine_checks.cron,
        "What works in this shell would fail in every run of the timer.",
        ("credential store",),
    ),
    DoctorCheck(
        "notify", notification_checks.notify, "Nobody is notified of problems.", ("credential store",)
    ),
    DoctorCheck("probe", probe_checks.probes, "A safety rule protects less than it should.", ("state",)),
    DoctorCheck(
        "sign-in",
        machine_checks.sign_in,
        "Without it Exact answers no request, and only a person can sign in again.",
    ),
    DoctorCheck("credentials", machine_checks.credentials, _NO_SYNC, ("credential store",)),
    DoctorCheck("Exact", exact_online_checks.division, _NO_SYNC, ("sign-in", "credentials")),
    DoctorCheck("Exact's clock", exact_online_checks.clock, _CLOCK, _EXACT),
    _right("Sales orders", "Runs read orders, order lines and shipping methods with it."),
    _right("Logistics wms", "Labels are made for goods deliveries."),
    _right("Crm accounts", "Runs read names and addresses with it."),
    _right("Logistics items", "Runs read weights, HS codes and countries of origin with it."),
    _right("Logistics inventory", "Runs read warehouses with it."),
    _right(
        "Organization documents", "Runs attach labels to deliveries with it.", exact_online_checks.documents
    ),
    _right("Organization administration", "Runs find changes and deletions with it."),
    _right(
        "of the user",
        "Without a right, Exact may return an empty list instead of a refusal.",
        access_rights.user_rights,
    ),
    DoctorCheck(
        "fields of orders",
        exact_online_checks.order_fields_known,
        "No order could be read.",
        _needs("Sales orders", "salesorder/SalesOrders"),
    ),
    DoctorCheck(
        "fields of items",
        exact_online_checks.item_fields_known,
        "No item could be read.",
        _needs("Logistics items", "logistics/Items"),
    ),
    DoctorCheck(
        "warehouses",
        exact_online_checks.warehouses,
        _BROKEN_MAPPING,
        _needs("Logistics inventory", "inventory/Warehouses"),
    ),
    DoctorCheck(
        "shipping methods",
        exact_online_checks.shipping_methods,
        _BROKEN_MAPPING,
        _needs("Sales orders", "sales/ShippingMethods"),
    ),
    DoctorCheck("calls", exact_online_checks.calls, "A run stops when Exact allows no more calls.", _EXACT),
    DoctorCheck("Sendcloud", sendcloud_checks.account, _NO_SYNC, _KEYS),
    DoctorCheck("Sendcloud's clock", sendcloud_checks.clock, _CLOCK, _SENDCLOUD),
    DoctorCheck(
        "shipments and orders",
        sendcloud_checks.listings,
        "Before each purchase, runs ask Sendcloud for labels that already exist.",
        _SENDCLOUD,
    ),
    DoctorCheck(
        "integrations",
        sendcloud_checks.integrations,
        "Service points are looked up through the integration.",
        _SENDCLOUD,
    ),
    DoctorCheck(
        "sender addresses",
        sendcloud_checks.sender_addresses,
        "Labels would be refused, or show another sender.",
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
        "refused questions", access_rights.recorded_refusals, "Runs skip what needs the answers.", ("state",)
    ),
)
