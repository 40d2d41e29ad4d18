"""What becomes of a run while one endpoint is refused: the rows of the table in docs/safety.md.

``python -m tests.end_to_end.refused_endpoints`` prints the table; ``test_refused_endpoints`` compares each row with the document.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from exactsend.domain.request_purposes import purpose_of
from exactsend.engine.division_run import Run
from tests.end_to_end.shop import Shop, open_shop

HOUR = timedelta(hours=1)
STATUSES = (400, 403, 404, 500)
SAID = "Not for this"
EXACT = (
    "GET current/Me",
    "GET system/Divisions",
    "GET users/UserHasRights",
    "GET read/sync/Sync/SyncTimestamp",
    "GET sync/Deleted",
    "GET sync/SalesOrder/SalesOrderHeaders",
    "GET sync/SalesOrder/SalesOrderLines",
    "GET sync/SalesOrder/GoodsDeliveries",
    "GET sync/SalesOrder/GoodsDeliveryLines",
    "GET sync/CRM/Accounts",
    "GET sync/CRM/Contacts",
    "GET sync/CRM/Addresses",
    "GET sync/Logistics/Items",
    "GET bulk/SalesOrder/SalesOrders",
    "GET salesorder/SalesOrders",
    "GET salesorder/GoodsDeliveries",
    "GET crm/Accounts",
    "GET crm/Contacts",
    "GET crm/Addresses",
    "GET logistics/Items",
    "GET sales/ShippingMethods",
    "PUT salesorder/GoodsDeliveries",
    "GET documents/Documents",
    "POST documents/Documents",
    "POST documents/DocumentAttachments",
)
SENDCLOUD = {
    "GET user/auth/metadata": r"/user/auth/metadata",
    "GET shipments": r"/shipments\?",
    "GET orders": r"/orders\?",
    "POST orders": r"/orders$",
    "DELETE orders/{id}": r"/orders/\w+",
    "GET addresses/sender-addresses": r"/sender-addresses",
    "POST shipments/announce": r"/shipments/announce$",
    "GET parcels/{id}/documents/label": r"/documents/label",
    "POST shipping-options": r"/shipping-options",
    "POST addresses/validate": r"/addresses/validate",
}
ESSENTIAL = {
    "GET user/auth/metadata": "Nothing goes on: whose account the keys belong to must be known before anything is done with them.",
}


@dataclass(frozen=True)
class Seen:
    """What became of one run."""

    orders_sent: bool
    labels_bought: bool
    tracking_written: bool
    """Of a label that was bought before."""
    exit_status: int

    @property
    def cells(self) -> str:
        """As the document has it."""
        done = (self.orders_sent, self.labels_bought, self.tracking_written)
        return " | ".join(
            [*("goes on" if candidate else "waits" for candidate in done), str(self.exit_status)]
        )


def rows(name: str) -> list[str]:
    """The rows of an endpoint: statuses that come to the same share one."""
    found: dict[Seen, list[int]] = {}
    for status in STATUSES:
        found.setdefault(seen(name, status), []).append(status)
    return [
        f"| `{name}` | {_statuses(statuses)} | {candidate.cells} | {_said(name)} |"
        for candidate, statuses in found.items()
    ]


def _statuses(statuses: list[int]) -> str:
    return "any" if len(statuses) == len(STATUSES) else ", ".join(map(str, statuses))


def _said(name: str) -> str:
    method, _, path = name.partition(" ")
    service = "sendcloud" if name in SENDCLOUD else "exact"
    return ESSENTIAL.get(name) or purpose_of(service, method, path).not_done


def seen(name: str, status: int) -> Seen:
    """A run with an order to send, a label to buy and one to write back, while an endpoint is refused."""
    with tempfile.TemporaryDirectory() as folder, open_shop(Path(folder)) as shop:
        if name == "GET bulk/SalesOrder/SalesOrders":
            shop.office.deliver(shop.place())
            return _judged(shop, name, status, labelled=None)
        shop.run()
        labelled = shop.office.deliver(shop.place())
        shop.sandbox.faults.answer_instead("PUT", "GoodsDeliveries", status=502, times=4)
        shop.run(after=timedelta(minutes=5))
        shop.sandbox.faults.clear()
        shop.office.deliver(shop.place())
        return _judged(shop, name, status, labelled=labelled)


def _judged(shop: Shop, name: str, status: int, labelled: int | None) -> Seen:
    number, paid = shop.place(), shop.paid()
    _refuse(shop, name, status)
    runs: list[Run] = [shop.run(after=HOUR)]
    return Seen(
        orders_sent=str(number) in shop.incoming(),
        labels_bought=shop.paid() > paid,
        tracking_written=labelled is None or bool(shop.office.tracking(labelled)),
        exit_status=int(runs[-1].exit_status),
    )


def _refuse(shop: Shop, name: str, status: int) -> None:
    method, _, path = name.partition(" ")
    if name in SENDCLOUD:
        text = json.dumps({"errors": [{"status": str(status), "code": "invalid", "detail": SAID}]})
        shop.sandbox.faults.answer_instead(
            method, SENDCLOUD[name], status=status, text=text, content_type="application/json", api="sendcloud", times=None
        )  # fmt: skip
    else:
        shop.sandbox.world.exact.refusals.refuse(path, method=method, status=status, sentence=SAID)


HEAD = (
    "| endpoint | refused with | orders | purchases | write-back | ends with | what is said |\n"
    "|---|---|---|---|---|---|---|"
)


def table() -> Iterator[str]:
    """The whole table."""
    yield HEAD
    for name in (*EXACT, *SENDCLOUD):
        yield from rows(name)


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()) + "\n")
