"""What a sync tells people, word for word."""

import json
from textwrap import dedent

from tests.shop import Shop


def _text(literal: str) -> str:
    return dedent(literal).lstrip("\n")


def test_orders_that_were_sent_are_listed(shop: Shop) -> None:
    finished = shop.run("sync")

    assert finished.err == ""
    assert finished.out == _text(
        """
        order 4711  sent to the incoming orders
        order 4712  sent to the incoming orders
        order 4713  sent to the incoming orders
        order 4714  sent to the incoming orders
        order 4715  sent to the incoming orders
        order 4716  sent to the incoming orders
        6 incoming orders sent
        """
    )


def test_a_dry_run_says_what_would_be_done_and_what_costs_money(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    mark = len(shop.sandbox.calls)

    finished = shop.run("sync", "--dry-run")

    assert finished.status == 0
    assert finished.out == _text(
        """
        labels to buy, which cost money
          delivery 20001 of 4711  postnl:standard, 6.25 EUR
          delivery 20002 of 4712  dpd:home, 8.95 EUR
          delivery 20003 of 4713  postnl:service-point, 5.40 EUR
          delivery 20004 of 4714  dhl_express:worldwide, 39.50 EUR
          delivery 20005 of 4715  postnl:standard, 6.25 EUR
          delivery 20006 of 4716  postnl:standard, 6.25 EUR
          delivery 20007 of 4716  postnl:standard, 6.25 EUR
        in all: 7 to buy, labels for 78.85 EUR
        """
    )
    # A service point is checked, and prices are asked for, with POSTs that change nothing.
    written = [call.path for call in shop.sandbox.calls_since(mark) if call.is_write]
    assert all(path.endswith(("/check-availability", "/shipping-options")) for path in written)


def test_a_run_with_labels_tells_the_whole_story(shop: Shop) -> None:
    shop.run("sync")
    shop.office.deliver(4711)
    shop.office.deliver(4715)

    finished = shop.run("sync")

    (label,) = shop.panel.labels()
    (error,) = json.loads(shop.run("errors", "--json").out)["errors"]
    assert finished.status == 1
    assert finished.out == _text(
        f"""
        delivery 20001  label bought: {label.tracking_number}
        delivery 20002  no label: {error["message"]} ({error["detail"]})
                        → {error["remedy"]}
        delivery 20001  withdrawn from the incoming orders (has its label)
        delivery 20002  sent to the incoming orders
        delivery 20001  tracking written to Exact: {label.tracking_number}
        1 incoming order sent, 1 incoming order withdrawn, 1 label bought, 1 tracking number written to Exact, 1 needs a person
        """
    )


def test_a_run_with_nothing_to_do_says_so(shop: Shop) -> None:
    shop.run("sync")

    assert shop.run("sync").out == "nothing to do\n"


def test_a_quiet_run_that_changed_nothing_prints_nothing(shop: Shop) -> None:
    shop.run("sync")

    finished = shop.run("sync", "--quiet")

    assert (finished.out, finished.err) == ("", "")


def test_a_quiet_run_that_changed_something_tells_it(shop: Shop) -> None:
    assert shop.run("--quiet", "sync").out.startswith("order 4711  sent to the incoming orders\n")


def test_an_error_that_stands_does_not_break_the_silence_of_a_quiet_run(shop: Shop) -> None:
    shop.run("sync")
    shop.deliver_all()
    shop.run("sync")

    finished = shop.run("sync", "-q")

    assert (finished.status, finished.out, finished.err) == (1, "", "")


def test_each_step_can_be_run_alone(shop: Shop) -> None:
    shop.run("sync-orders")
    shop.deliver_all()

    assert "labels bought" in shop.run("sync-deliveries").out
    assert "tracking numbers written to Exact" in shop.run("writeback-tracking").out
    assert shop.run("sync", "-q").out == ""


def test_progress_is_shown_on_a_terminal_only(shop: Shop) -> None:
    on_a_terminal = shop.run("sync", tty=True)
    shop.deliver_all()

    assert "\x1b[" in on_a_terminal.err
    assert "\x1b" not in on_a_terminal.out
    assert "\x1b" not in shop.run("sync", "-v").err
    assert shop.run("sync", "--json", tty=True).err.startswith("exactsend: some orders")


def test_logs_go_to_stderr_and_show_no_secret(shop: Shop) -> None:
    finished = shop.run("sync", "-vv")

    assert "api=Exact method=GET" in finished.err
    assert "order_push" in finished.err
    assert "sandbox-secret" not in finished.err
    assert "sandbox-client-secret" not in finished.err
    assert "Bearer ey" not in finished.err
    assert all(not line.startswith("20") for line in finished.out.splitlines())


def test_what_came_from_an_api_never_steers_the_terminal(shop: Shop) -> None:
    shop.office.edit_order(4711, YourRef="SP:\x1b[31m")
    shop.office.correct_item("MUG", Description="\x1b]0;mug\x07")

    finished = shop.run("sync", "--dry-run", "--json", tty=True)

    assert "\x1b]" not in finished.out
    assert "\x07" not in finished.out
