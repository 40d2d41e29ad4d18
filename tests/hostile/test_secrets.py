"""No secret, and no personal datum, in anything that exactsend says or keeps: logs, errors, crashes, documents, metrics, pings, files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from exactsend.engine.plan import labels
from exactsend.sandbox import starting_worlds
from tests.documents import commands
from tests.installation import SECRETS
from tests.shop import Finished, Shop
from tests.wire_server import Keeper

PERSONAL = {
    "Accounts": ("Name", "Email", "Phone", "AddressLine1", "Postcode", "VATNumber", "EORINumber"),
    "Contacts": ("FullName", "LastName", "Email", "Phone"),
    "Addresses": ("AddressLine1", "Postcode"),
    "SalesOrders": ("YourRef",),
    "GoodsDeliveries": ("Remarks",),
}
SHORTEST = 5
"""A postal code of four digits stands in every ledger by chance."""
LOOKS = (
    ("errors",), ("labels", "list"), ("status",), ("explain", "4711"), ("explain", "20005"), ("ledger", "show", "4711"),
    ("ledger", "verify"), ("divisions",), ("doctor",), ("init",), ("labels", "create", "4711", "--yes"), ("sync", "--dry-run"),
)  # fmt: skip


@pytest.fixture
def monitoring() -> Iterator[Keeper]:
    with Keeper() as service:
        yield service


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as shop:
        shop.connect()
        yield shop
        assert shop.sandbox.crashes == []


def personal(shop: Shop) -> set[str]:
    """Every personal value of the shop, in Exact's spelling and as it is sent."""
    found = {
        row.text(field)
        for table, fields in PERSONAL.items()
        for row in shop.office.division.table(table)
        for field in fields
    }
    found |= {parcel.tracking_url or "" for label in shop.panel.labels() for parcel in label.parcels}
    return {name for name in found if len(name) >= SHORTEST} | {"Marieke", "+31612345678"}


def secrets(shop: Shop) -> set[str]:
    """The static secrets, and every token that the state folder holds."""
    tokens = {
        value
        for path in (shop.state / "sign-in").glob("*.json")
        for value in _texts(json.loads(path.read_text()))
        if len(value) > 30
    }
    assert tokens
    return set(SECRETS.values()) | tokens


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for row in value.values() if isinstance(value, dict) else value:
            yield from _texts(row)


def found_in(text: str, values: set[str]) -> list[str]:
    return sorted(value for value in values if value.casefold() in text.casefold())


def a_hard_day(shop: Shop) -> list[Finished]:
    """Everything that can be said: labels bought, failed with the address quoted, refused, lost; faults in every form."""
    faults, behaviour = shop.sandbox.faults, shop.sandbox.world.sendcloud.behaviour
    quoted = "Oudegracht 231-A, 3511 NK of Marieke Jansen (marieke@vandijk.example, +31612345678) is wrong"
    told = [shop.run("sync", "-vv")]
    shop.office.deliver(starting_worlds.DOMESTIC)
    behaviour.announcements_fail_with = quoted
    told.append(shop.run("sync", "-vv"))
    behaviour.announcements_fail_with = None
    shop.office.deliver(starting_worlds.NO_HOUSE_NUMBER)
    shop.office.deliver(starting_worlds.EXPORT)
    for status, body in (
        (400, {"errors": [{"detail": quoted, "code": "invalid"}]}),
        (500, {"error": quoted}),
        (403, {}),
    ):
        shop.pass_time(minutes=20)
        faults.answer_instead(
            "*", "announce", status=status, text=json.dumps(body), content_type="application/json"
        )
        told.append(shop.run("labels", "retry", "--delivery", "20001", "--yes", "-vv"))
    faults.lose_answer("POST", "announce")
    faults.answer_instead(
        "GET", "crm/Accounts", status=200, text='{"d": {"results": [{"Name": "Marieke Jansen", "ID": 5}]}}'
    )
    told += [shop.run("sync", "-vv") for _ in range(3)]
    shop.pass_time(minutes=20)
    told += [shop.run("sync", "-vv", "--json") for _ in range(2)]
    return told


def said(finished: Finished) -> str:
    return finished.out + finished.err


def test_the_page_of_the_report_tells_neither(shop: Shop) -> None:
    a_hard_day(shop)

    assert shop.run("report", "--output", str(shop.folder / "report.html")).status == 0

    page = (shop.folder / "report.html").read_text(encoding="utf-8")
    assert len(page) > 10_000
    assert found_in(page, secrets(shop)) == []
    assert found_in(page, personal(shop)) == []


def test_nothing_that_is_printed_or_logged_tells_a_secret_or_a_customer(shop: Shop) -> None:
    text = "".join(map(said, a_hard_day(shop)))
    text += "".join(_kept(command, shop.run(*command, "-vv")) for command in LOOKS[:-1])
    assert len(text) > 10_000
    assert found_in(text, secrets(shop)) == []
    assert found_in(text, personal(shop)) == []


def _kept(command: tuple[str, ...], finished: Finished) -> str:
    """What a log would keep of it. ``explain`` asks Exact, and shows the person who asked where the parcel goes."""
    return finished.err if command[0] == "explain" else said(finished)


def test_explain_shows_whoever_asks_where_the_parcel_goes_and_no_secret(shop: Shop) -> None:
    a_hard_day(shop)
    asked, remembered = shop.run("explain", "4711", "-vv"), shop.run("explain", "4711", "--offline", "-vv")

    assert found_in(asked.out, personal(shop)) != []
    assert found_in(said(asked), secrets(shop)) == []
    assert found_in(said(remembered), personal(shop)) == []


def test_no_document_does_but_a_dry_run_shows_its_requests(shop: Shop) -> None:
    a_hard_day(shop)
    for command in LOOKS[:-1]:
        printed = shop.run(*command, "--json").out
        assert found_in(printed, secrets(shop) | personal(shop)) == [], command
    assert found_in(shop.run("sync", "--dry-run", "--json", "-vv").out, secrets(shop)) == []


def test_no_file_of_the_ledger_does(shop: Shop) -> None:
    a_hard_day(shop)
    values = secrets(shop) | personal(shop)
    files = [path for path in (shop.state / str(starting_worlds.DIVISION)).rglob("*") if path.is_file()]
    assert len(files) > 2
    for path in files:
        assert found_in(path.read_text(), values) == [], path.name


def test_neither_a_ping_nor_the_metrics_do(shop: Shop, monitoring: Keeper) -> None:
    metrics = shop.folder / "exactsend.prom"
    config = shop.config_path.read_text()
    url = f"{monitoring.url}/5f1a0a52-check"
    shop.config_path.write_text(f'{config}\n[monitoring]\nping_url = "{url}"\nmetrics_file = "{metrics}"\n')
    told = "".join(map(said, a_hard_day(shop)))
    values = secrets(shop) | personal(shop)
    received = [
        f"{asked.method} {asked.target}\n{asked.headers}\n{asked.body!r}" for asked in monitoring.taken
    ]
    assert received
    assert found_in("".join(received), values) == []
    assert found_in(metrics.read_text(), values) == []
    assert "5f1a0a52-check" not in told


def test_a_crash_tells_where_and_not_about_whom(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run("sync")
    shop.deliver_all()
    told = " ".join([*secrets(shop), "Marieke Jansen", "marieke@vandijk.example", "Oudegracht 231-A"])

    def crash(*_: object) -> object:
        try:
            return dict[str, str]()[told]
        except KeyError as first:
            raise ValueError(f"unexpected: {told}") from first

    monkeypatch.setattr(labels, "decide_delivery", crash)
    for more in ((), ("-vv",), ("--json",)):
        finished = shop.run("sync", *more)
        assert finished.status == 70
        assert "ValueError" in finished.err
        assert "test_secrets.py" in finished.err
        assert found_in(said(finished), secrets(shop)) == []
        assert found_in(said(finished), personal(shop)) == []


def test_an_answer_of_the_wrong_shape_is_not_quoted(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    wrong = {
        "d": {
            "results": [
                {"ID": ["Marieke Jansen"], "Name": {"x": "Oudegracht 231-A"}, "EntryID": {"Name": "Marieke"}}
            ]
        }
    }
    for path in ("GoodsDeliver", "Accounts", "Addresses", "SalesOrders"):
        shop.sandbox.faults.answer_instead(
            "GET", path, status=200, text=json.dumps(wrong), content_type="application/json", times=3
        )
        finished = shop.run("sync", "-vv")
        shop.sandbox.faults.clear()
        assert finished.status in {0, 1, 7}, finished.err[-1500:]
        assert found_in(said(finished), personal(shop)) == []


def test_a_lost_sign_in_tells_no_token(shop: Shop) -> None:
    shop.run("sync")
    known = secrets(shop)
    shop.pass_time(minutes=11)
    stolen = json.dumps({"error": "invalid_grant", "error_description": " ".join(sorted(known))})
    shop.sandbox.faults.answer_instead(
        "POST", "oauth2/token", status=400, text=stolen, content_type="application/json", times=None
    )
    finished = shop.run("sync", "-vv")
    assert finished.status in {4, 7}
    assert found_in(said(finished), known) == []


def test_no_command_takes_a_secret_as_an_argument() -> None:
    named = {option for options in commands().values() for option in options}
    assert "--config" in named
    error_code = "--code"  # of ``labels accept``: no sign-in's
    assert [
        name
        for name in named - {error_code}
        if any(word in name for word in ("secret", "token", "password", "key", "code"))
    ] == []
