"""Text from either service does nothing but appear as text: on the terminal, in logs, in documents, in what is written to the other side."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exactsend.cli.main import main
from exactsend.cli.process_io import ProcessIO
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.exact.rows import StoredRow
from tests.hostile.words import EVERYTHING, HARM, SAME, steering
from tests.shop import Finished, Shop, Stream

TABLES = {
    "Accounts": ("Name", "City"),
    "Contacts": ("FullName",),
    "Addresses": ("AddressLine2",),
    "Items": ("Description",),
    "Warehouses": ("Description",),
    "ShippingMethods": ("Description",),
    "SalesOrders": ("YourRef", "Description"),
    "SalesOrderLines": ("Description",),
    "GoodsDeliveries": ("Description", "Remarks"),
    "GoodsDeliveryLines": ("Description",),
}
LOOKS = (
    ("errors",),
    ("labels", "list"),
    ("status",),
    ("explain", "4711"),
    ("explain", "4715"),
    ("ledger", "show", "4711"),
    ("ledger", "verify"),
    ("divisions",),
    ("doctor",),
    ("doctor", "--items"),
    ("init",),
)
OK = frozenset({0, 1})


def infest(shop: Shop, harm: str) -> None:
    """Put the text into every field that people type into."""
    for table, fields in TABLES.items():
        rows: list[StoredRow] = list(shop.office.division.table(table))
        for row in rows:
            shop.office.division.change(table, row, dict.fromkeys(fields, harm))
    shop.office.division.description = harm
    account = shop.sandbox.world.sendcloud.accounts[0]
    account.integrations[0] = replace(account.integrations[0], shop_name=harm)


def a_day(shop: Shop, harm: str) -> list[Finished]:
    """Orders brought, delivered, labelled, failed, refused and written back, as loud as can be."""
    infest(shop, harm)
    told = [shop.run("sync", "-vv", "--dry-run"), shop.run("sync", "-vv")]
    shop.deliver_all()
    infest(shop, harm)
    shop.sandbox.world.sendcloud.behaviour.announcements_fail_with = f"The carrier says: {harm}"
    told.append(shop.run("sync", "-vv"))
    shop.sandbox.world.sendcloud.behaviour.announcements_fail_with = None
    told += [
        shop.run("labels", "retry", "--delivery", str(number), "--yes", "-vv") for number in (20001, 20002)
    ]
    shop.pass_time(minutes=20)
    told.append(shop.run("sync", "-vv"))
    return told


@pytest.fixture(params=HARM)
def harm(request: pytest.FixtureRequest) -> str:
    return HARM[request.param]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as shop:
        shop.connect()
        yield shop
        assert shop.sandbox.crashes == []


def assert_harmless(finished: Finished) -> None:
    assert finished.status in OK, finished.err[-2000:]
    assert steering(finished.out) == []
    assert steering(finished.err) == []


def test_no_field_of_exact_steers_a_terminal_or_stops_a_run(shop: Shop, harm: str) -> None:
    for finished in a_day(shop, harm):
        assert_harmless(finished)
    for command in LOOKS:
        if command != ("init",):
            assert_harmless(shop.run(*command, "-vv"))


def test_every_row_stays_one_line(tmp_path: Path) -> None:
    counted: list[dict[tuple[str, ...], int]] = []
    for text in (SAME, EVERYTHING):
        (tmp_path / str(len(counted))).mkdir()
        with Shop(tmp_path / str(len(counted))) as shop:
            shop.connect()
            a_day(shop, text)
            shop.run("labels", "cancel", "4711", "--yes")
            shown = {command: shop.run(*command) for command in LOOKS[:5]}
            counted.append({command: len(finished.out.splitlines()) for command, finished in shown.items()})
    assert counted[0] == counted[1]


def test_documents_are_ascii_and_whole(shop: Shop) -> None:
    a_day(shop, EVERYTHING)
    for command in LOOKS[:-1]:
        finished = shop.run(*command, "--json")
        assert finished.out.isascii()
        assert json.loads(finished.out)["schema"].startswith("exactsend.")


def test_a_terminal_draws_it_as_text(shop: Shop) -> None:
    shop.env["NO_COLOR"] = "1"
    a_day(shop, EVERYTHING)
    for command in LOOKS[:5]:
        finished = shop.run(*command, tty=True)
        without_styles = finished.out.replace("\x1b[1m", "").replace("\x1b[0m", "")
        assert steering(without_styles) == [], command
        assert "evil.example\x1b" not in finished.out


def test_what_the_carrier_said_is_shown_as_it_was_said(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    shop.sandbox.world.sendcloud.behaviour.announcements_fail_with = "Not [bold]there[/bold] {at} %s"
    shop.run("sync")
    assert "Not [bold]there[/bold] {at} %s" in shop.run("explain", "4711").out
    assert "Not [bold]there[/bold] {at} %s" in shop.run("explain", "4711", tty=True).out


@pytest.mark.parametrize("status", [400, 403, 409, 500])
@pytest.mark.parametrize("path", ["/orders", "/shipments", "GoodsDeliver", "sync/"])
def test_refusals_with_such_text_end_in_a_sentence(shop: Shop, status: int, path: str) -> None:
    fault = {"code": EVERYTHING, "detail": EVERYTHING, "source": {"pointer": f"/data/0/{EVERYTHING}"}}
    body = json.dumps({"errors": [fault], "error": {"code": "", "message": {"value": EVERYTHING}}})
    shop.sandbox.faults.answer_instead(
        "*", path, status=status, text=body, content_type="application/json", times=None
    )
    shop.run("sync")
    shop.deliver_all()
    finished = shop.run("sync", "-vv")
    assert finished.status in {1, 4, 7}, finished.err[-2000:]
    assert steering(finished.out + finished.err) == []


def test_tracking_numbers_and_addresses_of_pages_are_text_too(shop: Shop) -> None:
    text = EVERYTHING.replace(HARM["surrogate"], "")  # no PDF can be made with it
    shop.run("sync")
    shop.deliver_all()
    sendcloud = shop.sandbox.world.sendcloud
    sendcloud.behaviour.announce_answers_announcing = True
    shop.run("sync")
    for shipment in shop.panel.labels():
        parcels = tuple(
            replace(parcel, tracking_number=f"3S{text}", tracking_url=f"https://x.example/{text}")
            for parcel in shipment.parcels
        )
        sendcloud.save_shipment(replace(shipment, parcels=parcels))
    for finished in (shop.run("sync", "-vv"), shop.run("labels", "list"), shop.run("explain", "4711")):
        assert finished.status in OK | {7}, finished.err[-2000:]
        assert steering(finished.out + finished.err) == []


def test_what_init_offers_to_paste_is_one_line_each(shop: Shop) -> None:
    infest(shop, EVERYTHING)
    finished = shop.run("init")
    assert finished.status in {0, 2}
    assert steering(finished.out) == []
    pasted = [line for line in finished.out.splitlines() if line and not line.startswith("#")]
    assert all(line.startswith(("[divisions.", '"')) for line in pasted), pasted


def test_a_log_record_is_one_line_whatever_it_quotes(tmp_path: Path) -> None:
    with Shop(tmp_path, world=starting_worlds.empty) as shop:
        shop.connect()
        page = EVERYTHING.encode("utf-8", "replace").decode()
        shop.sandbox.faults.answer_instead("GET", "/v3/", status=500, text=page, times=None)
        err = Stream()
        here = ProcessIO(shop.env, Stream(), Stream(), err, clock=shop.clock, sleep=shop.pass_time)
        main(("sync", "-vv"), here)
    for line in err.getvalue().splitlines():
        assert line.startswith(("20", "exactsend:", "  ", "sandbox")), line
