"""Where every text of Exact names a person, none of it is ever found in the state folder: not of what was sent, not of what came back (S15)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from exactsend.sandbox import starting_worlds
from tests.shop import Shop

WHO = "Quackenbush"
"""In every text that a person may write in Exact."""
TEXTS = {
    "Accounts": ("Name", "AddressLine1", "AddressLine2", "AddressLine3", "City", "Remarks"),
    "Contacts": ("FullName", "FirstName", "LastName", "Notes"),
    "Addresses": ("AddressLine1", "AddressLine2", "AddressLine3", "City", "ContactName"),
    "Items": ("Code", "Description", "Notes", "FreeTextField_01"),
    "SalesOrders": ("Description", "YourRef", "Remarks", "PaymentReference"),
    "SalesOrderLines": ("Description", "Notes"),
    "GoodsDeliveries": ("Description", "Remarks", "DeliveryContactPersonFullName"),
    "GoodsDeliveryLines": ("Description", "Notes"),
}
ALIKE = {
    "Email": "quackenbush@zebedee.example",
    "Phone": "+31687654321",
    "Mobile": "+31687654321",
    "Postcode": "9876 QX",
    "AddressLine1": "Quackenbushlaan 57",
    "City": "Quackenbushdam",
    "Name": "Otto Quackenbush",
    "FullName": "Otto Quackenbush",
    "Description": "Ring for Eva Quackenbush",
}
"""The same everywhere, so that whoever refuses something quotes what was sent."""
QUOTED = "Ring for Eva Quackenbush to OTTO QUACKENBUSH, Quackenbushlaan 57, 9876 QX Quackenbushdam, quackenbush@zebedee.example, +31687654321, see https://x.example/?who=quackenbush"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as shop:
        shop.connect()
        yield shop
        assert shop.sandbox.crashes == []


def name_them_everywhere(shop: Shop) -> None:
    """Write the name into every text."""
    division = shop.office.division
    for table, fields in TEXTS.items():
        for row in list(division.table(table)):
            texts = {
                field: row.text(field) if WHO in row.text(field) else f"{row.text(field)} {WHO}".strip()
                for field in fields
            }
            alike = {field: value for field, value in ALIKE.items() if row.text(field) or field in fields}
            division.change(table, row, texts | alike)


def a_day(shop: Shop) -> None:
    """Everything that is sent: pushed, refused, bought, failed, lost, attached, written, cancelled, withdrawn, with both sides quoting it all."""
    faults, behaviour = shop.sandbox.faults, shop.sandbox.world.sendcloud.behaviour
    name_them_everywhere(shop)
    refusal = json.dumps(
        {"errors": [{"detail": QUOTED, "code": "invalid", "source": {"pointer": "/data/[0]/x"}}]}
    )
    faults.answer_instead("POST", "/orders", status=400, text=refusal, content_type="application/json")
    shop.run("sync")
    for order in (starting_worlds.DOMESTIC, starting_worlds.EXPORT, starting_worlds.NO_HOUSE_NUMBER):
        shop.office.deliver(order)
    name_them_everywhere(shop)
    shop.pass_time(minutes=5)
    shop.run("sync")
    shop.run("labels", "cancel", "--delivery", "20001", "--yes")
    shop.run("labels", "create", "--delivery", "20001", "--another", "2", "--yes")
    behaviour.announcements_fail_with = QUOTED
    shop.run("labels", "retry", "--delivery", "20003", "--yes")
    behaviour.announcements_fail_with = None
    faults.lose_answer("POST", "announce")
    shop.run("labels", "retry", "--delivery", "20003", "--yes")
    faults.answer_instead(
        "PUT",
        "GoodsDeliveries",
        status=400,
        text=json.dumps({"error": {"message": {"value": "Locked"}}}),
        times=2,
    )
    for _ in range(3):
        shop.pass_time(minutes=20)
        shop.run("sync")
    shop.office.cancel_order(4712)
    shop.pass_time(minutes=70)
    shop.run("sync")


def kept(shop: Shop) -> str:
    return "\n".join(
        path.read_text()
        for path in (shop.state / str(starting_worlds.DIVISION)).rglob("*")
        if path.is_file() and path.suffix not in {".gz", ".sqlite"}
    )


def test_no_name_address_number_or_link_is_kept_of_all_that_is_sent(shop: Shop) -> None:
    a_day(shop)
    text = kept(shop)
    links = {parcel.tracking_url or "" for label in shop.panel.labels() for parcel in label.parcels} - {""}

    assert links
    sent_texts = json.dumps([call.body for call in shop.sandbox.calls if call.is_write])
    assert sent_texts.count(WHO) > 30, "otherwise this test tries nothing"
    for word in (WHO, "zebedee", "687654321", "9876 QX", "x.example", *links):
        assert word.casefold() not in text.casefold(), word
    for purpose in (
        "/orders",
        "/announce",
        "/cancel",
        "DELETE ",
        "documents/Documents",
        "DocumentAttachments",
        "PUT ",
    ):
        assert purpose in text


def test_neither_does_what_is_told_of_it(shop: Shop) -> None:
    a_day(shop)

    for number in ("4711", "4712", "4713", "4715"):
        for more in ((), ("--bodies",), ("--json",)):
            told = shop.run("explain", number, "--offline", *more).out
            assert WHO.casefold() not in told.casefold()
    assert WHO.casefold() not in shop.run("history", "--json").out.casefold()
    assert WHO.casefold() not in shop.run("ledger", "show", "4711", "--json").out.casefold()
