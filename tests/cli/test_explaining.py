"""explain: what is remembered of a number, and what both sides say of it now, told to the person who asks."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.shop import SECOND_SECRETS, TWO_DIVISIONS, Shop


def now(shop: Shop, number: str) -> list[dict[str, Any]]:
    """What is said now of a number, as a document."""
    (division,) = json.loads(shop.run("explain", number, "--json").out)["now"]
    read: list[dict[str, Any]] = division["read"]
    return read


def failed(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(check["rule"], check["found"]) for check in told["checks"] if not check["passed"]]


@pytest.mark.parametrize(
    ("number", "rule", "found"),
    [
        ("4717", "approval", "0"),
        ("4718", "order_date", "2026-10-14"),
        ("4719", "method", "AFH"),
        ("4720", "not_cancelled", "45 cancelled"),
    ],
)
def test_a_number_never_sent_is_told_with_the_rule_that_fails_and_the_value_found(
    busy: Shop, number: str, rule: str, found: str
) -> None:
    (told,) = now(busy, number)

    assert failed(told)[0] == (rule, found)
    assert found in busy.run("explain", number).out


def test_the_address_is_shown_as_it_is_sent_with_the_source_of_each_field(busy: Shop) -> None:
    lines = [" ".join(line.split()) for line in busy.run("explain", "20001").out.splitlines()]

    assert "address_line_1 Oudegracht from the delivery address of delivery 20001" in lines
    assert "house_number 231-A from the delivery address of delivery 20001, apart from the street" in lines
    assert "name Marieke Jansen from the contact person" in lines


def test_what_was_bought_is_known_to_be_what_would_be_sent_now(busy: Shop) -> None:
    assert "(same as what was sent)" in busy.run("explain", "20001").out


def test_the_label_is_told_as_sendcloud_has_it_now(busy: Shop) -> None:
    assert "Ready to send" in busy.run("explain", "20001").out


def test_a_document_has_no_personal_data_unless_asked(busy: Shop) -> None:
    masked = busy.run("explain", "20001", "--json").out
    shown = busy.run("explain", "20001", "--json", "--show-data").out

    for word in ("Marieke", "Oudegracht", "marieke@vandijk.example", "+31612345678"):
        assert word not in masked
        assert word in shown


def test_the_request_is_shown_whole_where_that_is_asked(busy: Shop) -> None:
    assert "to_address" not in busy.run("explain", "20005").out
    assert "to_address" in busy.run("explain", "20005", "--show-data").out


def test_offline_nothing_personal_is_known(busy: Shop) -> None:
    before = len(busy.sandbox.calls)
    out = busy.run("explain", "20001", "--offline", "--show-data").out

    assert busy.sandbox.calls_since(before) == []
    assert "Marieke" not in out
    assert "label bought" in out


def test_nothing_is_written_anywhere_by_asking(busy: Shop) -> None:
    ledger = busy.state / "1234567"
    before = {path: path.read_bytes() for path in ledger.rglob("*") if path.is_file()}
    calls = len(busy.sandbox.calls)
    busy.run("explain", "4711")

    assert {path: path.read_bytes() for path in ledger.rglob("*") if path.is_file()} == before
    assert not [call for call in busy.sandbox.calls_since(calls) if call.is_write]


def test_a_service_that_is_down_costs_its_part_of_the_answer_and_no_more(shop: Shop) -> None:
    shop.run("sync")
    shop.sandbox.faults.answer_instead("GET", "salesorder/SalesOrders", status=503, times=99)

    finished = shop.run("explain", "4712")

    assert finished.status == 0
    assert "order 4712: sent" in finished.out
    assert "exactsend: sandbox: the services could not be asked: " in finished.err


def test_every_division_that_was_named_is_asked(tmp_path: Path) -> None:
    with Shop(tmp_path, config=TWO_DIVISIONS) as shop:
        shop.env |= SECOND_SECRETS
        shop.connect()
        document = json.loads(shop.run("explain", "4711", "--all", "--json").out)

    assert [row["division"] for row in document["now"]] == ["sandbox", "second"]
