"""What explain says was sent is what the services were sent, and what it says came back is what they answered. Over real HTTP."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from exactsend.engine.division_run import Progress, RunOptions, open_division
from exactsend.http.messages import Call
from exactsend.sandbox import starting_worlds
from exactsend.sandbox.server import RecordedCall
from exactsend.sendcloud.wire import cancel
from exactsend.trade.request_masking import request_kept
from exactsend.views.data.ledger_queries import ledger_queries
from exactsend.views.data.request_history import RequestPurpose
from exactsend.views.text.request_view import answer_text
from tests.end_to_end.shop import open_shop
from tests.shop import Shop

Row = dict[str, Any]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as shop:
        shop.connect()
        yield shop
        assert shop.sandbox.crashes == []


def sent(shop: Shop, number: str, *more: str) -> list[Row]:
    """What explain says was sent about a number."""
    (found,) = json.loads(shop.run("explain", number, "--json", *more).out)["found"]
    rows: list[Row] = found["sent"]
    return rows


def of(rows: list[Row], purpose: str) -> list[Row]:
    return [row for row in rows if row["purpose"] == purpose]


def _text(call: RecordedCall) -> str:
    return f"{call.path} {json.dumps(call.body)}".lower()


def as_kept(call: RecordedCall, order: int, shop: Shop) -> tuple[str, object, int]:
    """A call as the services got it, masked as the ledger masks it, of a list the part about this order."""
    body = request_kept(Call("POST", "/", body=call.body))  # type: ignore[arg-type]  # parsed JSON
    if isinstance(body, list):
        mine = shop.office.order_id(order).lower()
        body = [row for row in body if mine in str(row)]
    path = unquote(call.path).removeprefix("/api/v3")
    return f"{call.method} {path}", body, call.status


def as_told(row: Row) -> tuple[str, object, int]:
    return row["call"], row["request"], row["status"]


def test_what_is_told_is_what_each_service_was_sent_from_the_entry_to_the_write_back(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.pass_time(minutes=5)
    shop.run("sync")
    shop.run("labels", "cancel", "--delivery", "20001", "--yes")
    about = [
        call
        for call in shop.sandbox.calls
        if call.is_write
        and (call.api == "exact" or "4711" in _text(call) or call.method == "DELETE" or "cancel" in call.path)
    ]

    told = sent(shop, "4711", "--offline")

    assert [as_told(row) for row in told] == [as_kept(call, starting_worlds.DOMESTIC, shop) for call in about]
    assert [row["purpose"] for row in told] == [
        "order_push", "label_buy", "order_withdraw", "document", "attachment", "delivery_update", "label_cancel", "order_push", "delivery_update",
    ]  # fmt: skip


def test_the_times_and_the_run_are_those_of_the_call_and_of_the_command(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.pass_time(minutes=5)
    shop.run("labels", "create", "--delivery", "20001", "--yes", tty=True)
    shop.env["INVOCATION_ID"] = "1f2e"
    shop.pass_time(minutes=5)
    shop.run("labels", "cancel", "--delivery", "20001", "--yes")

    told = sent(shop, "4711", "--offline")

    who = {(row["purpose"], row["at"], row["command"], row["means"]) for row in told}
    assert ("order_push", "2026-11-23T09:00:00Z", "sync", "unattended") in who
    assert ("label_buy", "2026-11-23T09:05:00Z", "labels create", "terminal") in who
    assert ("label_cancel", "2026-11-23T09:10:00Z", "labels cancel", "systemd") in who
    assert len({row["run"] for row in told}) == 3


def test_of_a_call_about_several_orders_each_tells_its_own_part(shop: Shop) -> None:
    shop.run("sync")

    (mine,), (others,) = sent(shop, "4711", "--offline"), sent(shop, "4713", "--offline")

    assert [row["order_number"] for row in mine["request"]] == ["4711"]
    assert (mine["with_others"], others["with_others"]) == (5, 5)
    (entry,) = [order for order in shop.panel.incoming() if order.order_number == "4711"]
    assert mine["answer"]["data"] == [{"id": entry.pk, "order_id": entry.order_id}]


def test_of_deliveries_that_are_written_together_each_tells_its_own_write(shop: Shop) -> None:
    shop.run("sync")
    deliveries = shop.deliver_all()
    shop.run("sync")

    for delivery in deliveries:
        mine = shop.office.delivery_id(delivery).lower()
        told = of(sent(shop, str(delivery), "--offline"), "delivery_update")
        written = 1 if shop.office.tracking(delivery) else 0
        assert sum(mine in row["call"] for row in told) == written
    assert sum(bool(shop.office.tracking(number)) for number in deliveries) > 1


def test_an_order_that_was_refused_tells_why_and_the_others_that_it_was_not_them(shop: Shop) -> None:
    refusal = {
        "errors": [
            {"code": "invalid", "detail": "Oudegracht is no street", "source": {"pointer": "/data/[0]/x"}}
        ]
    }
    shop.sandbox.faults.answer_instead(
        "POST", "/orders", status=400, text=json.dumps(refusal), content_type="application/json"
    )
    shop.run("sync")

    accused, other = sent(shop, "4711", "--offline"), sent(shop, "4712", "--offline")

    assert accused[0]["answer"]["errors"][0]["detail"] == "<address_line_1> is no street"
    assert other[0]["answer"] == {"status": 400, "error": "refused", "errors": [], "for_another_order": True}
    assert [row["status"] for row in other] == [400, 201]
    assert "refused because of another order in the same call" in shop.run("explain", "4712", "--offline").out


def test_a_purchase_whose_answer_was_lost_tells_what_was_sent_and_that_nothing_came(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.pass_time(minutes=5)
    shop.sandbox.faults.lose_call("POST", "announce")
    shop.run("sync")

    (bought,) = of(sent(shop, "20001", "--offline"), "label_buy")

    assert bought["request"]["to_address"]["name"] == "<name>"
    assert (bought["status"], bought["answer"]["error"]) == (None, "unanswered")
    assert "label requested: no answer came" in shop.run("explain", "20001", "--offline").out


def test_a_label_that_failed_tells_the_carriers_words_without_the_person(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.pass_time(minutes=5)
    shop.sandbox.world.sendcloud.behaviour.announcements_fail_with = (
        "Marieke Jansen has moved, see https://x.example/y"
    )
    shop.run("sync")

    (bought,) = of(sent(shop, "20001", "--offline"), "label_buy")

    assert bought["answer"]["errors"][0]["detail"].startswith("<name> has moved, see <url>")
    assert "ANNOUNCEMENT_FAILED" in shop.run("explain", "20001", "--offline").out


def test_a_write_back_that_exact_refused_tells_what_was_to_be_written(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.pass_time(minutes=5)
    shop.sandbox.faults.answer_instead(
        "PUT",
        "GoodsDeliveries",
        status=400,
        text='{"error": {"message": {"value": "Locked"}}}',
        content_type="application/json",
    )
    shop.run("sync")

    (put,) = of(sent(shop, "20001", "--offline"), "delivery_update")

    (label,) = shop.panel.labels("4711")
    assert put["request"]["TrackingNumber"] == label.tracking_number
    assert put["request"]["Remarks"] == "<Remarks>"
    assert put["answer"] == {"status": 400, "error": "refused", "errors": [{"detail": "Locked"}]}


def test_with_show_data_stands_beside_it_what_sendcloud_has_now(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.pass_time(minutes=5)
    shop.run("sync")

    shown = sent(shop, "4711", "--show-data")
    text = shop.run("explain", "4711", "--show-data").out

    (bought,), (pushed,) = of(shown, "label_buy"), of(shown, "order_push")
    assert bought["at_sendcloud_now"]["to_address"]["name"] == "Marieke Jansen"
    assert bought["request"]["to_address"]["name"] == "<name>"
    assert pushed["at_sendcloud_now"] is None
    assert "as Sendcloud has it now: it is gone" in text
    assert 'as Sendcloud has it now: {"id": "5e000000' in text
    assert "at_sendcloud_now" not in sent(shop, "4711")[0]


def test_an_order_that_still_stands_is_shown_as_sendcloud_has_it(shop: Shop) -> None:
    shop.run("sync")

    (pushed,) = sent(shop, "4712", "--show-data")

    assert pushed["at_sendcloud_now"]["order_number"] == "4712"


def test_where_sendcloud_does_not_answer_the_rest_is_told(shop: Shop) -> None:
    shop.run("sync")
    shop.sandbox.faults.answer_instead("GET", "/orders/", status=503, times=None)

    finished = shop.run("explain", "4712", "--show-data")

    assert finished.status == 0
    assert "sandbox: Sendcloud could not be asked: " in finished.err
    assert "sent to the incoming orders" in finished.out


def test_the_history_carries_the_same(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.pass_time(minutes=5)
    shop.run("sync")

    actions = json.loads(shop.run("history", "--json").out)["actions"]

    by_deed = [row for action in actions for row in action["sent"] if "4711" in action["order_numbers"]]
    assert sorted(by_deed, key=str) == sorted(sent(shop, "4711", "--offline"), key=str)
    (bought,) = [action for action in actions if action["event"] == "label_bought"]
    assert [row["purpose"] for row in bought["sent"]] == ["label_buy"]


def test_the_snapshot_knows_nothing_of_it(shop: Shop) -> None:
    shop.run("sync")

    snapshot = (shop.state / "1234567" / "ledger.json").read_text()

    assert "order_items" not in snapshot
    assert "<name>" not in snapshot


def test_an_order_and_its_label_take_no_more_room_than_the_documents_say(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(starting_worlds.DOMESTIC)
    shop.pass_time(minutes=5)
    shop.run("sync")
    lines = [
        json.loads(line)
        for path in (shop.state / "1234567" / "history").glob("*.jsonl")
        for line in path.read_text().splitlines()
    ]
    sizes = {
        row["call"].partition("(")[0]: len(json.dumps(row["body"], separators=(",", ":")))
        // (len(row["body"]) if isinstance(row["body"], list) else 1)
        for line in lines
        for row in line["facts"].get("sent", [])
    }

    assert sizes["POST /orders"] < 1_500
    assert sizes["POST /shipments/announce"] < 1_200


def test_what_an_earlier_version_sent_is_not_told_as_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exactsend.engine.request_log.RequestLog.take", lambda _self: {})
    shop.run("sync")

    assert "nothing is recorded" in shop.run("explain", "4711", "--offline").out


class Died(BaseException):
    """The process is gone: nothing catches this."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_purchase_on_which_the_run_died_is_told_with_no_answer(tmp_path: Path, when: str) -> None:
    def die(now: str, call: Call) -> None:
        if now == when and "announce" in call.path:
            raise Died

    with open_shop(tmp_path / "shop") as shop:
        delivery = shop.office.deliver(shop.place())
        shop.with_hooks(call_hook=die)
        with pytest.raises(Died):
            shop.run(after=timedelta(minutes=5))
        shop.restart()
        found = ledger_queries(shop.wiring, shop.division).search(str(delivery))

        assert found is not None
        (bought,) = [exchange for exchange in found.sent if exchange.purpose is RequestPurpose.LABEL_BUY]
        assert bought.answer is None
        assert bought.body is not None
        assert "no answer is recorded" in answer_text(bought)


def test_what_was_answered_last_is_written_down_by_a_command_that_ends_with_a_call(tmp_path: Path) -> None:
    with open_shop(tmp_path / "shop") as shop:
        shop.run()
        order = shop.place()
        delivery = shop.office.deliver(order)
        shop.run(after=timedelta(minutes=5))
        record = shop.record(delivery)
        assert record.label is not None
        with open_division(shop.wiring, shop.division, RunOptions(), Progress(), {}) as place:
            place.context.request_log.record_and_send(
                record.delivery_id, cancel(record.label.shipment), place.context.sendcloud.cancel
            )
        found = ledger_queries(shop.wiring, shop.division).search(str(delivery))

        assert found is not None
        assert found.sent[-1].purpose is RequestPurpose.LABEL_CANCEL
        assert found.sent[-1].status == 202
