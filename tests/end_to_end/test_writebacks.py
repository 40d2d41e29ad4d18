"""What arrives in Exact: number, remarks and label, once each, and nothing of a person's overwritten (S12, S14)."""

from collections.abc import Callable
from datetime import timedelta

from exactsend.errors import ExitStatus
from exactsend.http.messages import Call
from exactsend.sandbox.exact.broken_fields import MISSING
from tests.end_to_end.shop import AUTOMATIC, Shop, open_shop, told

SOON = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def a_delivery(shop: Shop, **fields: object) -> int:
    return shop.office.deliver(shop.place(), **fields)  # type: ignore[arg-type]  # fields of the delivery


def tracking_line(shop: Shop, delivery: int) -> str:
    return f"Track & trace: {shop.lives_of(delivery)[0].parcels[0].tracking_url}"


# ── remarks ──────────────────────────────────────────────────────────────────────────────────────


def test_remarks_that_are_there_stay(shop: Shop) -> None:
    delivery = a_delivery(shop, Remarks="Ring twice.\r\nBeware of the dog.")
    shop.run(after=SOON)
    assert shop.office.remarks(delivery).startswith("Ring twice.\r\nBeware of the dog.")
    assert shop.office.remarks(delivery).endswith(tracking_line(shop, delivery))


def test_the_line_is_added_once_even_if_the_answer_to_the_put_was_lost(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.lose_answer("PUT", "GoodsDeliveries", times=None)
    shop.run(after=SOON)
    shop.sandbox.faults.clear()
    shop.run(after=HOUR)
    assert shop.office.remarks(delivery) == tracking_line(shop, delivery)
    assert shop.record(delivery).is_written_back


def meanwhile(shop: Shop, method: str, path: str, action: Callable[[], object]) -> None:
    """Have something happen right after the first call of this kind."""
    done: list[object] = []

    def fault_hook(when: str, call: Call) -> None:
        if when == "after" and call.method == method and path in call.path and not done:
            done.append(action())

    shop.with_hooks(call_hook=fault_hook)


def test_remarks_that_a_person_writes_during_the_run_stay(shop: Shop) -> None:
    delivery = a_delivery(shop)
    meanwhile(shop, "POST", "Attachments", lambda: shop.office.edit_delivery(delivery, Remarks="Fragile"))
    shop.run(after=SOON)
    assert shop.office.remarks(delivery) == "Fragile\n" + tracking_line(shop, delivery)


def test_a_number_that_a_person_enters_while_the_label_is_attached_stays(shop: Shop) -> None:
    delivery = a_delivery(shop)
    meanwhile(
        shop, "POST", "Attachments", lambda: shop.office.edit_delivery(delivery, TrackingNumber="by hand")
    )
    shop.run(after=SOON)
    assert (shop.office.tracking(delivery), shop.problem(delivery, "writeback")) == (
        "by hand",
        "tracking_taken",
    )


def test_what_was_read_a_while_ago_is_read_again_before_the_next_number_is_written(shop: Shop) -> None:
    first, second = a_delivery(shop), a_delivery(shop)

    def wait() -> None:
        shop.clock.advance(timedelta(seconds=60))
        shop.office.edit_delivery(second, Remarks="Fragile")

    meanwhile(shop, "PUT", "GoodsDeliveries", wait)
    shop.run(after=SOON)
    assert shop.office.remarks(first) == tracking_line(shop, first)
    assert shop.office.remarks(second) == "Fragile\n" + tracking_line(shop, second)


def test_labels_are_attached_before_the_numbers_are_written_and_one_reading_serves_all(shop: Shop) -> None:
    for _ in range(3):
        a_delivery(shop)
    shop.run(after=SOON)
    calls = [
        (call.method, call.path.rpartition("/")[2].partition("(")[0])
        for call in shop.sandbox.calls_since(shop.mark)
    ]
    attached = max(place for place, call in enumerate(calls) if call == ("POST", "DocumentAttachments"))
    assert calls[attached + 1 :] == [
        ("GET", "GoodsDeliveries"),
        *[("PUT", "GoodsDeliveries")] * 3,
        ("GET", "GoodsDeliveries"),
    ]


def test_an_outage_while_labels_are_fetched_holds_back_no_number_whose_label_is_attached(shop: Shop) -> None:
    first, second = a_delivery(shop), a_delivery(shop)
    meanwhile(
        shop,
        "POST",
        "Attachments",
        lambda: shop.sandbox.faults.answer_instead("GET", "documents/label", status=429, times=None),
    )
    assert shop.run(after=SOON).exit_status is ExitStatus.API
    assert (bool(shop.office.tracking(first)), bool(shop.office.tracking(second))) == (True, False)
    shop.sandbox.faults.clear()
    shop.run(after=HOUR)
    assert shop.office.tracking(second)
    assert [len(shop.office.attachments(number)) for number in (first, second)] == [1, 1]
    assert len(shop.office.documents()) == 2


def test_what_is_attached_stays_known_where_the_delivery_can_not_be_read_right_after(shop: Shop) -> None:
    first, second = a_delivery(shop), a_delivery(shop)
    broken = shop.sandbox.world.exact.broken_fields
    meanwhile(
        shop,
        "POST",
        "Attachments",
        lambda: broken.break_field("GoodsDeliveries", shop.delivery_id(first), "TrackingNumber", MISSING),
    )
    shop.run(after=SOON)
    assert (shop.office.tracking(first), bool(shop.office.tracking(second))) == ("", True)
    broken.mend()
    shop.run(after=HOUR)
    assert shop.office.tracking(first)
    assert len(shop.office.documents()) == 2


def test_a_document_that_somebody_links_while_the_label_is_attached_takes_the_label_too(shop: Shop) -> None:
    delivery = a_delivery(shop)
    linked: list[str] = []
    meanwhile(
        shop,
        "POST",
        "Attachments",
        lambda: linked.append(shop.office.link_document(delivery, "Packing list")),
    )
    shop.run(after=SOON)
    assert shop.office.delivery(delivery).text("Document") == linked[0]
    assert (shop.office.tracking(delivery) != "", len(shop.office.attachments(delivery))) == (True, 1)
    assert shop.record(delivery).is_written_back


def test_a_replaced_label_replaces_its_line_and_nothing_else(shop: Shop) -> None:
    delivery = a_delivery(shop, Remarks="Ring twice.")
    shop.run(after=SOON)
    shop.office.edit_delivery(delivery, Remarks=shop.office.remarks(delivery) + "\r\nPaid in cash.")
    shop.clock.advance(SOON)
    shop.panel.cancel_label("4711")
    shop.ask(delivery, another=2)
    remarks = shop.office.remarks(delivery).splitlines()
    assert remarks == ["Ring twice.", tracking_line(shop, delivery), "Paid in cash."]
    assert shop.office.tracking(delivery) == shop.lives_of(delivery)[0].tracking_number
    assert len(shop.office.documents()) == 1
    assert len(shop.office.attachments(delivery)) == 2


# ── the tracking number ──────────────────────────────────────────────────────────────────────────


def test_a_number_that_somebody_entered_is_not_overwritten_until_it_is_emptied(shop: Shop) -> None:
    shop.behaviour.announce_answers_announcing = True
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    shop.office.edit_delivery(delivery, TrackingNumber="by hand")
    run = shop.run(after=SOON)
    assert shop.office.tracking(delivery) == "by hand"
    assert shop.problem(delivery, "writeback") == "tracking_taken"
    assert run.exit_status is ExitStatus.ATTENTION
    assert shop.run(after=SOON).exit_status is ExitStatus.ATTENTION
    assert shop.written == []
    shop.office.edit_delivery(delivery, TrackingNumber="")
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
    assert shop.office.tracking(delivery) == shop.lives_of(delivery)[0].tracking_number


def test_a_number_that_exact_cuts_off_is_told_and_not_written_again(shop: Shop) -> None:
    shop.sandbox.world.exact.behaviour.tracking_number_length = 8
    delivery = a_delivery(shop)
    shop.run(after=SOON)
    assert shop.problem(delivery, "writeback") == "tracking_truncated"
    assert shop.lives_of(delivery)[0].tracking_number in shop.office.remarks(delivery)
    for pause in (SOON, HOUR, timedelta(days=1)):
        shop.run(after=pause)
        assert shop.written == []


def test_a_refused_number_is_tried_again_later(shop: Shop) -> None:
    delivery = a_delivery(shop)
    refusal = '{"error": {"code": "", "message": {"lang": "", "value": "Delivery is locked"}}}'
    shop.sandbox.faults.answer_instead(
        "PUT", "GoodsDeliveries", status=400, text=refusal, content_type="application/json"
    )
    assert ("writeback", "failed", "writeback_refused") in told(shop.run(after=SOON))
    shop.run(after=SOON)
    assert shop.office.tracking(delivery) == ""
    assert shop.run(after=HOUR).exit_status is ExitStatus.DONE
    assert shop.office.tracking(delivery)


def test_a_put_that_exact_drops_silently_is_noticed(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.answer_instead("PUT", "GoodsDeliveries", status=204)
    run = shop.run(after=SOON)
    assert ("writeback", "failed", "writeback_failed") in told(run)
    shop.run(after=HOUR)
    assert shop.office.tracking(delivery)


def test_another_divisions_delivery_is_never_written(shop: Shop) -> None:
    a_delivery(shop)
    shop.run(after=SOON)
    puts = [call for call in shop.sandbox.writes("exact") if call.method == "PUT"]
    assert puts
    assert all(call.path.startswith("/api/v1/1234567/") for call in puts)


# ── the label as a document ──────────────────────────────────────────────────────────────────────


def test_a_document_that_is_there_takes_the_label(shop: Shop) -> None:
    delivery = a_delivery(shop)
    document = shop.office.link_document(delivery, "Packing list")
    shop.run(after=SOON)
    assert [row.key for row in shop.office.documents()] == [document]
    assert len(shop.office.attachments(delivery)) == 1


def test_a_document_that_fails_never_holds_back_the_number(shop: Shop) -> None:
    shop.office.set_right("organization documents", None)
    delivery = a_delivery(shop)
    shop.sandbox.faults.answer_instead("POST", "/documents/", status=403, times=None)
    run = shop.run(after=SOON)
    assert shop.office.tracking(delivery)
    assert shop.problem(delivery, "writeback") == "writeback_failed"
    assert run.exit_status is ExitStatus.ATTENTION


def test_a_document_that_failed_is_made_up_for(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.answer_instead("POST", "/documents/", status=500)
    shop.run(after=SOON)
    assert shop.office.attachments(delivery) == []
    shop.run(after=HOUR)
    assert len(shop.office.attachments(delivery)) == 1
    assert shop.problem(delivery, "writeback") == ""


def test_a_document_whose_answer_was_lost_is_found_by_its_subject(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.lose_answer("POST", "/documents/Documents")
    shop.run(after=SOON)
    shop.run(after=HOUR)
    assert len(shop.office.documents()) == 1
    assert len(shop.office.attachments(delivery)) == 1


def test_an_attachment_whose_answer_was_lost_is_found_under_its_document(shop: Shop) -> None:
    delivery = a_delivery(shop)
    shop.sandbox.faults.lose_answer("POST", "/documents/DocumentAttachments")
    shop.run(after=SOON)
    shop.run(after=HOUR)
    assert len(shop.office.documents()) == 1
    assert len(shop.office.attachments(delivery)) == 1


def test_without_attaching_there_is_no_document(tmp_path: object) -> None:
    with open_shop(tmp_path, labels={**AUTOMATIC, "attach_to_delivery": "false"}) as shop:  # type: ignore[arg-type]  # a Path
        shop.run()
        delivery = a_delivery(shop)
        shop.run(after=SOON)
        assert shop.office.tracking(delivery)
        assert shop.office.documents() == []
        assert shop.record(delivery).is_written_back


# ── after the label ──────────────────────────────────────────────────────────────────────────────


def labelled(shop: Shop) -> int:
    number = shop.place()
    shop.run(after=SOON)
    delivery = shop.office.deliver(number)
    shop.run(after=SOON)
    return delivery


def test_an_order_cancelled_after_its_label_is_told_and_the_label_untouched(shop: Shop) -> None:
    delivery = labelled(shop)
    shop.office.edit_order(4711, Status=45)
    run = shop.run(after=SOON)
    assert shop.problem(delivery) == "cancelled_after_label"
    assert run.exit_status is ExitStatus.ATTENTION
    assert shop.written == []
    shop.run(after=timedelta(days=1))
    assert shop.problem(delivery) == "cancelled_after_label"


def test_an_order_unapproved_after_its_label_is_told_until_it_is_approved_again(shop: Shop) -> None:
    delivery = labelled(shop)
    shop.office.unapprove_order(4711)
    shop.run(after=SOON)
    assert shop.problem(delivery) == "cancelled_after_label"
    shop.office.approve_order(4711)
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE


def test_a_delivery_deleted_after_its_label_is_told(shop: Shop) -> None:
    delivery = labelled(shop)
    key = shop.delivery_id(delivery)
    shop.office.delete_delivery(delivery)
    run = shop.run(after=HOUR)
    record = shop.records.delivery(key)
    assert record is not None
    assert record.problems["label"].code == "cancelled_after_label"
    assert run.exit_status is ExitStatus.ATTENTION
    assert not any("shipments" in name for name in shop.written)


def test_an_order_deleted_after_its_label_is_told(shop: Shop) -> None:
    delivery = labelled(shop)
    shop.office.delete_order(4711)
    run = shop.run(after=HOUR)
    assert shop.problem(delivery) == "cancelled_after_label"
    assert run.exit_status is ExitStatus.ATTENTION


def test_another_quantity_after_the_label_is_told_and_not_when_it_is_put_back(shop: Shop) -> None:
    delivery = labelled(shop)
    shop.office.edit_delivery_line(delivery, "MUG", QuantityDelivered=1)
    shop.run(after=SOON)
    assert shop.problem(delivery) == "changed_after_label"
    assert shop.written == []
    shop.office.edit_delivery_line(delivery, "MUG", QuantityDelivered=2)
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE


def test_another_address_after_the_label_is_told(shop: Shop) -> None:
    delivery = labelled(shop)
    account = shop.office.delivery(delivery).text("DeliveryAccount")
    other = shop.office.add_address(account, "Nieuwe Weg 9", postcode="3512 AB", city="Utrecht")
    shop.office.edit_delivery(delivery, DeliveryAddress=other)
    shop.run(after=SOON)
    assert shop.problem(delivery) == "changed_after_label"
    assert shop.written == []


def test_an_address_changed_between_purchase_and_write_back_is_told_by_the_next_run(shop: Shop) -> None:
    delivery = shop.office.deliver(shop.place())
    account = shop.office.delivery(delivery).text("DeliveryAccount")
    other = shop.office.add_address(account, "Nieuwe Weg 9", postcode="3512 AB", city="Utrecht")
    done: list[bool] = []

    def fault_hook(when: str, call: object) -> None:
        if when == "after" and "/announce" in getattr(call, "path", "") and not done:
            done.append(True)
            shop.office.edit_delivery(delivery, DeliveryAddress=other)

    shop.with_hooks(call_hook=fault_hook)
    shop.run(after=SOON)
    assert done
    shop.restart()
    shop.run(after=SOON)
    shop.run(after=SOON)
    assert shop.problem(delivery) == "changed_after_label"


def test_what_changed_in_the_configuration_is_no_change_of_the_delivery(shop: Shop) -> None:
    labelled(shop)
    config = shop.process.state.parent / "config.toml"
    config.write_text(config.read_text().replace('"PNL" = "postnl:standard"', '"PNL" = "dpd:home"'))
    from exactsend.settings.load import load_settings  # noqa: PLC0415

    shop.settings = load_settings(config)
    shop.restart()
    shop.office.edit_order(4711, YourRef="changed")
    assert shop.run(after=SOON).exit_status is ExitStatus.DONE
